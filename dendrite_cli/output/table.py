"""The table: one line per axon, in the order of the selection, laid out once all are known."""

from collections.abc import Callable, Sequence
from typing import Protocol

from dendrite_cli import encoding, records
from dendrite_cli.model import Axon, Chunk, Outcome, Run
from dendrite_cli.output import compared, grid, layers, talk
from dendrite_cli.output.columns import ALWAYS, COLUMNS, COMMANDS, QUERY, SHORT_HOTKEY, SHORT_KEY, Column, Record
from dendrite_cli.output.live import Live
from dendrite_cli.output.still import Still
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.summary import Summary

_MOST_COLORED = 100_000
"""Characters of a body beyond which colouring it takes longer than reading it."""


class Moving(Protocol):
    """What is shown while the run goes on, above or instead of the table that comes at its end."""

    interval: float
    """Seconds from one redraw to the next."""

    def started(self, index: int, axon: Axon) -> None:
        """An axon is about to be dialled."""

    def chunk(self, chunk: Chunk) -> None:
        """A piece of a stream is there."""

    def finished(self, outcome: Outcome) -> None:
        """An axon is done with."""

    def redraw(self) -> None:
        """Draw how it is now."""

    def wipe(self) -> None:
        """Leave nothing on the screen that moves."""

    def last_words(self) -> None:
        """Write what is to stay, before the table."""


class Table(Still):
    """Collects the records of a run; prints the headline first, and the rest when it is closed.

    Meanwhile the rows fill in where the cursor can be moved; elsewhere a count says how far it is. Streams are shown by
    whoever is handed in as `moving`.
    """

    def __init__(  # noqa: PLR0913 - who is shown, where, and what of it
        self,
        terminal: Terminal,
        run: Run,
        view: View,
        *,
        verbose: bool = False,
        moving: Moving | None = None,
        is_ours: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`is_ours` says whether an address is one of this machine."""
        self._terminal = terminal
        self._run = run
        self._view = view
        self._verbose = verbose
        self._is_ours = is_ours
        self._records: list[Record] = []
        self._headed = False
        self._moving = moving or self._chosen()
        self.interval = self._moving.interval

    def started(self, index: int, axon: Axon) -> None:
        """An axon is about to be dialled."""
        self._moving.started(index, axon)

    def chunk(self, chunk: Chunk) -> None:
        """A piece of a stream is there."""
        self._moving.chunk(chunk)

    def redraw(self) -> None:
        """Say who is asked, and how far it is."""
        self._head()
        self._moving.redraw()

    def wipe(self) -> None:
        """Leave nothing on the screen that moves."""
        self._moving.wipe()

    def finished(self, outcome: Outcome) -> None:
        """Remember the record."""
        if self._view.shows(outcome):
            self._records.append(records.result(outcome, self._run.id))
        self._moving.finished(outcome)

    def close(self, summary: Summary) -> None:
        """Print the table, a single query's body, and what people want to know besides."""
        self._head()
        self._moving.wipe()
        self._terminal.say()
        self._terminal.measure()
        self._moving.last_words()
        found, known = self._view.compared(sorted(self._records, key=_in_selection))
        shown = self._view.ordered(found)
        if shown:
            grid.write(self._terminal, self._columns(shown), shown)
            talk.say_own_words(self._terminal, shown)
        if self._one_answer(shown):
            self._print_body(shown[0]["body"])
        self._print_details(shown if self._verbose else [])
        if self._view.likeness:
            self._terminal.say()
            compared.say(self._terminal, known, [compared.name(record) for record in found], self._view.likeness)
        self._terminal.say()
        talk.say_footer(self._terminal, self._run, summary)

    def _head(self) -> None:
        if not self._headed:
            self._headed = True
            self._terminal.say(talk.headline(self._run, self._terminal.symbols))

    def _columns(self, shown: Sequence[Record]) -> list[Column]:
        """Return the columns asked for, or the command's own without those that nobody has anything for."""
        columns = self._possible_columns()
        if self._view.columns:
            return columns
        return [
            column
            for column in columns
            if column.name in ALWAYS or any(column.value(record) not in (None, "") for record in shown)
            if column.name != "answer" or not self._one_answer(shown)
        ]

    def _chosen(self) -> Moving:
        if self._terminal.out.moves and not self._terminal.quiet:
            return Live(self._terminal, self._run, self._view, self._possible_columns())
        return talk.Count(self._terminal, self._run)

    def _possible_columns(self) -> list[Column]:
        """Return the columns asked for, or all that the command has; for eyes, hotkeys are short."""
        columns = self._view.columns or COMMANDS.get(self._run.command, QUERY)
        short = {COLUMNS["hotkey"]: SHORT_HOTKEY, COLUMNS["key"]: SHORT_KEY} if self._terminal.out.tty else {}
        return [short.get(column, column) for column in columns]

    def _one_answer(self, shown: Sequence[Record]) -> bool:
        return self._run.command == "query" and len(shown) == 1 and not self._view.columns

    def _print_body(self, body: object) -> None:
        if body is None:
            return
        from rich.highlighter import JSONHighlighter
        from rich.text import Text

        text = Text("\n" + encoding.dumps(body, indent=2))
        if self._terminal.out.color and len(text) < _MOST_COLORED:
            JSONHighlighter().highlight(text)
        self._terminal.console().print(text, soft_wrap=True)

    def _print_details(self, shown: Sequence[Record]) -> None:
        if self._run.command == "ping" and len(shown) == 1:
            self._terminal.say()
            layers.say(self._terminal, shown[0], is_ours=self._is_ours)
            return
        for record in shown:
            self._terminal.say()
            for line in talk.details(record, self._terminal.symbols):
                self._terminal.say(line)


def _in_selection(record: Record) -> tuple[object, object]:
    return record["round"], record["index"]
