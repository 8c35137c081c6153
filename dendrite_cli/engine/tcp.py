"""The lowest layer of a ping: whether anything accepts a connection."""

import asyncio
from contextlib import suppress

from dendrite_cli.engine import faults
from dendrite_cli.engine.attempt import Attempt, undone
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.http import located
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Outcome, Verdict
from dendrite_cli.protocol import Reading

PROTOCOL = "tcp"


class TcpExchange:
    """Connects to one axon, says nothing and hangs up."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._resolver = Resolver()

    async def __call__(self, slot: Slot) -> Outcome:
        """Return whether the endpoint accepted a connection."""
        attempt = Attempt(slot, Watch(self._limits, slot.queued), PROTOCOL)
        try:
            async with attempt.watch.deadline:
                attempt.axon = await located(slot.axon, self._resolver, attempt.watch)
                _, writer = await asyncio.open_connection(attempt.axon.address or slot.axon.host, slot.axon.port)
                attempt.watch.connected()
                outcome = attempt.answered(Reading(Verdict.OK, None, "Connected"), None)
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
                return outcome
        except Exception as problem:  # noqa: BLE001 - whatever one axon causes is its outcome, not the run's end
            return faults.outcome_of(problem, attempt)

    def cancelled(self, slot: Slot, *, dialled: bool) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return undone(slot, PROTOCOL, dialled=dialled)
