"""The few signs beside the words: they repeat the colour for those who cannot see it, and ASCII does without both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbols:
    """One character of a terminal's width each, but for the ellipsis."""

    ok: str = "●"
    refused: str = "◐"
    """It answered, and not with what was asked for."""
    failed: str = "✗"
    silent: str = "○"
    """It was not asked."""
    nothing: str = "\N{EN DASH}"
    """There is no value."""
    dot: str = "·"
    """Between the parts of a line."""
    ellipsis: str = "…"


UNICODE = Symbols()
ASCII = Symbols(ok="+", refused="~", failed="x", silent="o", nothing="-", dot="-", ellipsis="...")
