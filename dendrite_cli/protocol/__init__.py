"""How a request is said and an answer understood: pure, so that a captured exchange is the whole test.

A `Wire` is one protocol bound to one Request. It is given the nonce and the signer, and gives back what to
send; it is given what arrived, and gives back what it means. It never sees a clock, a socket or a file.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from dendrite_cli.model import Axon, Claimed, Content, Verdict


class Signer(Protocol):
    """A hotkey: its ss58 address, and signatures over bytes (bittensor-wallet's `Keypair` is one)."""

    @property
    def ss58_address(self) -> str:
        """The public address."""

    def sign(self, data: bytes) -> bytes:
        """64 signature bytes over `data`."""


class Stamp(NamedTuple):
    """What makes one sending of a request unique."""

    nonce: int
    """Nanoseconds of Unix time, strictly increasing for one `uuid`."""
    uuid: str
    source: str | None = None
    """The IP address we send from."""


class Message(NamedTuple):
    """What goes to one axon."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: tuple[bytes, ...]
    """Pieces to be sent one after another; their concatenation is the body."""
    signature: str | None = None
    """Ours, in hex without `0x`, so that it can be elided where an axon echoes it."""
    further: tuple[str, ...] = ()
    """Other signatures of ours, likewise."""

    @property
    def signatures(self) -> tuple[str, ...]:
        """All of ours that the message holds."""
        return self.further if self.signature is None else (self.signature, *self.further)

    @property
    def content(self) -> bytes:
        """The body in one piece."""
        return b"".join(self.body)

    @property
    def size(self) -> int:
        """Bytes of the body and of these headers: a record's `bytes.sent`."""
        headers = sum([len(name) + len(value) + len(": \r\n") for name, value in self.headers.items()])
        return headers + sum(map(len, self.body))

    def url(self, axon: Axon) -> str:
        """Return where it goes, ready to be sent: nothing in it is to be escaped."""
        return f"{'https' if axon.tls else 'http'}://{axon.endpoint}{self.path}"


class Reply(NamedTuple):
    """What came back, whole."""

    status: int
    reason: str
    headers: Mapping[str, str]
    """Names in lower case."""
    content: Content


class Reading(NamedTuple):
    """What a reply means."""

    verdict: Verdict
    status_code: int | None
    status_message: str
    claimed: Claimed = Claimed()
    body: object = None
    truncated: bool = False


class Wire(Protocol):
    """One protocol, bound to one Request."""

    name: str
    """As in a record's `protocol`."""
    route: str | None
    """As in a record's `synapse`."""
    body_covered: bool
    """Whether our signature covers the body."""
    lifetime: float
    """Seconds for which axons take what was signed; 0 where nothing is."""

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request to `axon`; unsigned without a signer."""

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply to `message`. Never raises, whatever the axon sent."""
