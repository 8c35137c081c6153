"""A terminal emulator's screen whose window can change its size, as real ones do it."""

from copy import copy

import pyte
from pyte.screens import Char
from wcwidth import wcwidth

_SYNCHRONIZED = 2026 << 5


class Screen(pyte.HistoryScreen):
    """pyte's screen, but for its size: pyte cuts off what does not fit any more.

    A line that is too long for its new width is broken, as in VTE, kitty and iTerm; the cursor stays with its line;
    rows that do not fit go above the screen as far as the cursor allows, and else, below it, are lost.
    """

    def save_cursor(self) -> None:
        """Keep the cursor's place instead of the one kept before: pyte's own are a pile."""
        super().save_cursor()
        self.savepoints[:] = self.savepoints[-1:]

    def restore_cursor(self) -> None:
        """Go there, as often as one likes."""
        kept = [point._replace(cursor=copy(point.cursor)) for point in self.savepoints]
        super().restore_cursor()
        self.savepoints[:] = kept

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        lines, columns = lines or self.lines, columns or self.columns
        rows = [self._cells(row) for row in range(self.lines)]
        broken = [[line[at : at + columns] for at in range(0, len(line), columns)] or [[]] for line in rows]
        above = sum(map(len, broken[: self.cursor.y]))
        row, column = above + self.cursor.x // columns, self.cursor.x % columns
        everything = [part for parts in broken for part in parts]
        surplus = max(0, row - lines + 1)
        self.lines, self.columns = lines, columns
        self.set_margins()
        self.buffer.clear()
        self.history.top.extend(map(self._line, everything[:surplus]))
        for place, cells in enumerate(everything[surplus : surplus + lines]):
            self.buffer[place] = self._line(cells)
        self.cursor.y, self.cursor.x = row - surplus, column
        self.dirty.update(range(lines))

    @property
    def display(self) -> list[str]:
        """The screen's lines; pyte's own trips over wide characters that were half written over."""
        return [self._written(self.buffer[row]) for row in range(self.lines)]

    @property
    def text(self) -> str:
        """Everything on the screen and above it."""
        return "\n".join(line.rstrip() for line in [*map(self._written, self.history.top), *self.display]).rstrip()

    @property
    def shown(self) -> list[str]:
        """The screen's lines down to the last that is not empty."""
        lines = [line.rstrip() for line in self.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def is_sane(self) -> bool:
        """Whether a shell can go on here: the cursor is seen, lines wrap, and text has no colour left over."""
        modes = {pyte.modes.DECAWM, pyte.modes.DECTCEM}
        return modes <= self.mode and not self.cursor.hidden and self.cursor.attrs == self.default_char

    @property
    def is_whole(self) -> bool:
        """Whether it shows a whole frame: in synchronized output a terminal waits with showing until then."""
        return _SYNCHRONIZED not in self.mode

    def _written(self, line) -> str:
        text = ""
        for column in range(self.columns):
            # the right half of a wide character is an empty cell
            text += line[column].data or ("" if text and wcwidth(text[-1]) == 2 else " ")
        return text

    def _cells(self, row: int) -> list[Char]:
        line = self.buffer[row]
        cells = [line[column] for column in range(self.columns)]
        while cells and cells[-1].data == " ":
            cells.pop()
        return cells

    def _line(self, cells: list[Char]):
        line = pyte.screens.StaticDefaultDict(self.default_char)
        line.update(enumerate(cells))
        return line
