"""The values that flow from the options to the renderers: Axon, Request, Outcome and their parts.

All are frozen and know nothing of clocks, sockets or files. Durations are seconds here and become `*_ms`
only in records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

ENVELOPE = ("name", "timeout", "total_size", "header_size", "dendrite", "axon", "computed_body_hash")
"""The fields every bittensor 10 synapse has beside its own, in the order in which it sends them."""


Content = bytes | bytearray
"""The bytes of an answer's body."""


NOWHERE = "0.0.0.0"  # noqa: S104 - nobody binds
"""The host of a neuron without an axon, as the chain holds it."""


class Verdict(StrEnum):
    """What an axon did, in one word: the `outcome` of a record."""

    OK = "ok"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    FIRST_BYTE_TIMEOUT = "first_byte_timeout"
    IDLE_TIMEOUT = "idle_timeout"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    RESET = "reset"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    REDIRECT = "redirect"
    BAD_RESPONSE = "bad_response"
    TOO_LARGE = "too_large"
    IDENTITY_MISMATCH = "identity_mismatch"
    NOT_SERVING = "not_serving"
    PRIVATE_ADDR = "private_addr"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class Ending(StrEnum):
    """Why a run was over."""

    COMPLETE = "complete"
    ENOUGH = "enough"
    """As many axons were ok as were wanted (`--until`)."""
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    """By a signal."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a metagraph says of a neuron beside its axon."""

    stake: float
    """Total stake that counts on the subnet, in its own units (TAO and alpha, weighted by the chain)."""
    incentive: float
    """Share of the subnet's incentive, 0 to 1."""
    emission: float
    """Alpha per tempo."""
    validator_permit: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Axon:
    """Whom we ask: an endpoint, and what is known of who runs it."""

    host: str
    """IPv4 address, IPv6 address without brackets, or host name."""
    port: int
    hotkey: str | None = None
    """The ss58 address we selected; never what the endpoint says of itself."""
    netuid: int | None = None
    uid: int | None = None
    coldkey: str | None = None
    block: int | None = None
    source: str = "literal"
    """Where it was learnt from: `literal` or `metagraph`."""
    address: str | None = None
    """The IP address that a host name resolved to; None before it was looked up."""
    standing: Standing | None = None
    """Its place on its subnet; None where no metagraph was asked."""
    protocol: str | None = None
    """What it was said to speak: `synapse`, `btauth` or `epistula`; None where nobody said."""
    tls: bool = False
    """Whether it is asked by HTTPS, and never otherwise."""
    path: str | None = None
    """Path and query of its own, as they are sent; None for the run's."""

    @property
    def is_serving(self) -> bool:
        """Whether there is anything to dial: the chain holds address 0 or port 0 for a neuron without an axon."""
        return self.port > 0 and self.host not in {"", NOWHERE, "::"}

    @property
    def scheme(self) -> str | None:
        """What stands before `://` where it is written down; None where nothing has to."""
        return "+".join(filter(None, (self.protocol, "https" if self.tls else None))) or None

    @property
    def endpoint(self) -> str:
        """`host:port`, with brackets around an IPv6 host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Metagraph:
    """One subnet at one block."""

    network: str
    """As it was named: `finney`, `test`, `local`, `archive`, or a ws:// or wss:// URL."""
    netuid: int
    block: int
    fetched_at: float
    """Unix time at which the chain was asked, by our own clock."""
    genesis: str | None
    """Hash of the chain's first block, `0x` and 64 hex digits: which chain it is, whatever its name."""
    axons: tuple[Axon, ...]
    """Every neuron in the order of its uid, serving or not, each with its standing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A synapse that came back: its own fields, and what the axon put around them."""

    fields: object
    """As the axon sent them; for a drop-in, the class made of them."""
    envelope: Mapping[str, object] = field(default_factory=dict)
    """The axon's word on itself and on us."""


@dataclass(frozen=True, slots=True)
class Request:
    """One synapse made ready for a whole run: built once, shared by every axon."""

    synapse: str
    """The route: the class's name, or the bare route that was given."""
    read: Callable[[Content], Answer] = field(repr=False)
    """Takes a successful answer's bytes apart; raises ValueError when they are not the synapse's."""
    body: bytes = b"{}"
    """The synapse's own fields as one JSON object, encoded once."""
    hashed: tuple[str, ...] = ()
    """`str()` of each required hash field's value, in the order in which they are hashed."""
    stand_ins: tuple[tuple[str, bytes], ...] = ()
    """For every required field, JSON of a value that validates: v10 axons build the class from headers first."""
    timeout: float = 12.0
    """Seconds the axon is told; a v10 axon widens its nonce window by it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside those of the protocol."""


