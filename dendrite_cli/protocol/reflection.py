"""The wires of what a v10 axon is asked about itself: whether it holds its key, whose it is, what it serves.

What a reading found is its body; the reading itself is ok for any HTTP answer, for not answering is no failure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from dendrite_cli.model import Axon, Claimed, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp
from dendrite_cli.protocol.challenge import challenge, inquiry, named, proof

Verify = Callable[[str, bytes, bytes], bool]
"""Takes a hotkey, what was signed, and a signature of 64 bytes; says whether it is the hotkey's."""
_ROUTES = re.compile(rb"Available synapses \[(.{0,60000})", re.DOTALL)
_ROUTE = re.compile(r"'(\w{1,200})'")
_LOOKED_AT = 65_536


@dataclass(frozen=True, slots=True)
class Proven:
    """What came of a challenge."""

    held: bool
    """Whether the key that signed is the one that was expected."""
    clock: int
    """The axon's time when it signed, in nanoseconds of Unix time."""


class _Plain:
    """What these wires have in common: nothing of them is signed by us."""

    name = "synapse"
    route: str | None = "Synapse"
    body_covered = False
    lifetime = 0.0


class ChallengeWire(_Plain):
    """Has an axon sign a random text; the reading's body is a Proven, None where nothing was signed."""

    def __init__(self, verify: Verify) -> None:
        self._verify = verify

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Ask in the name of a text that nobody has seen before."""
        return challenge(axon.hotkey or "", sha256(f"{stamp.uuid}.{stamp.nonce}".encode()).hexdigest())

    def read(self, message: Message, reply: Reply) -> Reading:
        """See whether the text was signed by the hotkey that was expected."""
        hotkey, text = (message.headers[f"bt_header_{side}_hotkey"] for side in ("axon", "dendrite"))
        found = proof(reply, hotkey, text)
        reading = Reading(Verdict.OK, reply.status, reply.reason)
        if found is None:
            return reading
        told = Proven(self._verify(hotkey, found.signed, found.signature), found.clock)
        return reading._replace(body=told, claimed=Claimed(version=found.version))


class InquiryWire(_Plain):
    """Has an axon name its hotkey; the reading's body is that address, None where it names none."""

    def __init__(self, sender: str, is_address: Callable[[str], bool]) -> None:
        """`sender` is any hotkey but theirs."""
        self._sender = sender
        self._is_address = is_address

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Ask in the name of somebody else, for somebody else."""
        return inquiry(stamp, self._sender)

    def read(self, message: Message, reply: Reply) -> Reading:
        """Take the hotkey out of the refusal."""
        stamp = Stamp(int(message.headers["bt_header_dendrite_nonce"]), message.headers["bt_header_dendrite_uuid"])
        hotkey = named(reply, stamp, self._sender)
        told = hotkey if hotkey and self._is_address(hotkey) else None
        return Reading(Verdict.OK, reply.status, reply.reason, Claimed(hotkey=told), told)


class RoutesWire(_Plain):
    """Has an axon say what it serves; the reading's body is a list of names, None where it does not tell."""

    name = "http"
    route: str | None = None

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:  # noqa: ARG002 - the Wire interface
        """Ask for no synapse at all."""
        return Message("GET", "/", {}, ())

    def read(self, message: Message, reply: Reply) -> Reading:  # noqa: ARG002 - the Wire interface
        """Take the names out of the refusal."""
        listed = _ROUTES.search(bytes(reply.content[:_LOOKED_AT]))
        names = _ROUTE.findall(listed[1].partition(b"]")[0].decode("utf-8", "replace")) if listed else None
        return Reading(Verdict.OK, reply.status, reply.reason, body=names)
