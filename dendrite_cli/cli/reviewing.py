"""The history, read and shown."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dendrite_cli.answers import Group, Likeness
from dendrite_cli.cli.groups import Comparing, Fitting, Listing
from dendrite_cli.cli.history_options import By
from dendrite_cli.cli.listed import terminal_of
from dendrite_cli.cli.moments import parse_moment
from dendrite_cli.cli.options import Format
from dendrite_cli.errors import ExitCode, TargetError, UsageError
from dendrite_cli.history import bins, diff, reader, search, stats, store
from dendrite_cli.history.search import Criteria
from dendrite_cli.model import Verdict
from dendrite_cli.output import compared, kept, listing
from dendrite_cli.output.terminal import Terminal

if TYPE_CHECKING:
    from dendrite_cli.history.store import Db

Writing = Callable[[Terminal, listing.Rows], None]
Found = TypeVar("Found")
_NOTHING = "no run is kept yet; dendrite ping and query keep theirs"
_RUN = ("id", "command", "started_at", "finished_at", "ending", "interrupted", "exit_code", "tag", "origin")
_WHOM = ("network", "netuid", "block", "hotkey", "signed_as", "synapse", "selection", "arguments")
_SUMMARY = ("selected", "dialled", "answered", "ok")
_PERCENTILES = ("p50_ms", "p95_ms")


def history_path() -> Path:
    """Return where the history lies; raise TargetError where the environment says nothing of use."""
    path = store.path_of(os.environ)
    if path is None:
        raise TargetError("no history: neither XDG_STATE_HOME nor HOME names a folder")
    return path


def show_path() -> int:
    """Print where the history lies."""
    Terminal.detect("auto", os.environ).write(os.fsencode(history_path()) + b"\n")
    return ExitCode.OK


@contextmanager
def kept_runs() -> "Iterator[Db]":
    """Open the history; raise TargetError where nothing is kept yet."""
    with store.reading(history_path()) as db:
        if db is None:
            raise TargetError("no run is kept yet", help="dendrite ping and query keep theirs")
        yield db


def show_runs(fitting: Fitting, limit: int | None, shown: Listing) -> int:
    """List the runs that fit."""
    criteria = criteria_of(fitting)
    terminal = terminal_of(shown)
    path = history_path()
    with store.reading(path) as db:
        rows = [run.record() for run in reader.runs(db, path, criteria, limit and limit + 1)] if db else []
    if limit and len(rows) > limit:
        rows = rows[:limit]
        terminal.note(f"the latest {limit}; --limit N lists more")
    if not rows:
        terminal.note("no run fits" if criteria else _NOTHING)
    now = time.time()
    keys = (*_RUN, *_WHOM, *_SUMMARY, *_PERCENTILES)
    write(terminal, shown.output, rows, lambda to, what: kept.write_runs(to, what, now), (keys, _flat_run))
    return ExitCode.OK


def show_stats(by: By, fitting: Fitting, limit: int | None, shown: Listing) -> int:
    """Show what the results of the runs that fit amount to."""
    criteria = criteria_of(fitting)
    terminal = terminal_of(shown)
    with store.reading(history_path()) as db:
        rows = [line.record() for line in stats.lines(db, stats.By(by.value), criteria, limit)] if db else []
        fits = bool(db and reader.runs(db, history_path(), criteria, 1))
    now = time.time()
    blank = stats.Line(stats.NOTHING, 0, 0, None, None, 0.0, ()).record()
    write(terminal, shown.output, rows, lambda to, what: kept.write_stats(to, what, now), (tuple(blank), dict))
    if rows:
        terminal.note(f"percentiles are read off bins, and right within {bins.ERROR:.0%}")
    elif fits:
        terminal.note(f"no axon of these runs has a {by.value}")
    else:
        terminal.note("no run fits" if criteria else _NOTHING)
    return ExitCode.OK


def show_diff(before: str, after: str, shown: Listing, comparing: Comparing, *, changed: bool) -> int:
    """Show two runs side by side."""
    likeness = comparing.likeness()
    terminal = terminal_of(shown)
    with kept_runs() as db:
        numbers = search.find(db, before), search.find(db, after)
        pairs = diff.pairs(db, *numbers)
        first, second = (reader.run(db, history_path(), number).run for number in numbers)
    pairs, known, names = _grouped(pairs, likeness) if likeness else (pairs, [], [])
    now = time.time()
    terminal.say(f"before: {kept.name(first, now)} {terminal.symbols.dot} after: {kept.name(second, now)}")
    rows = [pair.record() for pair in pairs if not changed or pair.change != "none"]
    keys = tuple(_flat_diff(diff.Pair(None, None).record()))
    write(terminal, shown.output, rows, kept.write_diff, (keys, _flat_diff))
    terminal.say()
    if likeness and format_of(terminal, shown.output) is Format.TABLE:
        compared.say(terminal, known, names, likeness, noun="answer")
        terminal.say()
    elif likeness:
        terminal.say(compared.headline(known, terminal.symbols))
    terminal.say(f" {terminal.symbols.dot} ".join(diff.in_words(pairs)))
    return ExitCode.OK


def _grouped(pairs: Sequence[diff.Pair], likeness: Likeness) -> tuple[list[diff.Pair], list[Group], list[str]]:
    """Return the pairs with the groups that their answers are of, these groups, and what each answer is called."""
    sides = [(pair, side) for pair in pairs for side in ("before", "after") if getattr(pair, side) is not None]
    found, known = compared.marked([getattr(pair, side) for pair, side in sides], likeness)
    names = [f"{compared.name(record)} {side}" for record, (_, side) in zip(found, sides, strict=True)]
    marked = iter(found)
    together = [diff.Pair(pair.before and next(marked), pair.after and next(marked), likeness) for pair in pairs]
    return together, known, names


def criteria_of(fitting: Fitting) -> Criteria:
    """Return which runs are meant; raise UsageError that points."""
    now = time.time()
    if fitting.outcome is not None and fitting.outcome not in set(Verdict):
        raise UsageError(f"--outcome {fitting.outcome!r} is none", help=f"outcomes are {', '.join(Verdict)}")
    uids: frozenset[int] = frozenset()
    if fitting.uid:
        from dendrite_cli.axons.criteria import parse_uids

        uids = parse_uids(*fitting.uid)
    return Criteria(
        command=_plain(fitting.command),
        synapse=_plain(fitting.synapse and fitting.synapse.rpartition(":")[2]),
        tag=_plain(fitting.tag),
        uids=uids,
        hotkey=_plain(fitting.hotkey),
        axon=_plain(fitting.axon),
        outcome=fitting.outcome,
        since=parse_moment(fitting.since, "--since", now),
        until=parse_moment(fitting.until, "--until", now),
        text=_plain(fitting.search),
    )


def _plain(text: str | None) -> str | None:
    return None if text is None else search.plain(text)


def write(
    terminal: Terminal,
    output: Format,
    rows: listing.Rows,
    write_table: Writing,
    flat: tuple[Sequence[str], Callable[[Mapping[str, object]], Mapping[str, object]]],
) -> None:
    """Write records in the format asked for; `flat` names the cells of a CSV row, and makes one of a record."""
    match format_of(terminal, output):
        case Format.TABLE:
            write_table(terminal, rows)
        case Format.CSV:
            keys, flatten = flat
            listing.write_csv(terminal, [flatten(row) for row in rows], keys)
        case other:
            listing.write_records(terminal, rows, lines=other is Format.NDJSON)


def format_of(terminal: Terminal, output: Format) -> Format:
    """Return the format asked for, or what suits where stdout leads."""
    if output is not Format.AUTO:
        return output
    return Format.TABLE if terminal.out.tty else Format.NDJSON


def _flat_run(record: Mapping[str, object]) -> dict[str, object]:
    run, summary = _part(record, "run"), _part(record, "summary")
    percentiles = _part(summary, "percentiles")
    return (
        {name: run.get(name) for name in (*_RUN, *_WHOM)}
        | {name: summary.get(name) for name in _SUMMARY}
        | {name: percentiles.get(name) for name in _PERCENTILES}
    )


def _flat_diff(record: Mapping[str, object]) -> dict[str, object]:
    axon = {f"axon.{key}": _part(record, "axon").get(key) for key in ("netuid", "uid", "hotkey", "host", "port")}
    sides = {
        f"{side}.{key}": _part(record, side).get(key)
        for side in ("before", "after")
        for key in ("run", "ok", "outcome", "http_status", "total_ms")
    }
    sides |= {f"{side}.cluster": _part(_part(record, side), "cluster").get("group") for side in ("before", "after")}
    return axon | {"change": record["change"]} | sides | {name: record[name] for name in ("shift_ms", "body_paths")}


def _part(record: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = record.get(name)
    return part if isinstance(part, Mapping) else {}
