"""One line per record, written the moment an axon is done with: a program is waiting for it."""

from collections.abc import Callable

from dendrite_cli import records
from dendrite_cli.model import Axon, Outcome, Run
from dendrite_cli.output import compared, talk
from dendrite_cli.output.columns import Record
from dendrite_cli.output.still import Still
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.summary import Summary


class Lines(Still):
    """Writes records as they come; holds them back only where they have to be sorted or compared."""

    def __init__(
        self, terminal: Terminal, run: Run, view: View, line: Callable[[Record], bytes], header: bytes = b""
    ) -> None:
        self._terminal = terminal
        self._run = run
        self._view = view
        self._line = line
        self._header = header
        self._held: list[Record] = []

    def started(self, index: int, axon: Axon) -> None:  # noqa: ARG002 - an observer's signature
        """Write the header; nothing is said of a request under way."""
        self._head()

    def finished(self, outcome: Outcome) -> None:
        """Write the record, or keep it until all are there."""
        self._head()
        if not self._view.shows(outcome):
            return
        record = records.result(outcome, self._run.id)
        if self._view.waits:
            self._held.append(record)
        else:
            self._write(record)

    def close(self, summary: Summary) -> None:
        """Write what was held back; the numbers go to stderr, for a summary among records breaks their readers."""
        self._head()
        held, known = self._view.compared(self._held)
        for record in self._view.ordered(held):
            self._write(record)
        if self._view.likeness:
            self._terminal.say(compared.headline(known, self._terminal.symbols))
        talk.say_footer(self._terminal, self._run, summary)

    def _head(self) -> None:
        if self._header:
            self._terminal.write(self._header)
            self._header = b""

    def _write(self, record: Record) -> None:
        self._terminal.write(self._line(self._view.record(record)))
