"""The lowest layer of a ping: whether anything accepts a connection."""

import asyncio
from dataclasses import replace
from typing import cast

from dendrite_cli.engine import faults
from dendrite_cli.engine.address import is_numeric
from dendrite_cli.engine.attempt import Attempt, undone
from dendrite_cli.engine.dial import dial
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Outcome

PROTOCOL = "tcp"


class _Knock(asyncio.Protocol):
    """Says nothing, and hears nothing."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read nothing: what comes was not asked for."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.pause_reading()

    def hang_up(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()


class TcpExchange:
    """Connects to one axon, says nothing and hangs up."""

    def __init__(self, limits: Limits, resolver: Resolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver or Resolver()

    async def __call__(self, slot: Slot) -> Outcome:
        """Return whether the endpoint accepted a connection."""
        axon = slot.axon
        attempt = Attempt(slot, Watch(self._limits, slot.queued, since=slot.since), PROTOCOL)
        try:
            async with attempt.watch:
                knock, address = await dial(_Knock, axon.host, axon.port, self._resolver, attempt.watch)
                attempt.watch.finished()
                knock.hang_up()
                if not is_numeric(axon.host):
                    attempt.axon = replace(axon, address=address)
                return attempt.connected("Connected")
        except Exception as problem:  # noqa: BLE001 - whatever one axon causes is its outcome, not the run's end
            return faults.outcome_of(problem, attempt)

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return undone(slot, PROTOCOL, attempts=attempts)
