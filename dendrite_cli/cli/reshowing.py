"""Kept records, written out again: one run as it was shown, or many for other programs."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dendrite_cli import records
from dendrite_cli.cli.groups import Comparing, Fitting, Reviewed
from dendrite_cli.cli.history_options import ExportFormat
from dendrite_cli.cli.options import Format
from dendrite_cli.cli.reviewing import criteria_of, format_of, history_path, kept_runs
from dendrite_cli.errors import ExitCode, UsageError
from dendrite_cli.history import export, reader, search
from dendrite_cli.history.trouble import decoding
from dendrite_cli.output import compared, csv, kept, safe, talk
from dendrite_cli.output.columns import Record, leaves
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from dendrite_cli.history.store import Db

_HELD = 1 << 16
"""Bytes that are written at once."""


def show_run(name: str, shown: Reviewed) -> int:
    """Show a run's records."""
    if shown.output is Format.RAW:
        raise UsageError("-o raw is for bytes as they came, and the history keeps records", help="use -o ndjson")
    try:
        view = View.parse(shown.columns, shown.sort, shown.only.value if shown.only else None)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    terminal = Terminal.detect(shown.color.value, os.environ, quiet=shown.quiet)
    terminal.claim_stdout()
    with kept_runs() as db:
        number = search.find(db, name)
        run = reader.run(db, history_path(), number)
        comparing = Comparing(**reader.options(db, number).get("comparing", {}))
        view = replace(view, likeness=comparing.likeness())
        _write(terminal, format_of(terminal, shown.output), db, run, view, verbose=shown.verbose > 0)
        if capped := reader.capped(db, number):
            terminal.note(f"of {capped} of its results the body was too large to be kept")
    return ExitCode.OK


def export_runs(names: Sequence[str], output: ExportFormat, to: Path | None, fitting: Fitting, *, quiet: bool) -> int:
    """Write the records of the runs that are named or fit, or the whole file."""
    criteria = criteria_of(fitting)
    if names and criteria:
        raise UsageError("runs are named, and others described", help="do one or the other")
    terminal = Terminal.detect("auto", os.environ, quiet=quiet)
    terminal.claim_stdout()
    with kept_runs() as db:
        if output is ExportFormat.SQLITE:
            if names or criteria or to is None:
                raise UsageError("-o sqlite writes all of the history into a file", help="write --to FILE and no more")
            export.copy(db, to)
            return ExitCode.OK
        runs = [search.find(db, name) for name in names] if names else export.numbers(db, criteria)
        lines = export.lines(db, runs, chunks=output is ExportFormat.NDJSON)
        with _sink(terminal, to) as write, decoding():
            _pour(_rows(lines) if output is ExportFormat.CSV else map(_line, lines), write)
    return ExitCode.OK


def _write(terminal: Terminal, chosen: Format, db: "Db", run: reader.KeptRun, view: View, *, verbose: bool) -> None:
    plain = view == View()
    if chosen is Format.NDJSON and plain:
        _pour(map(_line, reader.lines(db, run.number)), terminal.write)
        return
    if chosen is Format.JSON and plain:
        whole = run.record()
        head = {"schema": whole["schema"], "run": whole["run"]}
        _pour(_document(head, reader.results(db, run.number), whole["summary"]), terminal.write)
        return
    with decoding():
        found, known = view.compared(_in_place(_wanted(reader.results(db, run.number), view)))
    shown = view.ordered(found)
    match chosen:
        case Format.TABLE:
            terminal.say(kept.name(run.run, time.time()) + (f", tag {safe.text(run.tag)}" if run.tag else ""))
            kept.write_run(terminal, run.run, shown, view)
            kept.write_details(terminal, shown if verbose else ())
            if view.likeness:
                terminal.say()
                compared.say(terminal, known, [compared.name(record) for record in found], view.likeness)
            terminal.say()
            talk.say_footer(terminal, run.run, run.summary)
        case Format.CSV:
            _pour(_csv(shown, view), terminal.write)
        case Format.JSON:
            whole = run.record()
            results = [dict(view.record(record)) for record in shown]
            document = {"schema": whole["schema"], "run": whole["run"], "results": results, "summary": whole["summary"]}
            terminal.write(records.encode(document) + b"\n")
        case _:
            _pour((records.encode(view.record(record)) + b"\n" for record in shown), terminal.write)
    if view.likeness and chosen is not Format.TABLE:
        terminal.say(compared.headline(known, terminal.symbols))


def _wanted(lines: Iterable[str], view: View) -> Iterator[Record]:
    for line in lines:
        record = json.loads(line)
        if view.only is None or record["ok"] == (view.only == "ok"):
            yield record


def _in_place(found: Iterable[Record]) -> list[Record]:
    """Return results as the axons were selected, round after round."""
    return sorted(found, key=lambda record: (record["round"], record["index"]))


def _document(head: Record, lines: Iterable[str], summary: object) -> Iterator[bytes]:
    """Yield a `dendrite.run/1` whose results are as they were kept."""
    yield records.encode(head)[:-1] + b',"results":['
    separator = ""
    for line in lines:
        yield f"{separator}{line}".encode()
        separator = ","
    yield b'],"summary":' + records.encode(summary) + b"}\n"


def _csv(shown: Iterable[Record], view: View) -> Iterator[bytes]:
    columns = view.columns or leaves()
    yield csv.header(column.name for column in columns)
    for record in shown:
        yield csv.row({column.name: column.value(record) for column in columns})


def _rows(lines: Iterable[str]) -> Iterator[bytes]:
    return _csv(map(json.loads, lines), View())


def _line(line: str) -> bytes:
    return f"{line}\n".encode()


def _pour(parts: Iterable[bytes], write: "Callable[[bytes], object]") -> None:
    """Write many small parts as a few large ones."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) > _HELD:
            write(bytes(held))
            held.clear()
    if held:
        write(bytes(held))


@contextmanager
def _sink(terminal: Terminal, to: Path | None) -> "Iterator[Callable[[bytes], object]]":
    if to is None:
        yield terminal.write
        return
    with _new(to) as stream:
        yield stream.write


def _new(to: Path) -> BinaryIO:
    try:
        return os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as problem:
        raise UsageError(f"cannot write {str(to)!r}: {(problem.strerror or 'no reason is known').lower()}") from None
