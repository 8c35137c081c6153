"""How far a run is, in one line: a bar, counts per outcome, and the time that has passed."""

from collections import Counter
from collections.abc import Callable
from time import monotonic

from dendrite_cli.model import Outcome, Run, Verdict
from dendrite_cli.output import talk
from dendrite_cli.output.terminal import Terminal

_LONGEST_BAR, _SHORTEST_BAR = 30, 8


class Progress:
    """Counts outcomes at once; says so when it is asked."""

    def __init__(self, terminal: Terminal, run: Run, clock: Callable[[], float] = monotonic) -> None:
        self._terminal = terminal
        self._total = run.selected
        self._clock = clock
        self._started = clock()
        self._round = 1
        self._counts: Counter[Verdict] = Counter()

    def finished(self, outcome: Outcome) -> None:
        """An axon is done with."""
        if outcome.round != self._round:
            self._round = outcome.round
            self._counts.clear()
        self._counts[outcome.verdict] += 1

    def line(self, room: int) -> str:
        """Return the line, at most `room` cells long: rare outcomes become `3 others` first, then the bar goes."""
        done = self._counts.total()
        text = self._text(done, room - _SHORTEST_BAR - 2)
        length = min(_LONGEST_BAR, room - len(text) - 2)
        return f" {self._bar(done, length)} {text}" if length >= _SHORTEST_BAR else f" {text[: max(room - 1, 0)]}"

    def _text(self, done: int, room: int) -> str:
        """Return as much as fits `room`, and without any outcome what is longer."""
        dot = f" {self._terminal.symbols.dot} "
        head = [f"round {self._round}"] if self._round > 1 else []
        head.append(f"{done}/{self._total} done")
        spent = talk.span(self._clock() - self._started)
        ok = self._counts[Verdict.OK]
        others = [(verdict, number) for verdict, number in self._counts.most_common() if verdict is not Verdict.OK]
        for named in range(len(others), -1, -1):
            parts = [f"{ok} ok", *(f"{number} {_words(verdict)}" for verdict, number in others[:named])]
            rest = sum(number for _, number in others[named:])
            parts += [f"{rest} others" if rest > 1 else "1 other"] if rest else []
            text = dot.join([*head, *parts, spent])
            if len(text) <= room:
                return text
        return dot.join([*head, f"{ok} ok", spent])

    def _bar(self, done: int, length: int) -> str:
        full = length * done // self._total if self._total else length
        filled, empty = tuple(self._terminal.symbols.bar)
        return self._terminal.paint(filled * full, "green") + self._terminal.paint(empty * (length - full), "dim")


def _words(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ")
