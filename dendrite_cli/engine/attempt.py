"""What is known of one exchange while it goes on, so that it can become an Outcome at any moment."""

import time
from typing import TYPE_CHECKING

from dendrite_cli.engine.retry import wish
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Axon, Content, Outcome, Timing, Trust, Verdict
from dendrite_cli.protocol import Message, Reading, Wire
from dendrite_cli.protocol.status import v10_code

if TYPE_CHECKING:
    from dendrite_cli.engine.proxy import Proxy
    from dendrite_cli.engine.response import Response


class Attempt:
    """Filled in stage by stage by the exchange that owns it."""

    __slots__ = (
        "_body_covered",
        "_protocol",
        "_slot",
        "_started_at",
        "_synapse",
        "axon",
        "message",
        "proxy",
        "response",
        "sent",
        "watch",
    )

    def __init__(
        self, slot: Slot, watch: Watch, protocol: str, synapse: str | None = None, *, body_covered: bool = False
    ) -> None:
        self.axon: Axon = slot.axon
        self.proxy: Proxy | None = None
        self.message: Message | None = None
        self.sent = 0
        """Bytes of headers and body that had a connection to leave by."""
        self.response: Response | None = None
        self.watch = watch
        self._slot = slot
        self._protocol = protocol
        self._synapse = synapse
        self._body_covered = body_covered
        self._started_at = time.time()

    def answered(self, wire: Wire) -> Outcome:
        """Return the outcome of a response that arrived whole."""
        if self.message is None or self.response is None:
            raise ValueError("nothing was asked")
        reply = self.response.reply()
        reading = wire.read(self.message, reply)
        return self._whole(reading, reply.content, wish(reply.headers, time.time()))

    def connected(self, text: str) -> Outcome:
        """Return the outcome of a connection of which nothing more was wanted."""
        return self._whole(Reading(Verdict.OK, None, text), None, None)

    def failed(self, verdict: Verdict, text: str) -> Outcome:
        """Return the outcome of an exchange that did not get a whole reply."""
        slot = self._slot
        return Outcome(
            slot.index,
            self.axon,
            verdict,
            self._protocol,
            self._synapse,
            slot.round,
            slot.attempt,
            status_code=v10_code(verdict),
            status_message=text,
            http_status=self.response.status if self.response else None,
            started_at=self._started_at,
            timing=self.watch.timing(),
            trust=self._trust(),
            sent=self.sent,
            truncated=verdict is Verdict.TOO_LARGE,
        )

    def _whole(self, reading: Reading, content: Content | None, retry_after: float | None) -> Outcome:
        slot = self._slot
        return Outcome(
            slot.index,
            self.axon,
            reading.verdict,
            self._protocol,
            self._synapse,
            slot.round,
            slot.attempt,
            http_status=self.response.status if self.response else None,
            status_code=reading.status_code,
            status_message=reading.status_message,
            started_at=self._started_at,
            timing=self.watch.timing(),
            claimed=reading.claimed,
            trust=self._trust(),
            sent=self.sent,
            received=len(content or b""),
            body=reading.body,
            content=content,
            truncated=reading.truncated,
            retry_after=retry_after,
        )

    def _trust(self) -> Trust:
        signed = self.message is not None and self.message.signature is not None
        return Trust(request_signed=signed, body_covered=signed and self._body_covered)


def undone(slot: Slot, protocol: str, synapse: str | None = None, *, attempts: int) -> Outcome:
    """Return the outcome of an axon whose answer nobody waits for any more."""
    return Outcome(
        slot.index,
        slot.axon,
        Verdict.CANCELLED,
        protocol,
        synapse,
        slot.round,
        attempts,
        status_message="Cancelled",
        timing=Timing(queued=slot.queued),
    )
