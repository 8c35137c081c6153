"""The clock of one exchange: which stage it has reached, how long each took, and when its time is up.

One `asyncio.timeout` per exchange, and one timer: where it fires before the limit of the stage that was reached
meanwhile, it is set again, so that moving from stage to stage costs nothing. Stages are stamped when the socket has
something, not when a task comes round to it.
"""

import asyncio
from time import monotonic
from types import TracebackType
from typing import Self

from dendrite_cli.engine.limits import Limits
from dendrite_cli.model import Timing, Verdict

_BEFORE = frozenset({Verdict.DNS, Verdict.CONNECT_TIMEOUT, Verdict.TLS})
"""The limits of the stages in which nothing could be said yet."""
_TICK = 0.001
"""Seconds that a timer may be early: uvloop counts whole milliseconds."""


class Watch:
    """Starts when the exchange is dispatched, after it got its slot; `async with` it, the exchange ends in time."""

    __slots__ = (
        "_alarm",
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
        "_timeout",
        "_timer",
        "_tls",
        "_ttfb",
    )

    def __init__(self, limits: Limits, queued: float, *, reused: bool = False, since: float | None = None) -> None:
        """Begin with connecting, or with the wait for an answer on a connection that is there already.

        `since`: when the total began to run, where the axon was asked something before.
        """
        self._limits = limits
        self._queued = queued
        self._start = self._mark = now = monotonic()
        self._end = (now if since is None else since) + limits.total
        self._expired = Verdict.FIRST_BYTE_TIMEOUT if reused else Verdict.CONNECT_TIMEOUT
        first_byte = limits.total if limits.first_byte is None else limits.first_byte
        self._stage_limit = first_byte if reused else limits.connect
        self._due = min(self._end, now + self._stage_limit)
        self._dns: float | None = None
        self._connect: float | None = None
        self._tls: float | None = None
        self._ttfb: float | None = None
        self._finished: float | None = None
        self._alarm = self._due
        self._timer: asyncio.TimerHandle | None = None
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._set_timer()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, problem, trace)

    def waiting(self) -> None:
        """We have not begun: a host name waits until a thread of ours is free to look it up."""
        self._enter(Verdict.TIMEOUT, None)

    def resolving(self) -> None:
        """A host name is being looked up, within the time for connecting."""
        self._enter(Verdict.DNS, self._limits.connect)

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

    @property
    def has_expired(self) -> bool:
        """Whether a limit was met, rather than anything else that raises TimeoutError."""
        return self._timeout.expired()

    def expired(self) -> tuple[Verdict, float]:
        """Return which limit was met when the deadline passed, and its seconds."""
        is_late = self._end < self._start + self._limits.total
        if (self.is_connected or is_late) and self._due >= self._end:
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
        self._due = min(self._end, now + self._stage_limit)
        if self._due < self._alarm and self._timer is not None:
            self._timer.cancel()
            self._set_timer()

    def _set_timer(self) -> None:
        # the loop's own clock may count from elsewhere
        loop = asyncio.get_running_loop()
        self._alarm = self._due
        self._timer = loop.call_at(loop.time() + self._due - monotonic(), self._ring)

    def _ring(self) -> None:
        if self._due - monotonic() > _TICK:
            self._set_timer()
        else:
            self._timeout.reschedule(asyncio.get_running_loop().time())
