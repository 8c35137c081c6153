"""What is said beside the records, to people: the headline, the count while it runs, the footer, the details."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from dendrite_cli.model import Axon, Ending, Outcome, Run, Verdict
from dendrite_cli.output import safe
from dendrite_cli.output.columns import COLUMNS, Record, own_word, path
from dendrite_cli.output.still import Still
from dendrite_cli.output.symbols import Symbols
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.summary import Percentiles, Refusal, Summary

_MOST_REASONS = 8
_MINUTE = 60
_SHORT_LAG = 0.005
"""Seconds of loop lag not worth a word."""
_STAGES = ("queued", "dns", "connect", "ttfb", "download", "total")
_ENDINGS = {
    Ending.ENOUGH: "stopped: that is enough",
    Ending.DEADLINE: "stopped at the deadline",
    Ending.INTERRUPTED: "interrupted",
}


class Count(Still):
    """One line on stderr that says how far the run is; it remembers at once, is drawn now and then, and wiped."""

    def __init__(self, terminal: Terminal, run: Run, clock: Callable[[], float] = monotonic) -> None:
        self._terminal = terminal
        self._total = run.selected
        self._clock = clock
        self._started = clock()
        self._round = 1
        self._done = self._ok = 0
        self._width = 0

    def finished(self, outcome: Outcome) -> None:
        """An axon is done with."""
        if outcome.round != self._round:
            self._round, self._done, self._ok = outcome.round, 0, 0
        self._done += 1
        self._ok += outcome.ok

    def redraw(self) -> None:
        """Write the line over the one before it."""
        if not self._terminal.err.tty:
            return
        dot = self._terminal.symbols.dot
        elapsed = span(self._clock() - self._started)
        line = f"{self._done}/{self._total} done {dot} {self._ok} ok {dot} {elapsed}"
        line = line if self._round == 1 else f"round {self._round} {dot} {line}"
        line = line[: (self._terminal.err.width or 80) - 1]
        self._terminal.say(f"\r{line.ljust(self._width)}", end="")
        self._width = len(line)

    def wipe(self) -> None:
        """Leave nothing of it on the screen."""
        if self._width:
            self._terminal.say(f"\r{' ' * self._width}\r", end="")
            self._width = 0


def headline(run: Run, symbols: Symbols) -> str:
    """Return who is asked, for what, and in whose name."""
    parts = [
        f"netuid {run.netuid}" if run.netuid is not None else None,
        run.network,
        None if run.block is None else block(run.block, run.age),
        run.synapse if run.command != "ping" else None,
        _selected(run),
        _signer(run, symbols),
    ]
    return safe.text(f" {symbols.dot} ".join(filter(None, parts)))


def say_footer(terminal: Terminal, run: Run, summary: Summary) -> None:
    """Say what the run amounts to."""
    for line in footer(summary, terminal.symbols, by_uid=run.netuid is not None):
        terminal.say(line)


def footer(summary: Summary, symbols: Symbols, *, by_uid: bool = False) -> Iterator[str]:
    """Yield the run's numbers, and then why axons failed, the most frequent reason first."""
    rounds = f" in {summary.rounds} rounds" if summary.rounds > 1 else ""
    parts = [
        _several(summary.selected, "uid" if by_uid else "axon") + rounds,
        f"{summary.dialled} dialled",
        f"{summary.answered} answered",
        f"{summary.ok} ok",
        _latency(summary.percentiles),
        span(summary.elapsed),
        _ENDINGS.get(summary.ending),
        _lag(summary),
    ]
    yield f" {symbols.dot} ".join(filter(None, parts))
    # a line that only counted one more would take as much room as that one
    shown = len(summary.refusals) if len(summary.refusals) == _MOST_REASONS + 1 else _MOST_REASONS
    yield from (_reason(refusal, symbols) for refusal in summary.refusals[:shown])
    if len(summary.refusals) > shown:
        yield f"and {len(summary.refusals) - shown} other reasons"


