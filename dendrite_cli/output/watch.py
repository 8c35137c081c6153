"""Rounds of pings, an axon a row: how many are lost, how long they take, and how that changes."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from dendrite_cli.model import Axon, Outcome, Run
from dendrite_cli.output import grid, talk
from dendrite_cli.output.columns import COLUMNS, SHORT_HOTKEY, SHORT_KEY, Column, Record, path
from dendrite_cli.output.gauge import TREND, Gauge
from dendrite_cli.output.keys import typed
from dendrite_cli.output.screen import Screen
from dendrite_cli.output.sparks import histogram, sparkline
from dendrite_cli.output.still import Still
from dendrite_cli.output.symbols import Symbols
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.summary import Summary

_MOST_KEPT = 100_000
"""Probes that the histogram is of."""
_OWN_LINES = 2
"""Of a frame, that are no axon's: the header, and how far it is."""


def _tenths(value: object, _symbols: Symbols) -> str:
    """Return milliseconds as precisely as they tell something."""
    return f"{value:.1f}" if isinstance(value, float) and value < 10 else f"{value:.0f}"  # noqa: PLR2004 - one digit


def _percent(value: object, _symbols: Symbols) -> str:
    return f"{value:.0f}%"


def _trend(value: object, symbols: Symbols) -> str:
    return sparkline(value, symbols) if isinstance(value, list) else ""


_MEASURED = (
    Column("sent", path("sent"), header="SENT", right=True, weight=35),
    Column("loss", path("loss"), _percent, "LOSS", right=True, weight=85),
    Column("last", path("last"), _tenths, "LAST", right=True, weight=60),
    Column("p50", path("p50"), _tenths, "P50", right=True, weight=75),
    Column("p95", path("p95"), _tenths, "P95", right=True, weight=70),
    Column("jitter", path("jitter"), _tenths, "JITTER", right=True, weight=65),
)
_TREND = Column("trend", lambda record: record["trend"] or None, _trend, "TREND", weight=58, exceptional=True)
_SHORT = 8
_SHORT_TREND = replace(_TREND, text=lambda value, symbols: _trend(value, symbols)[-_SHORT:])
_NARROW = 100
"""Columns of a terminal below which the trend is of fewer probes."""
_DONE = COLUMNS["status"]
_STATUS = replace(
    _DONE,
    value=lambda record: _DONE.value(record) if record["outcome"] else "waiting",
    style=lambda record: _DONE.style(record) if record["outcome"] and _DONE.style else "dim",
)
_WHO = (COLUMNS["uid"], COLUMNS["hotkey"], COLUMNS["endpoint"], _STATUS, COLUMNS["key"])
_LEGENDS = ("sort: 1 loss 2 last 3 p50 4 p95 5 jitter 0 none, then Enter", "sort: 0 to 5 and Enter")
SORTS = {column.name: column for column in (*_WHO, *_MEASURED)}
"""What rows can be ordered by."""
_KEYS = {"1": "loss", "2": "last", "3": "p50", "4": "p95", "5": "jitter"}


