"""How many exchanges a second may begin: held on average, and never more than that in any one second.

It knows no clock, so that every moment can be tried.
"""

from collections import deque
from math import ceil

_CATCH_UP = 0.02
"""Seconds. What a sleep took too long is caught up with; what a stall took is not."""


class Rate:
    """When the next may begin, by when the last did; one for all rounds of a run."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._due = float("-inf")
        self._last_second: deque[float] = deque(maxlen=max(1, ceil(per_second)))

    def wait(self, now: float) -> float:
        """Return the seconds from `now` until the next may begin; 0 or less if it may."""
        starts = self._last_second
        room = starts[0] + 1 if len(starts) == starts.maxlen else self._due
        return max(self._due, room) - now

    def started(self, now: float) -> None:
        """One has begun."""
        self._last_second.append(now)
        self._due = (self._due if now - self._due <= _CATCH_UP else now) + self._gap
