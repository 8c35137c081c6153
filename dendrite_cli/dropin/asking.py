"""One request on its way to a program's axons: encoded once, and for each of them what was sent and what came of it."""

from dataclasses import dataclass, replace
from time import monotonic

from dendrite_cli.engine.attempt import undone
from dendrite_cli.engine.http import HttpExchange
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.proxy import direct
from dendrite_cli.engine.run import Slot
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp, Wire
from dendrite_cli.protocol.nonce import Lanes
from dendrite_cli.protocol.status import v10_code


@dataclass(frozen=True, slots=True)
class Sender:
    """A dendrite as its axons see it."""

    signer: Signer
    lanes: Lanes
    external_ip: str | None = None
    """What axons are told; None for the address that the socket has."""

    def dialled(self, axon: Axon) -> Axon:
        """Return where `axon` is reached from here: who is at our own address is on this machine."""
        return replace(axon, host="127.0.0.1") if axon.host == self.external_ip else axon


class Sending:
    """The wire of one request to one axon: it remembers what it has said."""

    def __init__(self, wire: Wire, axon: Axon, external_ip: str | None) -> None:
        self.name = wire.name
        self.route = wire.route
        self.body_covered = wire.body_covered
        self.lifetime = wire.lifetime
        self.axon = axon
        """As the program named it."""
        self.stamp: Stamp | None = None
        """Of the last attempt; None where nothing was sent."""
        self.sent: Message | None = None
        self.understanding = 0.0
        """Seconds that it took to make the answer into a synapse."""
        self._wire = wire
        self._external_ip = external_ip

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request."""
        if self._external_ip is not None:
            stamp = stamp._replace(source=self._external_ip)
            axon = replace(self.axon, address=axon.address)
        self.stamp = stamp
        self.sent = self._wire.message(axon, stamp, signer)
        return self.sent

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply."""
        began = monotonic()
        reading = self._wire.read(message, reply)
        self.understanding = monotonic() - began
        return reading


class Asking:
    """The exchange of a run: by the index of each axon, `sendings` has what was sent."""

    def __init__(self, pool: Pool, sender: Sender, wire: Wire, limits: Limits) -> None:
        self.sendings: dict[int, Sending] = {}
        self._pool = pool
        self._sender = sender
        self._wire = wire
        self._limits = limits

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did; only cancellation is raised."""
        sending = self.sendings[slot.index] = Sending(self._wire, slot.axon, self._sender.external_ip)
        if not slot.axon.is_serving:
            return replace(self.cancelled(slot, attempts=0), verdict=Verdict.NOT_SERVING)
        exchange = HttpExchange(
            self._pool, lambda _: sending, self._sender.signer, self._limits, direct, lanes=self._sender.lanes
        )
        outcome = await exchange(replace(slot, axon=self._sender.dialled(slot.axon)))
        return self._in_time(outcome, sending.understanding)

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return undone(slot, self._wire.name, self._wire.route, attempts=attempts)

    def _in_time(self, outcome: Outcome, understanding: float) -> Outcome:
        """Count the making of the synapse as part of the exchange: it may take longer than the answer did."""
        total = (outcome.timing.total or 0.0) + understanding
        timing = outcome.timing._replace(total=total)
        if not outcome.ok or total <= self._limits.total:
            return replace(outcome, timing=timing)
        code, text = v10_code(Verdict.TIMEOUT), f"Request timeout after {self._limits.total:g} seconds"
        return replace(
            outcome, verdict=Verdict.TIMEOUT, status_code=code, status_message=text, body=None, timing=timing
        )
