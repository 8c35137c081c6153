"""The bytes of one axon's answer, untouched: for files, for other programs, and to see what really came."""

from dendrite_cli import records
from dendrite_cli.advice import hint
from dendrite_cli.model import Chunk, Content, Outcome
from dendrite_cli.output.columns import COLUMNS
from dendrite_cli.output.still import Still
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.summary import Summary


class Raw(Still):
    """Writes the answer whether or not it is a success; says on stderr if it is not."""

    def __init__(self, terminal: Terminal, view: View) -> None:
        self._terminal = terminal
        self._view = view
        self._streamed = False

    def chunk(self, chunk: Chunk) -> None:
        """Write a piece of a stream as it comes, unbuffered."""
        self._streamed = True
        self._terminal.write(bytes_of(chunk))

    def finished(self, outcome: Outcome) -> None:
        """Write the answer's body as it came, unless its pieces were written already."""
        if self._view.shows(outcome) and outcome.content and not self._streamed:
            self._terminal.write(outcome.content)
        self._streamed = False
        if not outcome.ok:
            self._terminal.note(_why(outcome))

    def close(self, summary: Summary) -> None:
        """Add nothing: the bytes are all there is."""


def bytes_of(chunk: Chunk) -> Content:
    """Return the bytes that came; of a chunk that has none, as a class may yield, its text or its JSON."""
    if chunk.content is not None:
        return chunk.content
    if chunk.text is not None:
        return chunk.text.encode("utf-8", "surrogatepass")
    if isinstance(chunk.data, bytes | bytearray):
        return chunk.data
    return records.encode(chunk.data) + b"\n"


def _why(outcome: Outcome) -> str:
    status = COLUMNS["status"].value(records.result(outcome, ""))
    advice = hint(outcome)
    return f"{outcome.axon.endpoint}: {status}; {advice}" if advice else f"{outcome.axon.endpoint}: {status}"