@dataclass(frozen=True, slots=True)
class Call:
    """A plain HTTP request made ready for a whole run: what btauth/1 and Epistula sign."""

    target: str
    """Path and query exactly as they are sent and signed."""
    read: Callable[[Content], Answer] = field(repr=False)
    """Takes a successful answer's bytes apart; raises ValueError when they are not what was asked for."""
    method: str = "POST"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside those of the protocol."""
    name: str | None = None
    """Of the class that was asked for; None without one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would go to one axon, and is shown instead of sent."""

    index: int
    """Position in the selection, from 0."""
    axon: Axon
    protocol: str
    synapse: str | None
    method: str
    url: str
    headers: Mapping[str, str]
    """All of them, in the order in which they would be sent."""
    body: bytes = field(repr=False)
    sent: int = 0
    """Bytes of the request's body and headers, as an Outcome counts them."""


class Timing(NamedTuple):
    """Seconds by our own monotonic clock; None for a stage that was not reached or did not happen."""

    queued: float | None = None
    """From the start of the run to dispatch: our own queue, no part of `total`."""
    dns: float | None = None
    connect: float | None = None
    """None on a reused connection."""
    tls: float | None = None
    ttfb: float | None = None
    """From the established connection to the response's first byte."""
    download: float | None = None
    total: float | None = None
    """From dispatch to the last byte, or to the failure; None if it was not dialled."""


class Claimed(NamedTuple):
    """What the axon says about itself. Nothing here is proven."""

    process_time: float | None = None
    """Seconds its handler took, by its own clock."""
    version: int | None = None
    """bittensor's version as major * 10^6 + minor * 10^3 + patch."""
    hotkey: str | None = None


class Trust(NamedTuple):
    """What was proven, and what our signature covered."""

    request_signed: bool = False
    body_covered: bool = False
    identity: str = "not_checked"
    """`proven` by a challenge, `unproven` where none was answered, `mismatch` where another key answered it."""
    clock_skew: float | None = None
    """Seconds by which the axon's clock is ahead of ours."""
    clock_error: float | None = None
    """Seconds by which that may be wrong either way: half the round trip in which it was measured."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a stream, as soon as it is there. Either `text` or `data` is None."""

    index: int
    """Position of its axon in the selection, from 0."""
    axon: Axon
    seq: int
    """From 0, in the order of arrival."""
    at: float
    """Seconds from dispatch to its last byte at our socket."""
    text: str | None = None
    data: object = None
    """What a class yields that is no text; bytes that are not text, without our signature."""
    round: int = 1
    content: Content | None = field(default=None, repr=False)
    """The bytes as they came, for `-o raw`; None where it is made of what is no bytes."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """How a stream went; times in seconds by our own monotonic clock."""

    chunks: int
    first: float | None = None
    """From dispatch to the first chunk; None without any."""
    max_gap: float | None = None
    """Longest silence between two chunks; None below two."""
    complete: bool = False
    """Whether it ended as HTTP says that it ends: a handler that fails in the middle may end so, too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one axon did with the request. Every selected axon yields exactly one per round."""

    index: int
    """Position in the selection, from 0."""
    axon: Axon
    verdict: Verdict
    protocol: str
    """`synapse`, `btauth` or `epistula`; `http` and `tcp` for the unsigned layers of a ping."""
    synapse: str | None = None
    round: int = 1
    attempts: int = 0
    """Times that it was dialled; 0 if it was not."""
    http_status: int | None = None
    """As received; None without an HTTP answer."""
    status_code: int | None = None
    """The number bittensor 10's dendrite gives this outcome."""
    status_message: str | None = None
    started_at: float | None = None
    """Unix time of dispatch; None if it was not dialled."""
    timing: Timing = Timing()
    claimed: Claimed = Claimed()
    trust: Trust = Trust()
    sent: int = 0
    """Bytes of the request's body and of its protocol's headers; HTTP's own are not counted."""
    received: int = 0
    """Bytes of the answer's body, after decompression."""
    body: object = None
    """The synapse's own fields as the axon sent them, without the envelope and without our signature."""
    content: Content | None = field(default=None, repr=False)
    """The answer's body untouched; what `-o raw` writes."""
    truncated: bool = False
    """Whether `body` is less than what arrived or was announced."""
    streamed: Streamed | None = None
    """How its stream went; None where none began."""
    retry_after: float | None = None
    """Seconds after which the axon asks to be asked again."""

    @property
    def ok(self) -> bool:
        """Whether the axon did what was asked."""
        return self.verdict is Verdict.OK


@dataclass(frozen=True, slots=True)
class Run:
    """One command's fan-out: its identity and what was chosen, for documents, headlines and history."""

    id: str
    """A ULID: 26 characters that sort by time."""
    command: str
    started_at: float
    """Unix time."""
    selected: int
    hotkey: str | None = None
    """The ss58 address that signs; None for an unsigned run."""
    signed_as: str | None = None
    """How the signer was named: `wallet/hotkey`, `ephemeral`; None for an unsigned run."""
    synapse: str | None = None
    network: str | None = None
    netuid: int | None = None
    block: int | None = None
    age: float | None = None
    """Seconds since the chain was asked for that block, when the run began."""
    neurons: int | None = None
    """Of the subnet."""
    selection: Mapping[str, object] | None = None
    """How the axons were selected from the subnet, so that it can be done again."""
