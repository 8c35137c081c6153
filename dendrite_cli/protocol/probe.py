"""What an endpoint speaks, told by how it refuses an unsigned request without a body."""

import re

from dendrite_cli.model import Axon, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp

_LOOKED_AT = 4096
_V10 = re.compile(rb"Synapse name '.{0,200}' not found", re.DOTALL)
_EPISTULA = re.compile(rb"epistula", re.IGNORECASE)
_BTAUTH = re.compile(rb"btauth|x-bittensor-", re.IGNORECASE)


class ProbeWire:
    """An unsigned request; its reading's body is the name of the protocol, None where the answer does not tell."""

    name = "http"
    route: str | None = None
    body_covered = False
    lifetime = 0.0

    def __init__(self, method: str = "GET", path: str = "/") -> None:
        self._method = method
        self._path = path

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Say nothing of ourselves."""
        return Message(self._method, self._path, {}, ())

    def read(self, message: Message, reply: Reply) -> Reading:  # noqa: ARG002 - the Wire interface
        """Take any answer for its words."""
        return Reading(Verdict.OK, reply.status, reply.reason, body=recognised(reply))


def recognised(reply: Reply) -> str | None:
    """Return what the sender of a reply speaks: `synapse`, `epistula`, `btauth`; None where it does not tell."""
    said = bytes(reply.content[:_LOOKED_AT])
    if "bt_header_axon_hotkey" in reply.headers or _V10.search(said):
        return "synapse"
    if _EPISTULA.search(said):
        return "epistula"
    return "btauth" if _BTAUTH.search(said) else None
