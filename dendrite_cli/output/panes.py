"""Streams while they run: a few side by side in panes, more as a line each, or one axon with all the room."""

from collections.abc import Callable, Sequence
from time import monotonic

from dendrite_cli.model import Axon, Chunk, Outcome, Run
from dendrite_cli.output.pane import FRAME, beside, box, line, title
from dendrite_cli.output.progress import Progress
from dendrite_cli.output.said import Said
from dendrite_cli.output.screen import Screen
from dendrite_cli.output.still import CALM, Still
from dendrite_cli.output.streams import Layout, Streams, label
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.window import Window
from dendrite_cli.output.wrapped import cells

_PROMPT = 1 / 75
"""Seconds from one look at what has arrived to the next: text is on the screen within 20 ms, most of the time."""
_MOST_PANES = 4
_NARROWEST, _LOWEST = 24, FRAME + 2
"""Cells and rows below which a pane is not worth its border."""
_LONGEST_NAME = 34
_TEXT_SHARE = 3
"""With a focus, the others get one of so many rows at most."""


class Panes(Still):
    """Remembers what axons say, and draws it; all of it is written when the run is over."""

    interval = _PROMPT

    def __init__(self, terminal: Terminal, run: Run, streams: Streams, clock: Callable[[], float] = monotonic) -> None:
        import rich.cells  # noqa: F401 - takes a while to load: not when the first chunk is there

        self._terminal = terminal
        self._selected = run.selected
        self._streams = streams
        self._clock = clock
        self._screen = Screen(terminal)
        self._progress = Progress(terminal, run, clock)
        self._window = Window(clock)
        self._said: dict[int, Said] = {}
        self._changed = True
        self._drawn = 0.0

    def started(self, index: int, axon: Axon) -> None:
        """An axon has a place from now on."""
        self._said[index] = Said(index, axon, self._selected, self._clock())
        self._window.add(index)
        self._changed = True

    def chunk(self, chunk: Chunk) -> None:
        """Remember what was said."""
        self._said[chunk.index].hear(chunk, self._clock())
        self._changed = True

    def finished(self, outcome: Outcome) -> None:
        """Remember how it ended, without the bytes."""
        from dataclasses import replace

        if outcome.index not in self._said:
            self.started(outcome.index, outcome.axon)
        self._said[outcome.index].outcome = replace(outcome, content=None, body=None)
        self._progress.finished(outcome)
        self._changed = True

    def redraw(self) -> None:
        """Draw what is new at once, and what only passes, like seconds, calmly."""
        now = self._clock()
        if (self._changed or now - self._drawn >= CALM) and self._screen.draw(self._frame):
            self._changed = False
            self._drawn = now

    def wipe(self) -> None:
        """Leave nothing of it on the screen."""
        self._screen.wipe()

    def last_words(self) -> None:
        """Write the whole text of every axon, or its refusal, in the order of the selection."""
        from dendrite_cli.output.spoken import write

        for index in sorted(self._said):
            write(self._said[index], self._terminal)

    def _frame(self, columns: int, rows: int) -> list[str]:
        now = self._clock()
        said = [self._said[index] for index in sorted(self._said)]
        focus = next((one for one in said if self._streams.focus in {label(one.axon), one.axon.endpoint}), None)
        if focus is not None:
            return self._focused(focus, columns, rows, now)
        across = self._across(columns, rows)
        if across and said:
            return self._boxes(said, across, columns, rows, now)
        return self._lines(columns, rows, now)

    def _across(self, columns: int, rows: int) -> int:
        """Return how many panes stand side by side; 0 where lines are the better choice."""
        count = self._selected
        fits = columns // _NARROWEST
        if self._streams.layout is Layout.LINES or not fits or not count:
            return 0
        if count > _MOST_PANES and self._streams.layout is not Layout.PANES:
            return 0
        below = -(-count // fits)
        return -(-count // below) if below * _LOWEST <= rows else 0

    def _boxes(self, said: Sequence[Said], across: int, columns: int, rows: int, now: float) -> list[str]:
        below = -(-self._selected // across)
        width, height = columns // across, rows // below
        lines = []
        for first in range(0, len(said), across):
            group = said[first : first + across]
            boxes = [box(one, self._terminal, now, width=width, height=height) for one in group]
            lines += beside(boxes, width)
        return lines

    def _focused(self, focus: Said, columns: int, rows: int, now: float) -> list[str]:
        self._window.remove(focus.index)
        others = self._lines(columns, min(rows // _TEXT_SHARE, len(self._said)), now)
        height = max(rows - len(others), _LOWEST)
        return [*beside([box(focus, self._terminal, now, width=columns, height=height)], columns), *others]

    def _lines(self, columns: int, rows: int, now: float) -> list[str]:
        """Return a line per axon, as many as fit, and how far the run is."""
        shown = self._window.choose(max(rows - 1, 0), lambda index: self._said[index].outcome is not None)
        said = [self._said[index] for index in shown]
        name = min(max((cells(title(one, self._terminal)) for one in said), default=0), _LONGEST_NAME)
        lines = [line(one, self._terminal, now, name=name, width=columns) for one in said]
        return [*lines, self._progress.line(columns)]
