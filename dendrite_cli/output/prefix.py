"""Streams as lines of text, each behind the name of the axon that wrote it: for eyes, grep and plain terminals."""

from dendrite_cli import encoding
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.output import safe
from dendrite_cli.output.still import Still
from dendrite_cli.output.streams import label
from dendrite_cli.output.terminal import Terminal

_LONGEST = 8192
"""Characters after which a line that does not end is written as far as it is."""


class Prefix(Still):
    """Writes a line as soon as it is whole; what remains, when its axon is done with."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._open: dict[int, list[str]] = {}
        self._size: dict[int, int] = {}
        self._width = 0

    def started(self, index: int, axon: Axon) -> None:  # noqa: ARG002 - an observer's signature
        """Keep the names in line."""
        self._width = max(self._width, len(label(axon)))

    def chunk(self, chunk: Chunk) -> None:
        """Write the lines that it completes."""
        text = chunk.text if chunk.text is not None else encoding.dumps(chunk.data) + "\n"
        pieces = self._open.setdefault(chunk.index, [])
        pieces.append(text)
        size = self._size.get(chunk.index, 0) + len(text)
        if "\n" in text or size > _LONGEST:
            *whole, rest = "".join(pieces).split("\n")
            while len(rest) > _LONGEST:
                whole.append(rest[:_LONGEST])
                rest = rest[_LONGEST:]
            self._write(chunk.axon, whole)
            self._open[chunk.index] = [rest]
            size = len(rest)
        self._size[chunk.index] = size

    def finished(self, outcome: Outcome) -> None:
        """Write the line that was not ended."""
        rest = "".join(self._open.pop(outcome.index, []))
        if rest:
            self._write(outcome.axon, [rest])

    def _write(self, axon: Axon, lines: list[str]) -> None:
        name = self._terminal.paint(safe.text(label(axon)).rjust(self._width), "cyan")
        written = [f"{name} | {safe.stream(line.removesuffix(chr(13)))}\n" for line in lines]
        self._terminal.write_text("".join(written))