def details(record: Record, symbols: Symbols) -> Iterator[str]:
    """Yield what -v adds about one axon."""
    cells = {name: column.cell(record, symbols) for name, column in COLUMNS.items()}
    yield f"{cells['endpoint']}  {cells['status']}"
    facts = {
        "hotkey": path("axon", "hotkey"),
        "address": path("axon", "address"),
        "message": path("status_message"),
        "hint": path("hint"),
        "claims hotkey": path("claimed", "hotkey"),
    }
    for label, fact in facts.items():
        if (value := fact(record)) is not None:
            yield f"  {label}: {safe.text(str(value), limit=500, ellipsis=symbols.ellipsis)}"
    if path("claimed", "version")(record) is not None:
        yield f"  claims version: {cells['version']}"
    if COLUMNS["key"].value(record) is not None:
        yield f"  key: {cells['key']}"
    yield f"  signature: {_signature(record)}"
    yield from figures(record, symbols)


def say_own_words(terminal: Terminal, records: Sequence[Record]) -> None:
    """Write the hotkeys that axons gave for their own as one has requests signed for them.

    A table for eyes has no room for them.
    """
    named = dict.fromkeys(
        f"  {safe.text(hotkey)}@{safe.text(str(COLUMNS['endpoint'].value(record)))}"
        for record in records
        if (hotkey := own_word(record))
    )
    if named and terminal.out.tty:
        for line in ("", "by their own word, and anybody can name another's; if you trust it, write", *named):
            terminal.say(line)


def figures(record: Record, symbols: Symbols) -> Iterator[str]:
    """Yield how much went to and fro, and how long each stage of that took."""
    cells = {name: COLUMNS[name].cell(record, symbols) for name in ("sent", "received", *_STAGES)}
    yield f"  bytes: {cells['sent']} sent, {cells['received']} received"
    yield f"  ms: {', '.join(f'{stage} {cells[stage]}' for stage in _STAGES)}"


def _signature(record: Record) -> str:
    if not path("trust", "request_signed")(record):
        return "none"
    return "covers the body" if path("trust", "body_covered")(record) else "does not cover the body"


def block(number: int, age: float | None) -> str:
    """Return a block, and how many seconds ago the chain was asked for it, in words."""
    return f"block {number:,}" if age is None else f"block {number:,} ({duration(age)} old)"


def _selected(run: Run) -> str:
    if run.netuid is None:
        return _several(run.selected, "axon")
    return _several(run.selected, "uid") if run.neurons is None else f"{run.selected} of {_several(run.neurons, 'uid')}"


def duration(seconds: float) -> str:
    """Return so many seconds in the unit in which they are two at least."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _signer(run: Run, symbols: Symbols) -> str:
    if run.hotkey is None:
        return "unsigned"
    ends = f"{run.hotkey[:4]}{symbols.ellipsis}{run.hotkey[-4:]}"
    return f"signed as {run.signed_as} {ends}" if run.signed_as else f"signed by {ends}"


def _reason(refusal: Refusal, symbols: Symbols) -> str:
    """Return `403  37 axons: "Not enough stake"; what to do`."""
    refused = refusal.code is not None and refusal.code >= 300  # noqa: PLR2004 - HTTP's own number
    label = str(refusal.code) if refused else refusal.verdict.value.replace("_", " ")
    who = _who(refusal.axon) if refusal.count == 1 else f"{refusal.count} axons"
    said = f'"{safe.text(refusal.reason, limit=160, ellipsis=symbols.ellipsis)}"' if refusal.reason else None
    if refusal.hint and refusal.verdict is not Verdict.FORBIDDEN:
        said = None
    why = "; ".join(filter(None, (said, refusal.hint)))
    return f"{label}  {safe.text(f'{who}: {why}' if why else who)}"


def _who(axon: Axon) -> str:
    return axon.endpoint if axon.uid is None else f"uid {axon.uid}"


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _latency(percentiles: Percentiles) -> str | None:
    """Return the ok axons' percentiles; of a single one, how long it took."""
    if percentiles.n == 1 and percentiles.p50 is not None:
        return f"ok in {percentiles.p50 * 1000:.0f} ms"
    shares = {"p50": percentiles.p50, "p95": percentiles.p95, "p99": percentiles.p99}
    known = [f"{name} {seconds * 1000:.0f} ms" for name, seconds in shares.items() if seconds is not None]
    return f"ok {' '.join(known)}" if known else None


def _lag(summary: Summary) -> str | None:
    """Return how far the figures can be off because this machine was busy, where that matters."""
    if summary.loop_lag is None or summary.loop_lag < _SHORT_LAG:
        return None
    return f"own lag {summary.loop_lag * 1000:.0f} ms"


def span(seconds: float) -> str:
    """Return how long something took, in words."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // _MINUTE} min {int(seconds) % _MINUTE} s"
