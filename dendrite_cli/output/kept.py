"""What a table shows of the history: runs, one run again, statistics, and two runs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dendrite_cli.model import Run
from dendrite_cli.output import grid, safe, talk
from dendrite_cli.output.columns import COLUMNS, COMMANDS, QUERY, SHORT_HOTKEY, Column, Record, path
from dendrite_cli.output.sparks import sparkline
from dendrite_cli.output.symbols import Symbols
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View

_SHORT_ID = 10
"""Characters of an id that name the moment; two runs are seldom begun in the same."""
_PATHS = 4
_ALWAYS = frozenset({"round", "endpoint", "status", "total"})


@dataclass(frozen=True, slots=True)
class Now:
    """How long ago something was, in words."""

    unix: float

    def ago(self, value: object, _symbols: Symbols) -> str:
        """Return `2 min ago`."""
        try:
            then = datetime.fromisoformat(str(value)).timestamp()
        except (ValueError, OverflowError):  # of a clock beyond the year 9999
            return str(value)
        return f"{talk.duration(max(self.unix - then, 0.0))} ago"


def write_runs(terminal: Terminal, rows: Sequence[Record], now: float) -> None:
    """Write a table of `dendrite.run/1` records without results."""
    short = _shortest([str(path("run", "id")(row)) for row in rows]) if terminal.out.tty else None
    columns = (
        Column("run", lambda record: str(path("run", "id")(record))[:short], header="RUN", weight=100),
        Column("when", path("run", "started_at"), Now(now).ago, "WHEN", weight=90),
        Column("command", path("run", "command"), header="COMMAND", weight=80),
        Column("targets", _targets, header="TARGETS", weight=70, elastic=True),
        Column("synapse", path("run", "synapse"), header="SYNAPSE", weight=60, elastic=True),
        Column("ok", _ok, header="OK", right=True, weight=85),
        Column("p50", path("summary", "percentiles", "p50_ms"), _latency, "P50", right=True, weight=50),
        Column("tag", path("run", "tag"), header="TAG", weight=40, elastic=True),
        Column("exit", _exit, header="EXIT", weight=30),
    )
    if rows:
        grid.write(terminal, columns, rows)


def name(run: Run, now: float) -> str:
    """Return what a run is called, and when it was."""
    return f"{safe.text(run.id)}, {safe.text(run.command)} {talk.duration(max(now - run.started_at, 0.0))} ago"


def write_run(terminal: Terminal, run: Run, shown: Sequence[Record], view: View) -> None:
    """Write a run as its own table was."""
    terminal.say(talk.headline(replace(run, age=None), terminal.symbols))
    terminal.say()
    rounds = (COLUMNS["round"],) if any(path("round")(record) != 1 for record in shown) else ()
    columns = view.columns or tuple(
        column
        for column in (*rounds, *COMMANDS.get(run.command, QUERY))
        if column.name in _ALWAYS or any(column.value(record) not in (None, "") for record in shown)
    )
    short = {COLUMNS["hotkey"]: SHORT_HOTKEY} if terminal.out.tty else {}
    if shown:
        grid.write(terminal, [short.get(column, column) for column in columns], shown)


def write_details(terminal: Terminal, shown: Sequence[Record]) -> None:
    """Say what -v adds about each axon."""
    for record in shown:
        terminal.say()
        for line in talk.details(record, terminal.symbols):
            terminal.say(line)


def write_stats(terminal: Terminal, rows: Sequence[Record], now: float) -> None:
    """Write a table of `dendrite.stats/1` records."""
    hotkey = (
        replace(SHORT_HOTKEY, value=path("hotkey"))
        if terminal.out.tty
        else replace(COLUMNS["hotkey"], value=path("hotkey"))
    )
    by = rows[0]["by"] if rows else None
    asked = {
        "hotkey": (hotkey, _plain("uid", right=True), _plain("endpoint")),
        "uid": (_plain("network"), _plain("netuid", right=True), _plain("uid", right=True), hotkey, _plain("endpoint")),
        "synapse": (_plain("synapse"),),
        "outcome": (_plain("outcome"),),
    }.get(str(by), ())
    columns = (
        *asked,
        Column("n", path("n"), header="N", right=True, weight=85),
        Column("ok", path("ok_percent"), lambda value, _: f"{value} %", "OK", right=True, weight=90),
        Column("p50", path("p50_ms"), _latency, "P50", right=True, weight=80),
        Column("p95", path("p95_ms"), _latency, "P95", right=True, weight=70),
        Column("last", path("last_at"), Now(now).ago, "LAST SEEN", weight=60),
        Column("recent", _recent, _latest, "LATEST", weight=30),
    )
    if rows:
        grid.write(terminal, columns, rows)


def write_diff(terminal: Terminal, rows: Sequence[Record]) -> None:
    """Write a table of `dendrite.diff/1` records."""
    hotkey = SHORT_HOTKEY if terminal.out.tty else COLUMNS["hotkey"]
    columns = (
        Column("uid", path("axon", "uid"), header="UID", right=True, weight=80, exceptional=True),
        hotkey,
        Column("endpoint", _endpoint, header="ENDPOINT", weight=90),
        Column("before", path("before", "outcome"), _words, "BEFORE", weight=95),
        Column("after", path("after", "outcome"), _words, "AFTER", weight=100),
        Column("shift", path("shift_ms"), _shift, "SHIFT", right=True, weight=70, exceptional=True),
        Column("body", _differs, _paths, "DIFFERS", weight=60, elastic=True, exceptional=True),
    )
    used = [column for column in columns if not column.exceptional or any(column.value(row) for row in rows)]
    if rows:
        grid.write(terminal, used, rows)


def _differs(record: Record) -> object:
    """Return where two answers differ; of two outcomes, all does."""
    return record["body_paths"] if record["change"] == "body" else None


def _shortest(ids: Sequence[str]) -> int:
    """Return how many characters tell the ids apart."""
    length = _SHORT_ID
    while len({id_[:length] for id_ in ids}) < len(set(ids)):
        length += 1
    return length


def _plain(name: str, *, right: bool = False) -> Column:
    return Column(name, path(name), header=name.upper(), right=right, weight=75)


def _targets(record: Record) -> str:
    netuid, selected = path("run", "netuid")(record), path("summary", "selected")(record)
    if netuid is not None:
        return f"netuid {netuid} ({selected})"
    return "1 axon" if selected == 1 else f"{selected} axons"


def _ok(record: Record) -> str | None:
    selected, ok, dialled = (path("summary", key)(record) for key in ("selected", "ok", "dialled"))
    if not isinstance(selected, int):
        return None
    # in several rounds every axon is dialled as often
    return f"{ok}/{max(selected, dialled) if isinstance(dialled, int) else selected}"


def _exit(record: Record) -> object:
    code = path("run", "exit_code")(record)
    if code is not None:
        return code
    return "killed" if path("run", "interrupted")(record) else "running"


def _latency(value: object, _symbols: Symbols) -> str:
    return f"{value:.0f} ms" if isinstance(value, (int, float)) and value >= 1 else "<1 ms"


def _shift(value: object, _symbols: Symbols) -> str:
    return f"{round(value):+d} ms" if isinstance(value, (int, float)) else str(value)


def _words(value: object, _symbols: Symbols) -> str:
    return str(value).replace("_", " ")


def _paths(value: object, symbols: Symbols) -> str:
    paths = list(map(str, value)) if isinstance(value, list) else []
    return ", ".join(paths[:_PATHS]) + (f", {symbols.ellipsis}" if len(paths) > _PATHS else "")


def _endpoint(record: Record) -> object:
    host, port = path("axon", "host")(record), path("axon", "port")(record)
    return f"[{host}]:{port}" if ":" in str(host) else None if host is None else f"{host}:{port}"


def _recent(record: Record) -> object:
    return record["recent_ms"] or None


def _latest(value: object, symbols: Symbols) -> str:
    """Return how long the latest took beside each other; one that failed is marked."""
    return sparkline(value, symbols) if isinstance(value, list) else ""
