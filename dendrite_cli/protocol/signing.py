"""What a v10 signature covers, and how ours is kept out of what we show.

Source: bittensor 10.5.0, `Axon.default_verify` and `Synapse.body_hash`.
"""

from collections.abc import Iterable
from hashlib import sha3_256

ELIDED = "[our signature]"
_SMALL = 64 * 1024


def body_hash(hashed: Iterable[str]) -> str:
    """Return the lower-case hex sha3-256 over the hex sha3-256 of each hash field's `str()`.

    Without hash fields it is the hash of the empty string: the signature then does not cover the body at all.
    """
    return _digest("".join(_digest(value) for value in hashed))


def signed_text(nonce: int, dendrite_hotkey: str, axon_hotkey: str, uuid: str, computed_body_hash: str) -> str:
    """Return what a v10 request signs; the axon puts its own hotkey in the third place."""
    return f"{nonce}.{dendrite_hotkey}.{axon_hotkey}.{uuid}.{computed_body_hash}"


def elide(value: object, signature: str) -> object:
    """Return JSON `value` with every echo of `signature` (hex, without `0x`) replaced; new containers, same shape."""
    if isinstance(value, str):
        return _elide_text(value, signature)
    if isinstance(value, list):
        return [elide(item, signature) for item in value]
    if isinstance(value, dict):
        return {_elide_text(key, signature): elide(item, signature) for key, item in value.items()}
    return value


def echoes(content: bytes, signature: str) -> int:
    """Return the most often that JSON `content` may hold our signature: in either case, or in unicode escapes."""
    lower, upper = signature.encode(), signature.upper().encode()
    # a needle this long is looked for in leaps, quicker than a large answer is folded
    found = content.lower().count(lower) if len(content) <= _SMALL else content.count(lower) + content.count(upper)
    return found + (content.count(b"\\u") if b"\\" in content else 0)


def _elide_text(text: str, signature: str) -> str:
    at = text.lower().find(signature) if len(text) >= len(signature) else -1
    if at < 0:
        return text
    start = at - 2 if text[max(at - 2, 0) : at].lower() == "0x" else at
    rest = _elide_text(text[at + len(signature) :], signature)
    return text[:start] + ELIDED + rest


def _digest(text: str) -> str:
    return sha3_256(text.encode()).hexdigest()
