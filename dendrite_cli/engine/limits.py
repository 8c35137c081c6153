"""How long, how much and how many: the bounds of one exchange, and the order in which a run makes its exchanges."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one exchange in seconds and bytes; there is no "forever"."""

    total: float = 12.0
    """From dispatch to the last byte, decompression included."""
    connect: float = 3.0
    """For looking up the name and connecting."""
    first_byte: float | None = None
    """From the established connection to the response; None for what is left of `total`."""
    idle: float = 15.0
    """Between two pieces of the body."""
    max_bytes: int = 16 * 2**20
    """Of the response's body, after decompression."""


@dataclass(frozen=True, slots=True)
class Retries:
    """Which failures are tried again: connections that failed, 502, 503 and 504, and what is named."""

    most: int = 0
    """Further attempts per axon."""
    also: frozenset[str] = frozenset()
    """Outcomes by name, or by bittensor 10's number (`408`, `429`)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Who is asked when. What waits for its turn waits outside its own time-outs."""

    parallel: int | None = None
    """Exchanges in flight at once; None for as many as there are axons, descriptors and time, up to 1,024."""
    per_host: int | None = 8
    """Of these, to one host; None for any number."""
    rate: float | None = None
    """Starts per second; None for as fast as the event loop keeps up."""
    until: int | None = None
    """Axons that have to be ok before the rest is cancelled; None to wait for all."""
    retries: Retries = Retries()
