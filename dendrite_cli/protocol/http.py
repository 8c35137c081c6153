"""An unsigned GET: whether anything at the endpoint answers HTTP, whoever it is."""

from dendrite_cli.model import Axon, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp


class HttpWire:
    """The `http` layer of a ping; every HTTP answer is a success."""

    name = "http"
    route: str | None = None
    body_covered = False

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Ask for `/` and say nothing of ourselves."""
        return Message("GET", "/", {}, ())

    def read(self, message: Message, reply: Reply) -> Reading:  # noqa: ARG002 - the Wire interface
        """Take any status as an answer."""
        return Reading(Verdict.OK, reply.status, reply.reason)
