"""What a v10 signature covers, and how ours is kept out of what we show.

Source: bittensor 10.5.0, `Axon.default_verify` and `Synapse.body_hash`.
"""

from collections.abc import Iterable
from hashlib import sha3_256
from string import hexdigits

from dendrite_cli.model import Content

ELIDED = "[our signature]"
_ELIDED = ELIDED.encode()
_TELLING = 17
"""Digits of a signature's beginning that do not stay; of fewer, nobody makes a signature."""
_LENGTH, _STEP = 128, 16
_RUN = b"\1" * (_LENGTH // _STEP)
_IS_HEX = bytes(chr(byte) in hexdigits for byte in range(256))
_MOST_PARTS = 64


def body_hash(hashed: Iterable[str]) -> str:
    """Return the lower-case hex sha3-256 over the hex sha3-256 of each hash field's `str()`.

    Without hash fields it is the hash of the empty string: the signature then does not cover the body at all.
    """
    return _digest("".join(_digest(value) for value in hashed))


def signed_text(nonce: int, dendrite_hotkey: str, axon_hotkey: str, uuid: str, computed_body_hash: str) -> str:
    """Return what a v10 request signs; the axon puts its own hotkey in the third place."""
    return f"{nonce}.{dendrite_hotkey}.{axon_hotkey}.{uuid}.{computed_body_hash}"


def elide(value: object, signature: str) -> object:
    """Return JSON or bytes with every echo of `signature` (hex, without `0x`) replaced; new containers, same shape."""
    if isinstance(value, str):
        return _elide_text(value, signature)
    if isinstance(value, bytes):
        return _elide_bytes(value, signature.encode())
    if isinstance(value, list):
        return [elide(item, signature) for item in value]
    if isinstance(value, dict):
        return {_elide_text(key, signature): elide(item, signature) for key, item in value.items()}
    return value


def echoes(content: Content, signature: str) -> int:
    """Return the most often that JSON `content` may hold our signature: in either case, or in unicode escapes."""
    escapes = content.count(b"\\u") if b"\\" in content else 0
    return escapes + sum(text.lower().count(signature.encode()) for text in _like_a_signature(content))


def _like_a_signature(content: Content) -> list[Content]:
    """Return the parts of `content` in which a signature may stand: all of it where they are many.

    128 hex digits in a row are 8 in a row of every 16th byte, which are soon looked through; to fold and search a
    large answer takes longer than to parse it.
    """
    sampled = content[::_STEP].translate(_IS_HEX)
    parts: list[Content] = []
    at = sampled.find(_RUN)
    while at >= 0:
        if len(parts) == _MOST_PARTS:
            return [content]
        # where a signature stands whose first sample this is; no other part has it whole
        parts.append(content[max(at * _STEP - _STEP + 1, 0) : at * _STEP + _LENGTH])
        at = sampled.find(_RUN, at + 1)
    return parts


class Elided:
    """A stream's pieces without our signature, also where it comes in several of them.

    A few of its digits tell nothing and are shown at once; what goes on like it is held back until it is known.
    """

    def __init__(self, signature: str | None) -> None:
        self._ours = None if signature is None else signature.encode()
        self._shown = b""
        """The end of what was shown, in which our signature may have begun."""
        self._held = b""

    def piece(self, piece: object) -> object:
        """Return what may be shown of the next piece now, with what was held back before it."""
        if self._ours is None:
            return piece
        if isinstance(piece, bytes):
            return self.further(piece)
        if isinstance(piece, str):
            return self.further(piece.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
        return elide(piece, self._ours.decode())

    def rest(self) -> bytes:
        """Return what was held back, at the end: it is no signature."""
        held, self._held = self._held, b""
        return held

    def further(self, data: bytes) -> bytes:
        """Return what may be shown of the next bytes now, likewise."""
        ours = self._ours
        if ours is None:
            return data
        whole = self._shown + self._held + data
        lower = whole.lower()
        told, done = [], len(self._shown)
        at = lower.find(ours)
        while at >= 0:
            start = at - 2 if at - 2 >= done and lower.startswith(b"0x", at - 2) else at
            told += [whole[done:start], _ELIDED]
            done = at + len(ours)
            at = lower.find(ours, done)
        part = _beginning(lower, ours)
        end = max(len(whole) - max(part - _TELLING + 1, 0), done)
        told.append(whole[done:end])
        self._shown, self._held = whole[max(end - _TELLING + 1, done if len(told) > 1 else 0) : end], whole[end:]
        return b"".join(told)


class Elisions:
    """The same for all signatures of ours that a request has."""

    def __init__(self, signatures: Iterable[str]) -> None:
        self._each = [Elided(signature) for signature in signatures]
        self._are_bytes = False

    def piece(self, piece: object) -> object:
        """Return what may be shown of the next piece now."""
        self._are_bytes = isinstance(piece, bytes)
        for each in self._each:
            piece = each.piece(piece)
        return piece

    def rest(self) -> str | bytes:
        """Return what was held back, at the end, as what the pieces were."""
        rest = b""
        for each in self._each:
            rest = each.further(rest) + each.rest()
        return rest if self._are_bytes else rest.decode("utf-8", "surrogatepass")


def trimmed(text: str, signatures: Iterable[str], limit: int) -> str:
    """Return at most `limit` characters of a text, without our signatures or a telling beginning of one.

    A text that quotes an answer may have cut it already, anywhere.
    """
    text = text[: limit + _LENGTH]
    for signature in signatures:
        text = _elide_text(text, signature, least=_TELLING)
    return text[:limit]


def _beginning(lower: bytes, ours: bytes) -> int:
    """Return how many digits of our signature a text in lower case ends with, where they are enough to tell."""
    return next((size for size in range(_LENGTH - 1, _TELLING - 1, -1) if lower.endswith(ours[:size])), 0)


def _elide_text(text: str, signature: str, *, least: int = _LENGTH) -> str:
    """Replace every echo, and its beginnings of at least so many digits.

    On bytes, whose lower case is ASCII's and as long as they are: that of a text need not be.
    """
    if len(text) < least:
        return text
    data = text.encode("utf-8", "surrogatepass")
    told = _elide_bytes(data, signature.encode(), least)
    return text if told is data else told.decode("utf-8", "surrogatepass")


def _elide_bytes(data: bytes, ours: bytes, least: int = _LENGTH) -> bytes:
    """Do so; return `data` itself where there is none."""
    lower = data.lower()
    at = lower.find(ours[:least])
    if at < 0:
        return data
    kept, done = [], 0
    while at >= 0:
        start = at - 2 if at - 2 >= done and lower.startswith(b"0x", at - 2) else at
        kept += [data[done:start], _ELIDED]
        done = at + least
        while done - at < len(ours) and lower[done : done + 1] == ours[done - at : done - at + 1]:
            done += 1
        at = lower.find(ours[:least], done)
    return b"".join([*kept, data[done:]])


def _digest(text: str) -> str:
    return sha3_256(text.encode()).hexdigest()
