"""The clock of one exchange: which stage it has reached, how long each took, and when its time is up.

One `asyncio.timeout` per exchange is moved forward from stage to stage, so that the stage in which it fires says
which limit was met.
"""

import asyncio
from dataclasses import replace

from dendrite_cli.engine.limits import Limits
from dendrite_cli.model import Timing, Verdict


class Watch:
    """Starts when the exchange is dispatched, after it got its slot."""

    def __init__(self, limits: Limits, queued: float) -> None:
        self._limits = limits
        self._now = asyncio.get_running_loop().time
        self._start = self._mark = self._now()
        self._end = self._start + limits.total
        self._expired = Verdict.CONNECT_TIMEOUT
        self._stage_limit = limits.connect
        self._timing = Timing(queued=queued)
        self.deadline = asyncio.timeout_at(min(self._end, self._start + limits.connect))

    def resolving(self) -> None:
        """A host name is being looked up, within the time for connecting."""
        self._expired = Verdict.DNS

    def resolved(self) -> None:
        """The host name was looked up."""
        self._expired = Verdict.CONNECT_TIMEOUT
        self._timing = replace(self._timing, dns=self._lap())

    def connected(self, *, reused: bool = False) -> None:
        """There is a connection; the request is leaving."""
        took = self._lap()
        if not reused:
            self._timing = replace(self._timing, connect=took)
        self._enter(Verdict.FIRST_BYTE_TIMEOUT, self._limits.first_byte)

    def first_byte(self) -> None:
        """The response has begun."""
        self._timing = replace(self._timing, ttfb=self._lap())
        self._enter(Verdict.IDLE_TIMEOUT, self._limits.idle)

    def piece(self) -> None:
        """A piece of the body arrived."""
        self._enter(Verdict.IDLE_TIMEOUT, self._limits.idle)

    @property
    def is_connected(self) -> bool:
        """Whether there was a connection that the request could leave by."""
        return self._expired not in {Verdict.DNS, Verdict.CONNECT_TIMEOUT}

    def timing(self) -> Timing:
        """Return the stages so far; `total` ends now."""
        download = self._now() - self._mark if self._timing.ttfb is not None else None
        return replace(self._timing, download=download, total=self._now() - self._start)

    def expired(self) -> tuple[Verdict, float]:
        """Return which limit was met when the deadline passed, and its seconds."""
        if self.is_connected and self._now() >= self._end:
            return Verdict.TIMEOUT, self._limits.total
        return self._expired, min(self._stage_limit, self._limits.total)

    def _lap(self) -> float:
        now = self._now()
        took, self._mark = now - self._mark, now
        return took

    def _enter(self, expired: Verdict, limit: float | None) -> None:
        self._expired = expired
        self._stage_limit = self._limits.total if limit is None else limit
        self.deadline.reschedule(min(self._end, self._now() + self._stage_limit))
