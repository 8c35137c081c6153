r"""One row per record under a header that never depends on the data: for spreadsheets, data frames and databases.

A cell is text as it is, anything else as JSON writes it, and empty for null. An answer's body is JSON even where it is
text, so that every body is read in the same way. Quoting is RFC 4180's; lines end as Unix's do, since `cut` and `awk`
take a carriage return for a part of the last column. A record is one line always: a line break in a text is written
out as `\n`, where it could otherwise pass for a row of its own, and a text that a spreadsheet could take for a formula
gets an apostrophe in front. Who needs a text to the letter finds it in the JSON of its body, which loses nothing.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import StringIO

from dendrite_cli import encoding
from dendrite_cli.model import Run
from dendrite_cli.output import safe
from dendrite_cli.output.columns import leaves
from dendrite_cli.output.lines import Lines
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View

_JSON = frozenset({"body", "stream", "answer"})
"""Columns whose value may be of any type."""


class Csv(Lines):
    """Writes the header as soon as the first axon is dialled, and every leaf of a record unless columns were chosen."""

    def __init__(self, terminal: Terminal, run: Run, view: View) -> None:
        columns = view.columns or leaves()
        super().__init__(terminal, run, replace(view, columns=columns), row, header(c.name for c in columns))


def header(names: Iterable[str]) -> bytes:
    """Return the line of the columns' names."""
    return _line(map(safe.cell, names))


def row(record: Mapping[str, object]) -> bytes:
    """Return the line of a flat record."""
    return _line(_json(value) if name in _JSON else _cell(value) for name, value in record.items())


def _line(cells: Iterable[str]) -> bytes:
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue().encode()


def _json(value: object) -> str:
    written = encoding.dumps(value)
    return "" if written == "null" else written


def _cell(value: object) -> str:
    if isinstance(value, str):
        return safe.cell(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # all its digits: JSON makes a string of what its readers would round
    return _json(value)
