"""A frame of lines on a terminal, drawn over itself a few times a second and wiped without a trace.

The cursor rests on the frame's first line, which is blank, and all that follows it is the frame's: so what is typed
meanwhile (also the terminal's own `^C`) lands on that line and goes with it, and after a change of the window's size
clearing from the cursor on takes all of the frame away, however the terminal broke its lines. The cursor is never
hidden, and lines are cut off at the edge only within a frame's one write: nothing has to be put in order by a program
that may no longer live to do it.

Rich's Live, measured on 22 rows, takes 20 ms of the event loop for a frame, twice the bytes, and stdout; this, 1 ms.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

from dendrite_cli.output.terminal import Terminal

_BEGIN, _END = "\x1b[?2026h\x1b[?7l\r", "\r\x1b[?7h\x1b[?2026l"
"""Shown as a whole where the terminal can (synchronized output); what is too long is cut off instead of wrapped."""
_REST_OF_LINE, _REST_OF_SCREEN = "\x1b[K", "\x1b[J"
_LEAST_ROWS = 5
"""Below, a screen has no room for anything that moves."""


class Screen:
    """The moving part of a terminal; it shares the screen with what is said, which stays above it."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._drawn = False

    def draw(self, frame: Callable[[int, int], Sequence[str]]) -> None:
        """Draw the lines that `frame` returns for so many columns and rows, where the terminal can take them.

        A line is at most `columns` cells and holds no control characters but those of `Terminal.paint` and `column`.
        """
        if not self._terminal.takes_frames():
            return
        columns, rows = self._terminal.measure()
        if rows < _LEAST_ROWS:
            self.wipe()
            return
        # one row for the blank line, one that stays for what was said; the last column is no safe place
        lines = ["", *frame(columns - 1, rows - 2)][: rows - 1]
        text = "\r\n".join(f"{line}{_REST_OF_LINE}" for line in lines)
        self._drawn = True
        self._terminal.make_way = self.wipe
        self._write(f"{_BEGIN}{text}{_REST_OF_SCREEN}{_up(len(lines) - 1)}{_END}")

    def wipe(self) -> None:
        """Leave nothing of the frame on the screen, and the cursor where it began."""
        self._terminal.make_way = None
        if self._drawn:
            self._drawn = False
            self._write(f"\r{_REST_OF_SCREEN}")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a frame that nobody sees any more is lost without harm
            self._terminal.write_text(text)


def column(place: int) -> str:
    """Return what moves the cursor to a column of its line, from 1, whatever was written before it."""
    return f"\x1b[{place}G"


def _up(lines: int) -> str:
    return f"\x1b[{lines}A" if lines else ""
