"""What is known of one exchange while it goes on, so that it can become an Outcome at any moment."""

import time

from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Axon, Outcome, Timing, Trust, Verdict
from dendrite_cli.protocol import Message, Reading
from dendrite_cli.protocol.status import v10_code


class Attempt:
    """Filled in stage by stage by the exchange that owns it."""

    def __init__(
        self, slot: Slot, watch: Watch, protocol: str, synapse: str | None = None, *, body_covered: bool = False
    ) -> None:
        self.axon: Axon = slot.axon
        self.message: Message | None = None
        self.http_status: int | None = None
        self.watch = watch
        self._slot = slot
        self._protocol = protocol
        self._synapse = synapse
        self._body_covered = body_covered
        self._started_at = time.time()

    def answered(self, reading: Reading, content: bytes | None) -> Outcome:
        """Return the outcome of a reply that arrived whole; `content` is None where no reply was asked for."""
        return Outcome(
            *self._asked(reading.verdict),
            status_code=reading.status_code,
            status_message=reading.status_message,
            http_status=self.http_status,
            started_at=self._started_at,
            timing=self.watch.timing(),
            claimed=reading.claimed,
            trust=self._trust(),
            sent=self._sent(),
            received=len(content or b""),
            body=reading.body,
            content=content,
            truncated=reading.truncated,
        )

    def failed(self, verdict: Verdict, text: str) -> Outcome:
        """Return the outcome of an exchange that did not get a whole reply."""
        return Outcome(
            *self._asked(verdict),
            status_code=v10_code(verdict),
            status_message=text,
            http_status=self.http_status,
            started_at=self._started_at,
            timing=self.watch.timing(),
            trust=self._trust(),
            sent=self._sent(),
            truncated=verdict is Verdict.TOO_LARGE,
        )

    def _asked(self, verdict: Verdict) -> tuple[int, Axon, Verdict, str, str | None, int, int]:
        return (self._slot.index, self.axon, verdict, self._protocol, self._synapse, self._slot.round, 1)

    def _sent(self) -> int:
        """Return the bytes of headers and body that had a connection to leave by."""
        if self.message is None or not self.watch.is_connected:
            return 0
        headers = sum(len(name) + len(value) + len(": \r\n") for name, value in self.message.headers.items())
        return headers + sum(map(len, self.message.body))

    def _trust(self) -> Trust:
        signed = self.message is not None and self.message.signature is not None
        return Trust(request_signed=signed, body_covered=signed and self._body_covered)


def undone(slot: Slot, protocol: str, synapse: str | None = None, *, dialled: bool) -> Outcome:
    """Return the outcome of an axon whose answer nobody waits for any more."""
    return Outcome(
        slot.index,
        slot.axon,
        Verdict.CANCELLED,
        protocol,
        synapse,
        slot.round,
        int(dialled),
        status_message="Cancelled",
        timing=Timing(queued=slot.queued),
    )
