"""Durations on a logarithmic scale: a few numbers say how many thousands of answers are spread.

Each bin is a tenth wider than the one before, so a percentile that is read off bins is off by 5 % at most.
"""

from collections.abc import Mapping, Sequence
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


def percentiles(counts: Mapping[int, int], shares: Sequence[float]) -> list[float | None]:
    """Return the milliseconds below which those shares of the durations lie, the lesser first; None of none."""
    found: list[float | None] = []
    most, below = sum(counts.values()) - 1, 0
    for number, count in sorted(counts.items()):
        below += count
        while len(found) < len(shares) and shares[len(found)] * most < below:
            found.append(middle(number))
    return found or [None] * len(shares)
