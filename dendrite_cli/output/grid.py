"""Rows and columns of text.

On a terminal the least important columns are left out until a row fits its line; elsewhere nothing is cropped.
"""

from collections.abc import Sequence

from dendrite_cli.output.columns import Column, Record
from dendrite_cli.output.terminal import Terminal

_GAP = 2
_ELASTIC = 12


def write(terminal: Terminal, columns: Sequence[Column], shown: Sequence[Record]) -> None:
    """Write a header, and a line for each record."""
    from rich.cells import cell_len

    header = [column.header for column in columns]
    rows = [[column.cell(record, terminal.symbols) for column in columns] for record in shown]
    natural = [max(map(cell_len, cells)) for cells in zip(header, *rows, strict=True)]
    widths = fit(columns, natural, terminal.out.width)
    lines = [line(terminal, columns, widths, header, ["bold"] * len(columns))]
    for record, cells in zip(shown, rows, strict=True):
        styles = [column.style(record) if column.style else "" for column in columns]
        lines.append(line(terminal, columns, widths, cells, styles))
    terminal.write_text("".join(f"{line}\n" for line in lines))


def used(columns: Sequence[Column], shown: Sequence[Record]) -> list[Column]:
    """Return the columns that somebody has something for."""
    return [column for column in columns if any(column.value(record) not in (None, "") for record in shown)]


def line(
    terminal: Terminal, columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str], styles: Sequence[str]
) -> str:
    """Return one line of cells, each cropped to its column's width; a column of width 0 is left out."""
    laid_out = []
    for column, width, cell, style in zip(columns, widths, cells, styles, strict=True):
        if width:
            text, padding = _fitted(cell, width, terminal.symbols.ellipsis)
            text = terminal.paint(text, style)
            laid_out.append(padding + text if column.right else text + padding)
    return f" {(' ' * _GAP).join(laid_out)}".rstrip()


def fit(columns: Sequence[Column], natural: Sequence[int], room: int | None) -> list[int]:
    """Return each column's width on a line of `room` cells, the important ones served first; 0 if it is left out."""
    if room is None:
        return list(natural)
    widths = [0] * len(columns)
    rest = room - 1 + _GAP
    by_weight = sorted(range(len(columns)), key=lambda place: -columns[place].weight)
    for place in by_weight:
        least = _least(columns[place], natural[place], room)
        if not any(widths) or least + _GAP <= rest:
            widths[place] = least
            rest -= least + _GAP
    for place in by_weight:
        wider = min(max(rest, 0), natural[place] - widths[place]) if widths[place] else 0
        widths[place] += wider
        rest -= wider
    return widths


def _least(column: Column, natural: int, room: int) -> int:
    """Return the width below which a column is better left out; a status and its axon share the narrowest line."""
    if column.name in {"status", "endpoint"}:
        return min(natural, max(room // 2 - _GAP, 1))
    return min(natural, _ELASTIC) if column.elastic else natural


def _fitted(cell: str, width: int, ellipsis: str) -> tuple[str, str]:
    """Return a cell cropped to its width, and the padding it needs."""
    if cell.isascii() and len(cell) <= width:
        return cell, " " * (width - len(cell))
    from rich.cells import cell_len, set_cell_size

    if cell_len(cell) > width:
        cell = set_cell_size(cell, max(width - len(ellipsis), 0)) + ellipsis[:width]
    return cell, " " * (width - cell_len(cell))
