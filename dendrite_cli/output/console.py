"""Rich's console without its manners: it adds nothing to the text, asks no environment and swallows no closed pipe.

Apart from the terminal because it is the one module that imports Rich, which formats for programs never need.
"""

from collections.abc import Callable
from typing import IO, cast

from rich.console import Console

_ENDLESS = 100_000
"""Columns of what is no terminal: a file has no edge, so nothing is cropped for it."""


class PlainConsole(Console):
    """A console that hands its text to `write`."""

    def __init__(self, write: Callable[[str], None], *, color: bool, width: int | None) -> None:
        super().__init__(
            file=cast("IO[str]", _File(write)),
            color_system="standard" if color else None,
            no_color=not color,
            force_terminal=color,
            width=width or _ENDLESS,
            height=25,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def on_broken_pipe(self) -> None:
        """Pass the error on: Rich's own way is exit code 1."""
        raise  # noqa: PLE0704 - Rich calls this where it caught the error


class _File:
    """As much of a text file as Rich needs."""

    encoding = "utf-8"

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def write(self, text: str) -> int:
        if text:
            self._write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
