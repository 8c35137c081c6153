"""The few signs beside the words: they repeat the colour for those who cannot see it, and ASCII does without both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbols:
    """One character of a terminal's width each; the ellipsis may be three, and some names stand for several signs."""

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
    within: str = "±"
    """Before what a figure may be wrong by, either way."""
    stalled: str = "▲"
    """It has said nothing for a while."""
    bar: str = "━─"
    """What is done, and what is not."""
    frame: str = "╭╮╰╯─│"
    """Corners from the upper left, then the sides."""
    spinner: str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
    cursor: str = "▌"
    """Where text goes on."""


UNICODE = Symbols()
ASCII = Symbols(
    ok="+",
    refused="~",
    failed="x",
    silent="o",
    nothing="-",
    dot="-",
    ellipsis="...",
    within="+/-",
    stalled="!",
    bar="#-",
    frame="++++-|",
    spinner="|/-\\",
    cursor="_",
)
