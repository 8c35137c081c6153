"""The id of a run: a ULID, which sorts by time and needs no coordination between machines."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 80


def run_id(unix: float, randomness: int) -> str:
    """Return 26 characters of Crockford base32: 48 bits of milliseconds, then 80 random bits."""
    number = int(unix * 1000) << _RANDOM_BITS | randomness
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
