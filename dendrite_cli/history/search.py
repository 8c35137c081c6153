"""Which runs are meant: by what they were, whom they asked, what came of it, and what stands in them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dendrite_cli import encoding
from dendrite_cli.history.trouble import HistoryError
from dendrite_cli.run_id import run_id

if TYPE_CHECKING:
    from sqlite3 import Connection

LAST, PREVIOUS = "last", "previous"
_NAMED = 4
_BEYOND = "~"
"""Sorts after whatever an id is made of."""
_ALL_RANDOM = (1 << 80) - 1


@dataclass(frozen=True, slots=True)
class Criteria:
    """What runs have in common; what is left out does not matter."""

    command: str | None = None
    synapse: str | None = None
    """The route, as it was asked."""
    tag: str | None = None
    uids: frozenset[int] = frozenset()
    hotkey: str | None = None
    """Or how it begins."""
    axon: str | None = None
    """`host:port`, or a host."""
    outcome: str | None = None
    since: float | None = None
    """Unix time."""
    until: float | None = None
    text: str | None = None
    """Anywhere in the command line, the request or a record, whatever the case."""

    def __bool__(self) -> bool:
        return self != Criteria()


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition of SQL, and what it is about."""

    sql: str
    values: tuple[object, ...] = ()


def of_runs(criteria: Criteria) -> Clause:
    """Return the condition on a row of `run`."""
    parts = [
        _equal("run.command", criteria.command),
        _equal("run.synapse", criteria.synapse),
        _equal("run.tag", criteria.tag),
        Clause("run.id >= ?", (run_id(criteria.since, 0),)) if criteria.since is not None else None,
        Clause("run.id <= ?", (run_id(criteria.until, _ALL_RANDOM),)) if criteria.until is not None else None,
    ]
    results = of_rollups(criteria)
    if results.values:
        parts.append(
            Clause(
                "EXISTS (SELECT 1 FROM result WHERE result.run = run.number AND result.rollup IN "
                f"(SELECT number FROM rollup WHERE {results.sql}))",
                results.values,
            )
        )
    if criteria.text is not None:
        parts.append(_containing(criteria.text))
    return _all(parts)


def of_rollups(criteria: Criteria) -> Clause:
    """Return the condition on a row of `rollup`."""
    uids = sorted(criteria.uids)
    parts = [
        Clause(f"rollup.uid IN ({', '.join('?' * len(uids))})", tuple(uids)) if uids else None,
        Clause("rollup.hotkey >= ? AND rollup.hotkey < ?", (criteria.hotkey, criteria.hotkey + _BEYOND))
        if criteria.hotkey
        else None,
        _endpoint(criteria.axon) if criteria.axon else None,
        _equal("rollup.outcome", criteria.outcome),
    ]
    return _all(parts)


def plain(text: str) -> str:
    """Return what was typed as a text that SQLite takes: what is no UTF-8 of it fits nothing."""
    return text.encode("utf-8", "replace").decode()


def find(db: "Connection | None", name: str) -> int:
    """Return the number of the run named by its id, a beginning of that, `last` or `previous`; raise HistoryError."""
    if db is None:
        raise HistoryError("no run is kept yet", help="dendrite ping and query keep their runs")
    if name in {LAST, PREVIOUS}:
        latest = db.execute("SELECT number, id FROM run ORDER BY id DESC LIMIT 2").fetchall()
        rows = latest[:1] if name == LAST else latest[1:]
    else:
        begin = plain(name).upper()
        query = "SELECT number, id FROM run WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?"
        rows = db.execute(query, (begin, begin + _BEYOND, _NAMED + 1)).fetchall()
    if len(rows) == 1:
        return int(rows[0][0])
    if not rows:
        missing = {LAST: "no run is kept", PREVIOUS: "no run is kept but the last"}.get(
            name, f"no run begins with {name!r}"
        )
        raise HistoryError(missing, help="dendrite history lists the runs that are kept")
    listed = tuple(id_ for _, id_ in rows[:_NAMED]) + (("and more",) if len(rows) > _NAMED else ())
    raise HistoryError(f"several runs begin with {name!r}", details=listed, help="write more of it")


def _equal(column: str, value: str | None) -> Clause | None:
    return None if value is None else Clause(f"{column} = ?", (value,))


def _endpoint(axon: str) -> Clause:
    return Clause("(rollup.endpoint = ? OR rollup.endpoint LIKE ? ESCAPE '\\')", (axon, f"{_plain(axon)}:%"))


def _containing(text: str) -> Clause:
    # records and requests hold text as JSON writes it
    inside = f"%{_plain(encoding.dumps(text)[1:-1])}%"
    here = "run.arguments LIKE ? ESCAPE '\\' OR run.asked LIKE ? ESCAPE '\\' OR run.tag LIKE ? ESCAPE '\\'"
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {table}.run = run.number AND {table}.record LIKE ? ESCAPE '\\')"
        for table in ("result", "chunk")
    )
    return Clause(f"({here} OR {there})", (inside,) * 5)


def _plain(text: str) -> str:
    """Return text in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _all(parts: list[Clause | None]) -> Clause:
    there = [part for part in parts if part is not None]
    return Clause(
        " AND ".join(part.sql for part in there) or "1", tuple(value for part in there for value in part.values)
    )
