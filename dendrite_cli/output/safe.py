"""Text from axons, made fit for a terminal: the one place where it is cleaned.

A miner chooses its messages, and a terminal obeys control characters. Rich's markup is none of our business here:
callers show text as `rich.text.Text`, which has none.
"""

import re

from dendrite_cli.records import HIDDEN

_SPACE = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_UNSAFE = re.compile(f"[\\x00-\\x1f{HIDDEN}\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]")
_HEAD, _TAIL = 6, 3
_BYTE, _PLANE = 0xFF, 0xFFFF


def text(text: str, *, limit: int | None = None, ellipsis: str = "…") -> str:
    r"""Return one line in which white space is single and what cannot be seen is written out, as in `\x1b`.

    At most `limit` characters. Cleaning it again changes nothing.
    """
    line = _UNSAFE.sub(_visible, _SPACE.sub(" ", text).strip())
    if limit is None or len(line) <= limit:
        return line
    return line[: max(limit - len(ellipsis), 0)].rstrip() + ellipsis[:limit]


def lines(text: str) -> str:
    """Return the text with its spaces and line feeds as they are; what else cannot be seen is written out."""
    return "\n".join(_UNSAFE.sub(_visible, line) for line in text.split("\n"))


def shorten_hotkey(hotkey: str, *, ellipsis: str = "…") -> str:
    """Return the two ends by which people know a hotkey: `5F3sa2…JhW`."""
    clean = text(hotkey)
    if len(clean) <= _HEAD + _TAIL + len(ellipsis):
        return clean
    return f"{clean[:_HEAD]}{ellipsis}{clean[-_TAIL:]}"


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _PLANE else f"\\U{code:08x}"
