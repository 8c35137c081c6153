"""A frame of lines on a terminal, drawn over itself a few times a second and wiped without a trace.

The cursor rests on the frame's first line, which is blank, and all that follows it is the frame's: so what is typed
meanwhile (also the terminal's own `^C`) lands on that line and goes with it, and after a change of the window's size
clearing from the cursor on takes all of the frame away, however the terminal broke its lines. The cursor is never
hidden, and lines are cut off at the edge only within a frame's one write: nothing has to be put in order by a program
that may no longer live to do it.

A slow terminal, at the end of a slow line, must not hold the event loop up: frames are written beside it, and left out
while one is on its way.

Rich's Live, measured on 22 rows, takes 20 ms of the event loop for a frame, twice the bytes, and stdout; this, 1 ms.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock, Thread

from dendrite_cli.errors import OutputError
from dendrite_cli.output.terminal import Terminal

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
"""Around what is shown as a whole, where the terminal can (synchronized output)."""
_CUT, _WRAP = "\x1b[?7l", "\x1b[?7h"
"""Whether what is too long for a line is cut off or goes on in the next."""
_KEEP, _RETURN = "\x1b7", "\x1b8"
"""Of the cursor's place."""
_CANCEL = "\x18"
"""Ends a sequence that was broken off."""
_REST_OF_LINE, _REST_OF_SCREEN = "\x1b[K", "\x1b[J"
_NEXT = "\r\x1b[B"
"""To the next line, and never to one that would have to be made by scrolling: the window may just have been made
smaller, with this frame on its way."""
_PATIENCE = 0.5
"""Seconds."""
_LEAST_ROWS = 5
"""Below, a screen has no room for anything that moves."""


class Screen:
    """The moving part of a terminal; it shares the screen with what is said, which stays above it."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._drawn = False
        self._room = (0, 0, 0)
        """Columns and rows of the screen, and the lines below the cursor that are ours."""
        self._writing = Lock()

    def draw(self, frame: Callable[[int, int], Sequence[str]]) -> bool:
        """Draw the lines that `frame` returns for so many columns and rows; say whether the terminal could take them.

        A line is at most `columns` cells and holds no control characters but those of `Terminal.paint` and `column`.
        """
        if self._writing.locked() or not self._terminal.takes_frames():
            return False
        columns, rows = self._terminal.measure()
        if rows < _LEAST_ROWS:
            self.wipe()
            return True
        # one row for the blank line, one that stays for what was said; the last column is no safe place
        lines = ["", *frame(columns - 1, rows - 2)][: rows - 1]
        # what was there is erased first: a line may leave cells out, and means that they are blank
        text = _NEXT.join(f"{_REST_OF_LINE}{line}" for line in lines)
        room = self._make_room(columns, rows, len(lines))
        self._drawn = True
        self._terminal.make_way = self.wipe
        self._writing.acquire()
        whole = f"{_BEGIN}{room}{_KEEP}{_CUT}{text}{_REST_OF_SCREEN}{_RETURN}{_WRAP}{_END}"
        Thread(target=self._write, args=(whole,), name="frame", daemon=True).start()
        return True

    def wipe(self) -> None:
        """Leave nothing of the frame on the screen, and the cursor where it began."""
        self._terminal.make_way = None
        if self._drawn:
            self._drawn = False
            # a terminal that takes nothing any more is not waited for
            if self._writing.acquire(timeout=_PATIENCE):
                plain = "\x1b[0m" if self._terminal.err.color else ""
                self._write(f"{_CANCEL}{self._start()}{_WRAP}{_END}{plain}\r{_REST_OF_SCREEN}")

    def _start(self) -> str:
        """Return what leads to the frame's first line, also from within it.

        Ctrl-C throws away what the terminal has not read yet, and so the end of a frame that is on its way. Where the
        window has changed, the cursor went with its line, and the place that was kept may be another line's.
        """
        return _RETURN if self._terminal.measure() == self._room[:2] else ""

    def _make_room(self, columns: int, rows: int, lines: int) -> str:
        """Return what scrolls until there are so many lines below the cursor; only blank ones are scrolled away."""
        known_columns, known_rows, ours = self._room if self._drawn else (0, 0, 0)
        if (known_columns, known_rows) == (columns, rows) and lines <= ours:
            return "\r"
        self._room = (columns, rows, lines)
        return f"\r{_KEEP}{_REST_OF_SCREEN}" + "\n" * (lines - 1) + _up(lines - 1)

    def _write(self, text: str) -> None:
        try:
            with suppress(OSError, OutputError):  # a frame that nobody sees any more is lost without harm
                self._terminal.write_text(text)
        finally:
            self._writing.release()


def column(place: int) -> str:
    """Return what moves the cursor to a column of its line, from 1, whatever was written before it."""
    return f"\x1b[{place}G"


def _up(lines: int) -> str:
    return f"\x1b[{lines}A" if lines else ""
