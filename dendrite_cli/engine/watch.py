"""The clock of one exchange: which stage it has reached, how long each took, and when its time is up.

One `asyncio.timeout` per exchange is moved forward from stage to stage, so that the stage in which it fires says
which limit was met. Stages are stamped when the socket has something, not when a task comes round to it.
"""

import asyncio
from time import monotonic

from dendrite_cli.engine.limits import Limits
from dendrite_cli.model import Timing, Verdict

_BEFORE = frozenset({Verdict.DNS, Verdict.CONNECT_TIMEOUT, Verdict.TLS})
"""The limits of the stages in which nothing could be said yet."""


class Watch:
    """Starts when the exchange is dispatched, after it got its slot."""

    __slots__ = (
        "_connect",
        "_dns",
        "_due",
        "_end",
        "_expired",
        "_finished",
        "_limits",
        "_mark",
        "_queued",
        "_stage_limit",
        "_start",
        "_tls",
        "_ttfb",
        "deadline",
    )

    def __init__(self, limits: Limits, queued: float, *, reused: bool = False) -> None:
        """Begin with connecting, or with the wait for an answer on a connection that is there already."""
        self._limits = limits
        self._queued = queued
        self._start = self._mark = now = monotonic()
        self._end = now + limits.total
        self._expired = Verdict.FIRST_BYTE_TIMEOUT if reused else Verdict.CONNECT_TIMEOUT
        first_byte = limits.total if limits.first_byte is None else limits.first_byte
        self._stage_limit = first_byte if reused else limits.connect
        self._due = min(self._end, now + self._stage_limit)
        self._dns: float | None = None
        self._connect: float | None = None
        self._tls: float | None = None
        self._ttfb: float | None = None
        self._finished: float | None = None
        self.deadline = asyncio.timeout_at(self._on_loop(self._due, now))

    def resolving(self) -> None:
        """A host name is being looked up, within the time for connecting."""
        self._expired = Verdict.DNS

    def resolved(self) -> None:
        """The host name was looked up."""
        self._expired = Verdict.CONNECT_TIMEOUT
        self._dns = self._lap()

    def connected(self) -> None:
        """There is a connection; the request is leaving."""
        self._connect = self._lap()
        self._enter(Verdict.FIRST_BYTE_TIMEOUT, self._limits.first_byte)

    def handshaking(self) -> None:
        """The other end is proving who it is, in another time like that for connecting."""
        self._enter(Verdict.TLS, self._limits.connect)

    def secured(self) -> None:
        """It did; the request is leaving."""
        self._tls = self._lap()
        self._enter(Verdict.FIRST_BYTE_TIMEOUT, self._limits.first_byte)

    def received(self) -> None:
        """A piece of the response arrived."""
        if self._ttfb is None:
            self._ttfb = self._lap()
        self._enter(Verdict.IDLE_TIMEOUT, self._limits.idle)

    def finished(self) -> None:
        """The response is whole."""
        self._finished = monotonic()

    def reconnecting(self) -> None:
        """The connection that was to be used again is gone; the time for connecting begins anew."""
        self._lap()
        self._enter(Verdict.CONNECT_TIMEOUT, self._limits.connect)

    @property
    def is_connected(self) -> bool:
        """Whether there was a connection that the request could leave by."""
        return self._expired not in _BEFORE

    def timing(self) -> Timing:
        """Return the stages so far; `total` ends with the response, or now."""
        end = monotonic() if self._finished is None else self._finished
        download = None if self._ttfb is None else end - self._mark
        return Timing(self._queued, self._dns, self._connect, self._tls, self._ttfb, download, end - self._start)

    def expired(self) -> tuple[Verdict, float]:
        """Return which limit was met when the deadline passed, and its seconds."""
        if self.is_connected and self._due >= self._end:
            return Verdict.TIMEOUT, self._limits.total
        return self._expired, min(self._stage_limit, self._limits.total)

    def _lap(self) -> float:
        now = monotonic()
        took, self._mark = now - self._mark, now
        return took

    def _enter(self, expired: Verdict, limit: float | None) -> None:
        self._expired = expired
        self._stage_limit = self._limits.total if limit is None else limit
        now = monotonic()
        due = min(self._end, now + self._stage_limit)
        if due != self._due:
            self._due = due
            self.deadline.reschedule(self._on_loop(due, now))

    @staticmethod
    def _on_loop(due: float, now: float) -> float:
        """Return a time of the loop's own clock: uvloop's counts from elsewhere, in whole milliseconds."""
        return asyncio.get_running_loop().time() + due - now
