"""JSON that every reader understands alike, and that is safe to look at, whatever an axon said.

Nothing in it can move a terminal's cursor or turn the direction of its text.
"""

import json
import re
from collections.abc import Mapping
from itertools import islice
from math import isfinite
from string import digits

import orjson
import pydantic_core

HIDDEN = (
    r"\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
    r"\U000e0000-\U000e0fff"
)
"""A regular expression's set: characters that are not seen, or change how those around them are seen."""

_SAFE_INTEGER = 2**53
"""Beyond it, readers with IEEE doubles (jq, JavaScript) round."""
_HIDDEN = re.compile(f"[{HIDDEN}]")
_FEW_HIDDEN = 10_000
"""Of one line, that are written out one by one; where there are more, all that is not ASCII is."""
_LONG_INTEGER = re.compile(rb"(?:^|[\s:,\[])-?[0-9]{16}")
_IS_DIGIT = bytes(chr(byte) in digits for byte in range(256))
_LONG = b"\1" * 16
_ONLY_JSON = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""What else there is is told as text, as it always is."""
MOST = 1_500_000
"""Weight of a body's JSON: a number counts for one, an object of one key for seven."""
_HUGE = re.compile(rb"(?:^|[\s:,\[])-?[0-9]{400}")
_MOST_HUGE = 200
"""Numbers of so many digits: making texts of them takes a time that grows with the square of that."""
_SPARSE = 16
"""Of so many bytes one is looked at, to find long runs of digits soon."""
_FEW = 64
"""Times that a byte is looked for by itself."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def line(value: object) -> bytes:
    """Return one line of UTF-8 JSON, without its newline, in which nothing is hidden.

    NaN is null, integers beyond 2^53 are strings, bytes are base64, and what JSON does not know is its text.
    """
    try:
        encoded = orjson.dumps(value, option=_ONLY_JSON)
    except TypeError:  # not JSON, too deep, or lone surrogates
        return _slowly(value)
    # most records need no cleaning, and looking for what does is far quicker than walking through them
    if _LONG in encoded.translate(_IS_DIGIT) and _LONG_INTEGER.search(encoded):
        return _slowly(value)
    return encoded if encoded.isascii() and b"\x7f" not in encoded else _shown(encoded.decode()).encode()


def parse(content: bytes | bytearray) -> object:
    """Return what JSON says; raise ValueError for what is none, for great depth, and for very many small things.

    A body within its bytes can still hold the event loop for seconds: 5,000,000 empty lists fit into 15 MiB.
    """
    if len(content) > MOST // 4 and _has_huge_numbers(content):
        raise ValueError(f"more than {_MOST_HUGE} numbers of 400 digits and more")
    if len(content) > MOST // 4 and _is_heavy(content):
        raise ValueError(f"more than {MOST:,} commas, colons and (each for four) brackets and braces")
    return pydantic_core.from_json(content)


def _is_heavy(content: bytes | bytearray) -> bool:
    """Say whether there may be too much to be made of JSON: where that is possible, all punctuation counts."""
    weight = 4 * (_count(content, b"[") + _count(content, b"{"))
    # what stands between two commas has a byte of its own: outside of texts, which are cheap, half may be commas
    if weight + len(content) // 2 > MOST:
        weight += _count(content, b",") + _count(content, b":")
    return weight > MOST


def _has_huge_numbers(content: bytes | bytearray) -> bool:
    if b"\1" * 24 not in content[::_SPARSE].translate(_IS_DIGIT):
        return False
    return sum(1 for _ in islice(_HUGE.finditer(content), _MOST_HUGE + 1)) > _MOST_HUGE


def _count(content: bytes | bytearray, byte: bytes) -> int:
    """Return how often there is a byte: of few, each is found much sooner than all are counted."""
    at = content.find(byte)
    for number in range(_FEW):
        if at < 0:
            return number
        at = content.find(byte, at + 1)
    return content.count(byte)


def dumps(value: object, indent: int | None = None) -> str:
    """Return the same as text, on several lines where `indent` says by how many spaces."""
    if indent is None:
        return line(value).decode()
    return _shown(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=indent), indent)


def _slowly(value: object) -> bytes:
    return _shown(json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))).encode()


def _shown(text: str, indent: int | None = None) -> str:
    """Return JSON with escapes for what is not seen; a body may be millions of it."""
    shown, found = _HIDDEN.subn(lambda found: json.dumps(found[0])[1:-1], text, count=_FEW_HIDDEN)
    if found < _FEW_HIDDEN:
        return shown
    separators = (",", ":") if indent is None else None
    return json.dumps(json.loads(text), indent=indent, separators=separators).replace("\x7f", "\\u007f")


def _plain(value: object) -> object:
    """Return what JSON and its readers can hold of a value."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    return _plain_whole(value)


def _plain_whole(value: object) -> object:
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        # most of what is long is numbers: each by itself would take several times as long
        return [
            item if item is None or type(item) is bool else _number(item) if type(item) is int else _plain(item)
            for item in value
        ]
    if isinstance(value, (bytes, bytearray, memoryview)):
        from base64 import b64encode

        return {"base64": b64encode(value).decode()}
    try:
        return _SURROGATE.sub("\ufffd", str(value))
    except Exception:  # noqa: BLE001 - a class of the user's own
        return f"a {type(value).__name__}"


def _number(value: int) -> int | str:
    return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)


def _key(key: object) -> str:
    """Return a key as JSON's own conversion would, and any other as text."""
    if key is None or isinstance(key, bool):
        return json.dumps(key)
    return _SURROGATE.sub("\ufffd", str(key))
