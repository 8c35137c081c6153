"""One JSON record per line."""

from dendrite_cli import records
from dendrite_cli.model import Run
from dendrite_cli.output.lines import Lines
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View


class Ndjson(Lines):
    """Writes whole records, or flat ones of the columns that were asked for."""

    def __init__(self, terminal: Terminal, run: Run, view: View) -> None:
        super().__init__(terminal, run, view, lambda record: records.encode(record) + b"\n")
