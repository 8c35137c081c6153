"""The table while the run goes on: as many rows as the screen has room for, filling in, and below them how far it is.

Whatever is told of an outcome is only remembered; what it looks like is worked out when it is drawn, for the rows that
are on the screen alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from dendrite_cli import records
from dendrite_cli.model import Axon, Outcome, Run, Verdict
from dendrite_cli.output import grid
from dendrite_cli.output.columns import ALWAYS, Column, Record
from dendrite_cli.output.progress import Progress
from dendrite_cli.output.screen import Screen
from dendrite_cli.output.still import Still
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.output.window import Window

_KNOWN = frozenset({"uid", "hotkey", "endpoint", "host", "port", "address", "index"})
"""Columns that say who is asked: they have a value before there is an outcome."""
_OWN_LINES = 2
"""Of a frame, that are no axon's: the header, and how far the run is."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What one axon's line holds, cell by cell."""

    cells: tuple[str, ...]
    styles: tuple[str, ...]


class Live(Still):
    """Remembers who is asked and what came of it; draws that."""

    def __init__(
        self,
        terminal: Terminal,
        run: Run,
        view: View,
        columns: Sequence[Column],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`columns` are those that can be shown; a column that was not asked for waits until it has a value."""
        import rich.cells  # noqa: F401 - takes a while to load: not when the first frame is drawn, while axons answer

        self._terminal = terminal
        self._view = view
        self._columns = tuple(columns)
        self._header = _Row(tuple(column.header for column in columns), ("bold",) * len(columns))
        self._screen = Screen(terminal)
        self._progress = Progress(terminal, run, clock)
        self._window = Window(clock)
        self._axons: dict[int, Axon] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._waiting: set[int] = set()
        self._rows: dict[int, _Row] = {}
        """Of those on the screen: worked out once."""
        self._widths = [len(column.header) * (bool(view.columns) or column.name in ALWAYS) for column in columns]
        """The widest cell so far, so that columns do not jump to and fro; 0 for one that nobody needed yet."""

    def started(self, index: int, axon: Axon) -> None:
        """An axon has a row from now on."""
        self._axons[index] = axon
        self._waiting.add(index)
        self._window.add(index)

    def finished(self, outcome: Outcome) -> None:
        """Remember the outcome, without the answer's bytes; a row that is not wanted any more goes."""
        index = outcome.index
        self._progress.finished(outcome)
        self._waiting.discard(index)
        self._rows.pop(index, None)
        if not self._view.shows(outcome):
            self._window.remove(index)
            return
        if index not in self._axons:
            self._axons[index] = outcome.axon
            self._window.add(index)
        self._outcomes[index] = replace(outcome, content=None)

    def redraw(self) -> None:
        """Draw how it is now."""
        self._screen.draw(self._frame)

    def wipe(self) -> None:
        """Leave nothing of it on the screen."""
        self._screen.wipe()

    def _frame(self, columns: int, rows: int) -> list[str]:
        shown = self._window.choose(max(rows - _OWN_LINES, 0), lambda index: index not in self._waiting)
        self._rows = {index: self._rows.get(index) or self._row(index) for index in shown}
        used = [place for place, width in enumerate(self._widths) if width]
        widths = grid.fit([self._columns[place] for place in used], [self._widths[place] for place in used], columns)

        def line(row: _Row) -> str:
            cells, styles = [row.cells[place] for place in used], [row.styles[place] for place in used]
            return grid.line(self._terminal, [self._columns[place] for place in used], widths, cells, styles)

        rows_shown = [line(self._header), *map(line, self._rows.values())] if self._rows else []
        return [*rows_shown, self._progress.line(columns)]

    def _row(self, index: int) -> _Row:
        """Return an axon's line, and widen the columns that it needs."""
        from rich.cells import cell_len

        outcome = self._outcomes.get(index)
        # before the first outcome a record that holds nothing but the axon
        nothing = Outcome(index, self._axons[index], Verdict.CANCELLED, "")
        record = records.result(outcome or nothing, "")
        pairs = [self._cell(column, record, waits=outcome is None) for column in self._columns]
        for place, (cell, _) in enumerate(pairs):
            if self._widths[place] or cell not in {"", self._terminal.symbols.nothing}:
                self._widths[place] = max(self._widths[place], cell_len(self._columns[place].header), cell_len(cell))
        return _Row(tuple(cell for cell, _ in pairs), tuple(style for _, style in pairs))

    def _cell(self, column: Column, record: Record, *, waits: bool) -> tuple[str, str]:
        """Return what a column shows, and its colour."""
        if not waits:
            return column.cell(record, self._terminal.symbols), column.style(record) if column.style else ""
        if column.name == "status":
            return f"{self._terminal.symbols.dot} waiting", "dim"
        known = column.name in _KNOWN or column.name.startswith("axon.")
        return (column.cell(record, self._terminal.symbols) if known else ""), ""
