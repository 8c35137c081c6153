"""How fast a run may start its exchanges, by what the event loop can keep up with.

A thousand requests started in one turn of the loop would measure our own queue instead of the axons. So the loop is
given back after every few starts, and what it needs to come round again says how many the next few may be.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Self

_INTERVAL = 0.02
"""Seconds between two looks at the loop while nothing is started."""
_QUICK, _SLOW, _BUSY = 0.0015, 0.003, 0.01
"""Seconds of one turn of the loop: there is time for more starts, for fewer, and even for fewer in flight."""
_FIRST, _FEWEST = 128, 64
"""Exchanges in flight to begin with, and the least that a slow loop brings it down to."""
_MOST_AT_ONCE = 16
_SHARE = 0.99


class Lag:
    """How late the event loop was, whenever it was looked at; in bins of a tenth of a millisecond."""

    def __init__(self) -> None:
        self._seen: Counter[int] = Counter()

    def note(self, seconds: float) -> None:
        """Remember one look."""
        self._seen[max(0, round(seconds * 10_000))] += 1

    def p99(self) -> float | None:
        """Return the seconds that 99 of 100 looks stayed within; None without any."""
        rest = _SHARE * self._seen.total()
        for lag, count in sorted(self._seen.items()):
            rest -= count
            if rest <= 0:
                return lag / 10_000
        return None


class Pace:
    """The number in flight and the number started per turn, growing and shrinking with the loop's own lag."""

    def __init__(self, most: int, lag: Lag, look: Callable[[], None]) -> None:
        """`look` is called whenever the limit may have changed by itself."""
        self.limit = min(_FIRST, most)
        """Exchanges that may be in flight now."""
        self._most = most
        self._lag = lag
        self._changed = look
        self._at_once = 1
        self._started = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def __enter__(self) -> Self:
        self._look_later()
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def started(self) -> None:
        """Count a start; after the last that this turn has room for, wait for the loop to come round."""
        self._started += 1
        if self._started < self._at_once:
            return
        self._started = 0
        before = monotonic()
        await asyncio.sleep(0)
        self.adapt(monotonic() - before, self._at_once)

    def adapt(self, seconds: float, grown: int = 1) -> None:
        """Take note of how long the loop was away, and go on faster or slower."""
        self._lag.note(seconds)
        if seconds > _BUSY:
            self.limit = max(self.limit * 3 // 4, min(_FEWEST, self._most))
        else:
            self.limit = min(self.limit + grown, self._most)
        if seconds > _SLOW:
            self._at_once = max(self._at_once // 2, 1)
        elif seconds < _QUICK:
            self._at_once = min(self._at_once + 1, _MOST_AT_ONCE)

    def _look(self) -> None:
        self.adapt(monotonic() - self._due, _MOST_AT_ONCE)
        self._changed()
        self._look_later()

    def _look_later(self) -> None:
        self._due = monotonic() + _INTERVAL
        self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._look)
