"""One axon's stream in a box, and in one line: who it is, what it says, and how it goes."""

from collections.abc import Sequence

from dendrite_cli import records
from dendrite_cli.model import Outcome
from dendrite_cli.output import safe, talk
from dendrite_cli.output.columns import COLUMNS
from dendrite_cli.output.said import STALLED, Said
from dendrite_cli.output.screen import column as at_column
from dendrite_cli.output.streams import label
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.wrapped import cells, ending, wrap

FRAME = 2
"""Rows of a box that are its border."""
_SPIN = 10
"""Turns of a spinner per second."""
_STATUS = 26
"""Cells of the longest status in a line."""


def title(said: Said, terminal: Terminal) -> str:
    """Return `5 · 5GrwvA…utQ`."""
    hotkey = said.axon.hotkey
    parts = [label(said.axon)]
    parts += [safe.shorten_hotkey(hotkey, ellipsis=terminal.symbols.ellipsis)] if hotkey else []
    return safe.text(f" {terminal.symbols.dot} ".join(parts))


def status(said: Said, terminal: Terminal, now: float, room: int) -> tuple[str, str]:
    """Return how it goes, in `room` cells, and the colour of that: `● 240 ms first · 38 ch/s`.

    Chunks, not characters, are counted.
    """
    parts, style = _parts(said, terminal, now)
    dot = f" {terminal.symbols.dot} "
    if cells(dot.join(parts)) > room:
        parts[0] = parts[0].removesuffix(" first")
    while len(parts) > 1 and cells(dot.join(parts)) > room:
        parts.pop()
    return cropped(dot.join(parts), room, terminal), style


def _parts(said: Said, terminal: Terminal, now: float) -> tuple[list[str], str]:
    """Return what there is to say of it, the important first."""
    symbols = terminal.symbols
    silence = said.silence(now)
    if said.outcome is not None:
        return _ended(said, said.outcome, terminal)
    if silence > STALLED:
        return [f"{symbols.stalled} stalled", _chunks(said.chunks)], "yellow"
    if said.first is None:
        turn = symbols.spinner[int(now * _SPIN) % len(symbols.spinner)]
        return [f"{turn} waiting", talk.span(silence)], "dim"
    rate = [] if said.rate is None else [f"{said.rate:.0f} ch/s"]
    return [f"{symbols.ok} {said.first * 1000:.0f} ms first", *rate], "green"


def box(said: Said, terminal: Terminal, now: float, *, width: int, height: int) -> list[str]:
    """Return a box of `width` cells with the last rows that fit `height`; both 5 at least.

    Its sides are put in their columns by `beside`, wherever a terminal's idea of a character's width left the cursor.
    """
    corners = terminal.symbols.frame
    side = terminal.paint(corners[5], "dim")
    words, style = status(said, terminal, now, width - 4)
    lines = [_border(terminal, corners[:2], title(said, terminal), "bold", width)]
    lines += [f"{side} {row}\0{side}" for row in _content(said, terminal, now, width - 4)[-(height - FRAME) :]]
    return [*lines, _border(terminal, corners[2:4], words, style, width)]


def beside(boxes: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of boxes that stand side by side, the lower ones filled up."""
    height = max(map(len, boxes))
    lines = []
    for row in range(height):
        placed = [
            at_column(1 + number * width) + _at(box, row, height).replace("\0", at_column((number + 1) * width))
            for number, box in enumerate(boxes)
        ]
        lines.append("".join(placed))
    return lines


def line(said: Said, terminal: Terminal, now: float, *, name: int, width: int) -> str:
    """Return one line: who it is in `name` cells, how it goes, and its last words."""
    shown, style = status(said, terminal, now, min(_STATUS, max(width - name - 4, 0)))
    head = f" {cropped(title(said, terminal), name, terminal).rjust(name)}  "
    room = width - cells(head) - _STATUS - 1
    text = f"{head}{terminal.paint(shown, style)}"
    if room < _STATUS // 2:
        return text
    said_last = said.last_words(2 * width) or why(said) or ""
    if cells(said_last) > room:
        said_last = terminal.symbols.ellipsis + ending(said_last, room - len(terminal.symbols.ellipsis))
    return f"{text}{' ' * (_STATUS - cells(shown) + 1)}{said_last}"


def _content(said: Said, terminal: Terminal, now: float, width: int) -> list[str]:
    """Return the rows of a box, what is said about the stream below what it says."""
    rows = said.rows(width, 1000)
    if said.outcome is None and said.first is not None:
        if said.silence(now) > STALLED:
            notice = cropped(f"no data for {said.silence(now):.1f} s", width, terminal)
            return [*rows, terminal.paint(notice, "yellow")]
        if rows and cells(rows[-1]) < width:
            return [*rows[:-1], rows[-1] + terminal.symbols.cursor]
    reason = why(said)
    return [*rows, *(terminal.paint(row, "dim") for row in wrap(reason, width))] if reason else rows or [""]


def why(said: Said) -> str | None:
    """Return why it has failed, on one line; None while it has not, and where its status says it all."""
    if said.outcome is None or said.outcome.ok:
        return None
    note = COLUMNS["note"].value(records.result(said.outcome, ""))
    return safe.text(str(note)) if note else None


def _ended(said: Said, outcome: Outcome, terminal: Terminal) -> tuple[list[str], str]:
    column = COLUMNS["status"]
    record = records.result(outcome, "")
    parts = [column.cell(record, terminal.symbols)]
    parts += [_chunks(said.chunks)] if said.chunks else []
    parts += [talk.span(outcome.timing.total)] if outcome.timing.total is not None else []
    return parts, column.style(record) if column.style else ""


def _chunks(number: int) -> str:
    return "1 chunk" if number == 1 else f"{number} chunks"


def _border(terminal: Terminal, corners: str, text: str, style: str, width: int) -> str:
    """Return `╭ text ────╮`."""
    bar = terminal.symbols.frame[4]
    text = cropped(text, width - 4, terminal)
    rest = bar * (width - 4 - cells(text))
    left, right = terminal.paint(corners[0], "dim"), terminal.paint(f"{rest}{corners[1]}", "dim")
    return f"{left} {terminal.paint(text, style)} {right}"


def _at(box: Sequence[str], row: int, height: int) -> str:
    """Return a row of a box that is stretched to a height, its lower border being the last."""
    if row == height - 1:
        return box[-1]
    if row < len(box) - 1:
        return box[row]
    side = box[1].partition("\0")[2]
    return f"{side}\0{side}"


def cropped(text: str, width: int, terminal: Terminal) -> str:
    """Return the text, or as much of it as fits before an ellipsis."""
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    ellipsis = terminal.symbols.ellipsis
    return set_cell_size(text, max(width - len(ellipsis), 0)) + ellipsis[:width]
