"""Durations on a logarithmic scale: a few numbers say how many thousands of answers are spread.

Each bin is a tenth wider than the one before, so a percentile that is read off bins is off by 5 % at most.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import log

ERROR = 0.05
"""By how much of itself a percentile can be off."""

_SMALLEST = 0.1
"""Milliseconds."""
_RATIO = 1.1
_LAST = 254


def bin_of(ms: float | None) -> int | None:
    """Return the bin of so many milliseconds."""
    if ms is None:
        return None
    if ms <= _SMALLEST:
        return 0
    return min(int(log(ms / _SMALLEST) / log(_RATIO)), _LAST)


@lru_cache(_LAST + 1)
def middle(number: int) -> float:
    """Return the milliseconds that a bin stands for."""
    return round(float(_SMALLEST * _RATIO ** (number + 0.5)), 3)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the milliseconds below which that share of the durations lies; None of none."""
    rest = share * (sum(counts.values()) - 1)
    for number, count in sorted(counts.items()):
        rest -= count
        if rest < 0:
            return middle(number)
    return None
