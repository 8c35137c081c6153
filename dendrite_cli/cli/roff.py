"""Text as man(7) takes it: nothing of it is a request, an escape or a typographic dash."""

_ESCAPES = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}


def plain(text: str) -> str:
    """Return words for a line of running text."""
    return _guarded("".join(_ESCAPES.get(char) or _ascii(char) for char in text))


def bold(text: str) -> str:
    """Return what is typed as it stands, within a line."""
    return rf"\fB{plain(text)}\fR"


def italic(text: str) -> str:
    """Return what stands for a value, within a line."""
    return rf"\fI{plain(text)}\fR"


def _ascii(char: str) -> str:
    return char if char.isascii() else f"\\[u{ord(char):04X}]"


def _guarded(text: str) -> str:
    return rf"\&{text}" if text.startswith(".") else text