class Watch(Still):
    """Counts every probe; draws what they amount to, and prints that and a histogram at the end."""

    def __init__(  # noqa: PLR0913 - who is watched, and in which order
        self,
        terminal: Terminal,
        run: Run,
        *,
        only: str | None = None,
        sort: str | None = None,
        endless: bool = False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`sort` is one of SORTS, with - in front for descending; None for the order of the selection."""
        self._terminal = terminal
        self._run = run
        self._only = only
        self._sort = SORTS[sort.removeprefix("-")] if sort else None
        self._descending = bool(sort and sort.startswith("-"))
        self._endless = endless
        self._clock = clock
        self._begun = clock()
        self._round = 1
        self._headed = False
        self._gauges: dict[int, Gauge] = {}
        self._took: deque[float] = deque(maxlen=_MOST_KEPT)
        self._screen = Screen(terminal)
        self._count = talk.Count(terminal, run)
        self._moves = terminal.out.moves and not terminal.quiet

    def started(self, index: int, axon: Axon) -> None:
        """An axon has a row from now on."""
        if index not in self._gauges:
            self._gauges[index] = Gauge(index, axon)

    def finished(self, outcome: Outcome) -> None:
        """Count a probe."""
        self._round = max(self._round, outcome.round)
        self.started(outcome.index, outcome.axon)
        took = self._gauges[outcome.index].take(outcome)
        if took is not None:
            self._took.append(took)
        self._count.finished(outcome)

    def redraw(self) -> None:
        """Draw how it is now, in the order that was asked for last."""
        self._head()
        if not self._moves:
            self._count.redraw()
            return
        if keys := typed(tty=self._terminal.input_tty):
            # Enter has moved the cursor
            self._screen.wipe()
            self._order(keys)
        self._screen.draw(self._frame)

    def wipe(self) -> None:
        """Leave nothing of it on the screen."""
        self._screen.wipe()
        self._count.wipe()

    def close(self, summary: Summary) -> None:
        """Print every axon's row, how all probes are spread, and the run's numbers."""
        self._head()
        self.wipe()
        self._terminal.say()
        self._terminal.measure()
        rows = self._rows()
        if rows:
            grid.write(self._terminal, self._columns(rows), rows)
            talk.say_own_words(self._terminal, rows)
        if len(self._took) > 1:
            lines = ["", *histogram(list(self._took), self._terminal.symbols, self._terminal.out.width)]
            self._terminal.write_text("".join(f"{line}\n" for line in lines))
        self._terminal.say()
        talk.say_footer(self._terminal, self._run, summary)

    def _head(self) -> None:
        if not self._headed:
            self._headed = True
            self._terminal.say(talk.headline(self._run, self._terminal.symbols))

    def _order(self, keys: str) -> None:
        """Order the rows by the last key that means something: the largest first, and by the same key again last."""
        for key in keys:
            column = SORTS[_KEYS[key]] if key in _KEYS else None
            if key == "0" or column:
                self._descending = column is not None and not (column is self._sort and self._descending)
                self._sort = column

    def _rows(self) -> list[Record]:
        """Return what there is of every axon, in order; those without a value come last."""
        rows: list[Record] = [self._gauges[index].record for index in sorted(self._gauges)]
        if self._only:
            rows = [row for row in rows if row["ok"] == (self._only == "ok")]
        if self._sort is None:
            return rows
        value = self._sort.value
        known = [row for row in rows if value(row) is not None]
        known.sort(key=lambda row: _rank(value(row)), reverse=self._descending)
        return known + [row for row in rows if value(row) is None]

    def _columns(self, rows: Sequence[Record]) -> list[Column]:
        short = {COLUMNS["hotkey"]: SHORT_HOTKEY, COLUMNS["key"]: SHORT_KEY} if self._terminal.out.tty else {}
        who = [short.get(column, column) for column in grid.used(_WHO, rows)]
        narrow = (self._terminal.out.width or _NARROW) < _NARROW
        return [*who, *_MEASURED, _SHORT_TREND if narrow else _TREND]

    def _frame(self, columns: int, rows: int) -> list[str]:
        from rich.cells import cell_len

        found = self._rows()
        shown = found[: max(rows - _OWN_LINES, 0)]
        used = self._columns(found)
        header = [column.header for column in used]
        cells = [[column.cell(row, self._terminal.symbols) for column in used] for row in shown]
        natural = [max(map(cell_len, column)) for column in zip(header, *cells, strict=True)]
        natural[-1] = _SHORT if used[-1] is _SHORT_TREND else TREND  # all of it at once: no column comes and goes
        widths = grid.fit(used, natural, columns)
        lines = [grid.line(self._terminal, used, widths, header, ["bold"] * len(used))]
        for row, texts in zip(shown, cells, strict=True):
            styles = [column.style(row) if column.style else "" for column in used]
            lines.append(grid.line(self._terminal, used, widths, texts, styles))
        return [*lines, self._line(columns, len(found) - len(shown))]

    def _line(self, room: int, hidden: int) -> str:
        """Return how far it is, and how it can be ordered where there is room to say so."""
        dot = self._terminal.symbols.dot
        parts = [
            f"round {self._round}",
            talk.span(self._clock() - self._begun),
            f"and {hidden} more below" if hidden else None,
            f"by {'-' if self._descending else ''}{self._sort.name}" if self._sort else None,
            "Ctrl-C ends" if self._endless else None,
        ]
        known = [part for part in parts if part]
        for keys in _LEGENDS if self._terminal.input_tty else ():
            if len(f" {f' {dot} '.join([*known, keys])}") <= room:
                known.append(keys)
                break
        while len(known) > 1 and len(f" {f' {dot} '.join(known)}") > room:
            known.pop()
        return f" {f' {dot} '.join(known)}"[:room]


def _rank(value: object) -> tuple[int, float, str]:
    return (0, value, "") if isinstance(value, (int, float)) else (1, 0.0, str(value))
