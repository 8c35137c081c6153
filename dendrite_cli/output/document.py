"""One JSON document of the whole run, complete and valid however the run ended."""

from typing import TYPE_CHECKING

from dendrite_cli import records
from dendrite_cli.model import Outcome, Run
from dendrite_cli.output import compared, talk
from dendrite_cli.output.still import Still
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.summary import Summary

if TYPE_CHECKING:
    from dendrite_cli.output.columns import Record


class Document(Still):
    """Collects the records and writes all of them when it is closed."""

    def __init__(self, terminal: Terminal, run: Run, view: View) -> None:
        self._terminal = terminal
        self._run = run
        self._view = view
        self._count = talk.Count(terminal, run)
        self._records: list[Record] = []

    def redraw(self) -> None:
        """Say how far it is."""
        self._count.redraw()

    def wipe(self) -> None:
        """Take the count away."""
        self._count.wipe()

    def finished(self, outcome: Outcome) -> None:
        """Remember the record."""
        if self._view.shows(outcome):
            self._records.append(records.result(outcome, self._run.id))
        self._count.finished(outcome)

    def close(self, summary: Summary) -> None:
        """Write the document; the same numbers go to stderr, in words."""
        self._count.wipe()
        found, known = self._view.compared(self._records)
        results = [self._view.record(record) for record in self._view.ordered(found)]
        finished_at = self._run.started_at + summary.elapsed
        whole = records.document(self._run, results, summary, finished_at)
        self._terminal.write(records.encode(whole) + b"\n")
        if self._view.likeness:
            self._terminal.say(compared.headline(known, self._terminal.symbols))
        talk.say_footer(self._terminal, self._run, summary)
