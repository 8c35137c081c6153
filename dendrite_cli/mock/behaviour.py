"""What a mock axon does beside answering, and what it remembers of a request: values only."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Streaming:
    """How the answer to a good request is streamed, instead of being sent whole."""

    text: str | None = None
    """What is said; None for the request's own first text."""
    size: int = 8
    """Bytes of a chunk, wherever that cuts a character."""
    rate: float | None = None
    """Chunks per second; None for all at once."""
    stall: int | None = None
    """Chunks after which nothing more comes, and no end either."""
    cut: int | None = None
    """Chunks after which the connection is cut off."""
    endless: bool = False
    """Whether the text begins again when it is over."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a mock axon misbehaves; by default not at all."""

    refuse: str | None = None
    """Why every key is blacklisted: 403, before anything is verified."""
    delay: float = 0.0
    """Seconds before it does what it does; a request it cannot accept is refused at once."""
    status: int | None = None
    """The status a handler answers a good request with; from 200 to 599."""
    drop: bool = False
    """Whether it reads the request, whoever sent it, and cuts the connection."""
    garbage: Literal["json", "http"] | None = None
    """What its bytes, to whomever, are not: a 200 whose body is not `json`, or nothing that is `http`."""
    clock: float = 0.0
    """Seconds by which its clock is ahead of ours."""
    stream: Streaming | None = None
    """Whether good requests are answered by a stream, and by what."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as the mock axon saw it; everything but the status is the sender's own word."""

    route: str
    status: int | None
    """None where no answer was sent."""
    hotkey: str | None
    nonce: str | None
    uuid: str | None
