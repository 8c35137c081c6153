"""Text from axons, made fit for a terminal and for a spreadsheet: the one place where it is cleaned.

A miner chooses its messages, a terminal obeys control characters and a spreadsheet formulas. Rich's markup is none of
our business here: callers show text as `rich.text.Text`, which has none.
"""

import re

from dendrite_cli.encoding import HIDDEN

_SPACE = re.compile(r"[ \t\r\n\v\f\x85\u2028\u2029]+")
_UNSAFE = re.compile(f"[\\x00-\\x1f{HIDDEN}\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]")
_UNSAFE_IN_PROSE = re.compile(f"(?![\u200c\u200d]){_UNSAFE.pattern}")
_FORMULA = re.compile(
    # as typed, full width and small, and the minus sign
    f"[\\s\\x00-\\x1f{HIDDEN}]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
    r"|[\t\r\n]"
)
"""How text begins that a spreadsheet may compute instead of showing it."""
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian, the scripts of India and emoji are misspelt without them."""
_STACK = re.compile(f"([{_MARKS}{_JOINERS}]{{8}})[{_MARKS}{_JOINERS}]+")
"""More marks on one letter than any language has: some terminals take a time that grows with their square."""
_NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_TAB = 4
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


def stream(text: str) -> str:
    """Return text that a model wrote, for a terminal: as `lines`, but for joiners, and with tabs as spaces."""
    prose = _STACK.sub(r"\1", text.replace("\r\n", "\n").expandtabs(_TAB))
    return "\n".join(_UNSAFE_IN_PROSE.sub(_visible, line) for line in prose.split("\n"))


def cell(text: str) -> str:
    r"""Return one line for a cell of a CSV file: spaces stay, and what cannot be seen is written out, `\n` as `\x1b`.

    What a spreadsheet could take for a formula gets an apostrophe in front. Cleaning it again changes nothing.
    """
    line = _UNSAFE.sub(_visible, text)
    return f"'{line}" if _FORMULA.match(text) else line


def shorten_hotkey(hotkey: str, *, ellipsis: str = "…") -> str:
    """Return the two ends by which people know a hotkey: `5F3sa2…JhW`."""
    clean = text(hotkey)
    if len(clean) <= _HEAD + _TAIL + len(ellipsis):
        return clean
    return f"{clean[:_HEAD]}{ellipsis}{clean[-_TAIL:]}"


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] in _NAMED:
        return _NAMED[found[0]]
    if code <= _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _PLANE else f"\\U{code:08x}"
