"""An unsigned GET: whether anything at the endpoint answers HTTP, whoever it is."""

from dendrite_cli.model import Axon, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp


class HttpWire:
    """The `http` layer of a ping; every HTTP answer is a success."""

    name = "http"
    route: str | None = None
    body_covered = False
    lifetime = 0.0

    def __init__(self, path: str = "/") -> None:
        self._path = path

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Ask for the path and say nothing of ourselves."""
        return Message("GET", self._path, {}, ())

    def read(self, message: Message, reply: Reply) -> Reading:  # noqa: ARG002 - the Wire interface
        """Take any status as an answer."""
        return Reading(Verdict.OK, reply.status, reply.reason)
