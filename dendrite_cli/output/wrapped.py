"""Text that grows, word-wrapped as it comes: only the row that is still open is ever laid out anew."""

import re
from collections import deque

_ROWS = 500
"""More than any screen has."""
_PART = re.compile(r" +|[^ ]+")
_PAINT = re.compile(r"\x1b\[[0-9;]*m")
_INDENT = 2
_STACK = 8
"""Characters that a cell holds at most: marks above and below a letter take no cell of their own."""


class Wrapped:
    """The last rows of a text, each at most `width` cells."""

    def __init__(self, width: int) -> None:
        """`width` is 2 at least: some characters take two cells."""
        self.width = width
        self._rows: deque[str] = deque(maxlen=_ROWS)
        self._open = ""

    def feed(self, text: str) -> None:
        """Add text without control characters but line feeds."""
        *whole, last = (self._open + text).split("\n")
        for paragraph in whole:
            self._rows.extend(row.rstrip() for row in wrap(paragraph, self.width))
        *rows, self._open = wrap(last, self.width)
        self._rows.extend(row.rstrip() for row in rows)

    def last(self, count: int) -> list[str]:
        """Return the last rows, at most so many; the open one is there as soon as anything is."""
        rows = [*self._rows, self._open.rstrip()] if self._rows or self._open else []
        return rows[-count:] if count > 0 else []


def wrap(text: str, width: int) -> list[str]:
    """Return one row at least; a word that is too long for a row is broken."""
    rows, row, used = [], "", 0
    for part in _PART.findall(text):
        size = cells(part)
        if used + size <= width:
            row, used = row + part, used + size
        elif part[0] == " ":
            # one is enough to tell, when more text comes, that this word has ended
            row, used = row + " ", width
        else:
            if used:
                rows.append(row)
            *broken, row = _broken(part, width)
            rows += broken
            used = cells(row)
    return [*rows, row]


def fold(line: str, width: int) -> str:
    """Return a line as lines of at most `width` cells, broken at spaces and indented; colours take no room.

    A word that is longer stays whole: it may be a command or an address that is copied.
    """
    if cells(_PAINT.sub("", line)) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip(" ")) + _INDENT)
    rows, row = [], ""
    for part in _PART.findall(line):
        if row.strip() and cells(_PAINT.sub("", row + part.rstrip())) > width:
            rows.append(row.rstrip())
            row = indent + part.lstrip()
        else:
            row += part
    return "\n".join([*rows, row.rstrip()])


def ending(text: str, width: int) -> str:
    """Return as much of the end of a line as fits so many cells."""
    at, used = len(text), 0
    while at:
        used += _cells(text[at - 1])
        if used > width or len(text) - at >= width * _STACK:
            break
        at -= 1
    return text[at:]


def cells(text: str) -> int:
    """Return how many cells a text takes; marks without a width take some when there are very many of them."""
    if text.isascii():
        return len(text)
    return max(sum(map(_cells, text)), len(text) // _STACK)


def _broken(word: str, width: int) -> list[str]:
    """Return a word as rows."""
    if word.isascii():
        return [word[at : at + width] for at in range(0, len(word), width)]
    rows, row, used = [], "", 0
    for character in word:
        size = _cells(character)
        if used + size > width or len(row) >= width * _STACK:
            rows.append(row)
            row, used = "", 0
        row, used = row + character, used + size
    return [*rows, row]


def _cells(character: str) -> int:
    from rich.cells import cell_len

    return cell_len(character)
