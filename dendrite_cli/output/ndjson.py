"""One JSON record per line."""

from dendrite_cli import records
from dendrite_cli.model import Chunk, Run
from dendrite_cli.output.columns import Record
from dendrite_cli.output.lines import Lines
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View


class Ndjson(Lines):
    """Writes whole records, or flat ones of the columns that were asked for."""

    def __init__(self, terminal: Terminal, run: Run, view: View) -> None:
        super().__init__(terminal, run, view, _line)

    def chunk(self, chunk: Chunk) -> None:
        """Write the chunk; columns, order and filters are those of results."""
        self._terminal.write(_line(records.chunk(chunk, self._run.id)))


def _line(record: Record) -> bytes:
    return records.encode(record) + b"\n"
