"""Records that are already there, such as selected axons or the fields of a class: no run, no waiting."""

from collections.abc import Iterable, Mapping, Sequence

from dendrite_cli import encoding, records
from dendrite_cli.output import safe
from dendrite_cli.output.terminal import Terminal

Rows = Sequence[Mapping[str, object]]


def write_records(terminal: Terminal, rows: Rows, *, lines: bool) -> None:
    """Write the records: one per line, or one array of all of them."""
    for document in rows if lines else [list(rows)]:
        terminal.write(records.encode(document) + b"\n")


def write_csv(terminal: Terminal, rows: Rows, keys: Iterable[str]) -> None:
    """Write the header of `keys`, and a row of each record's values under them."""
    from dendrite_cli.output import csv

    names = tuple(keys)
    terminal.write(csv.header(names))
    for row in rows:
        terminal.write(csv.row({name: row[name] for name in names}))


def write_table(terminal: Terminal, rows: Rows, columns: Mapping[str, str]) -> None:
    """Write a table of `columns` (key of the record to header), without those that are empty throughout."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold" if terminal.out.color else "")
    used = {key: header for key, header in columns.items() if any(_cell(row[key]) for row in rows)}
    for header in used.values():
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row[key])) for key in used))
    terminal.console().print(table)


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return safe.text(value if isinstance(value, str) else encoding.dumps(value))
