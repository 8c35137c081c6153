"""How long and how much: the bounds of one exchange and of a run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in seconds, bytes and requests; there is no "forever"."""

    total: float = 12.0
    """From dispatch to the last byte, decoding included."""
    connect: float = 3.0
    """For looking up the name and connecting."""
    first_byte: float | None = None
    """From the established connection to the response; None for what is left of `total`."""
    idle: float = 15.0
    """Between two pieces of the body."""
    max_bytes: int = 16 * 2**20
    """Of the response's body, after decompression."""
    parallel: int = 256
    """Exchanges in flight at once; the others wait outside their own clocks."""
