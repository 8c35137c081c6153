"""What many runs amount to, per hotkey, uid, synapse or outcome.

Without criteria it is read off the roll-ups, which are kept up to date as runs are written; with criteria, the results
of the runs that fit are counted. Either way percentiles come from bins, and can be off by `bins.ERROR`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dendrite_cli import records
from dendrite_cli.history import search
from dendrite_cli.history.bins import ERROR, middle, percentile
from dendrite_cli.history.book import ENTRY, RECENT
from dendrite_cli.history.search import Criteria

if TYPE_CHECKING:
    from sqlite3 import Connection


class By(StrEnum):
    """What results have in common that are counted together."""

    HOTKEY = "hotkey"
    UID = "uid"
    SYNAPSE = "synapse"
    OUTCOME = "outcome"


_KEYS = {
    By.HOTKEY: "hotkey, CASE WHEN hotkey IS NULL THEN endpoint END",
    By.UID: "network, netuid, uid",
    By.SYNAPSE: "synapse",
    By.OUTCOME: "outcome",
}
_PICKED = """
    CREATE TEMP TABLE picked AS
    SELECT result.rollup AS rollup, result.bin AS bin, count(*) AS n, max(run.started_at) AS last_at
    FROM run JOIN result ON result.run = run.number
    WHERE {runs} AND result.rollup IN (SELECT number FROM rollup WHERE {rollups}) GROUP BY 1, 2
"""
_ALL_COUNTED = "SELECT number AS rollup, n, last_at FROM rollup"
_PICKED_COUNTED = "SELECT rollup, sum(n) AS n, max(last_at) AS last_at FROM picked GROUP BY rollup"
_PICKED_BINS = "SELECT rollup, bin, n FROM picked WHERE bin IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Line:
    """What results that have something in common amount to."""

    key: Mapping[str, object]
    """Network, netuid, uid, hotkey, endpoint, synapse, outcome: those that all of them have in common."""
    n: int
    ok: int
    p50: float | None
    """Milliseconds of those that were ok, or, by outcome, of all."""
    p95: float | None
    last_at: float
    """Unix time."""
    recent: Sequence[float | None]
    """Milliseconds of the latest few, None for one that failed, the latest last."""

    def record(self) -> dict[str, object]:
        """Return its `dendrite.stats/1`."""
        return {
            "schema": "dendrite.stats/1",
            "type": "stats",
            **self.key,
            "n": self.n,
            "ok": self.ok,
            "ok_percent": round(100 * self.ok / self.n, 1) if self.n else None,
            "p50_ms": self.p50,
            "p95_ms": self.p95,
            "percentile_error": ERROR,
            "last_at": records.instant(self.last_at),
            "recent_ms": list(self.recent),
        }


NOTHING: Mapping[str, object] = dict.fromkeys(
    ("by", "network", "netuid", "uid", "hotkey", "endpoint", "synapse", "outcome")
)
"""The key of no line."""


def lines(db: "Connection", by: By, criteria: Criteria, limit: int | None = None) -> list[Line]:
    """Return what the results amount to, those with most of them first."""
    counted, binned = _ALL_COUNTED, "SELECT rollup, bin, n FROM bin"
    if criteria:
        runs, rollups = search.of_runs(criteria), search.of_rollups(criteria)
        picking = _PICKED.format(runs=runs.sql, rollups=rollups.sql)
        db.execute("DROP TABLE IF EXISTS picked")
        db.execute(picking, (*runs.values, *rollups.values))
        counted, binned = _PICKED_COUNTED, _PICKED_BINS
    key = _KEYS[by]
    bins = _bins(db, key, binned, by)
    recent = _recent(db, key, counted)
    # SQLite takes the other columns from the row that has the max()
    query = f"""
        SELECT {key}, max(counted.last_at), network, netuid, uid, hotkey, endpoint, synapse, outcome,
            sum(counted.n), sum(CASE WHEN outcome = 'ok' THEN counted.n ELSE 0 END)
        FROM ({counted}) AS counted JOIN rollup ON rollup.number = counted.rollup
        WHERE counted.n > 0 {_some(by)} GROUP BY {key} ORDER BY sum(counted.n) DESC, {key} LIMIT ?
    """
    found = db.execute(query, (-1 if limit is None else limit,)).fetchall()
    return [_line(row, by, bins, recent) for row in found]


def _some(by: By) -> str:
    """Return what leaves out axons that nobody asked for by uid."""
    return "AND uid IS NOT NULL" if by is By.UID else ""


def _line(row: tuple[Any, ...], by: By, bins: Mapping[Any, dict[int, int]], recent: Mapping[Any, list[Any]]) -> Line:
    *key, last_at, network, netuid, uid, hotkey, endpoint, synapse, outcome, n, ok = row
    which = tuple(key)
    known: dict[str, object] = {"network": network, "netuid": netuid, "uid": uid, "hotkey": hotkey}
    known |= {"endpoint": endpoint, "synapse": synapse, "outcome": outcome}
    common = {
        By.HOTKEY: {"network", "netuid", "uid", "hotkey", "endpoint"},
        By.UID: {"network", "netuid", "uid", "hotkey", "endpoint"},
        By.SYNAPSE: {"synapse"},
        By.OUTCOME: {"outcome"},
    }[by]
    spread = bins.get(which, {})
    latest = [ms for _, ms in sorted(recent.get(which, ()), key=lambda item: item[0])[-RECENT:]]
    return Line(
        {"by": by.value} | {name: value if name in common else None for name, value in known.items()},
        n,
        ok,
        percentile(spread, 0.5),
        percentile(spread, 0.95),
        last_at,
        latest,
    )


def _bins(db: "Connection", key: str, binned: str, by: By) -> dict[Any, dict[int, int]]:
    which = "1" if by is By.OUTCOME else "outcome = 'ok'"
    query = f"""
        SELECT {key}, binned.bin, sum(binned.n) FROM ({binned}) AS binned
        JOIN rollup ON rollup.number = binned.rollup WHERE {which} GROUP BY {key}, binned.bin
    """
    found: dict[Any, dict[int, int]] = {}
    for *group, number, n in db.execute(query):
        found.setdefault(tuple(group), {})[number] = n
    return found


def _recent(db: "Connection", key: str, counted: str) -> dict[Any, list[tuple[str, float | None]]]:
    query = f"""
        SELECT {key}, outcome, recent FROM ({counted}) AS counted JOIN rollup ON rollup.number = counted.rollup
        WHERE counted.n > 0
    """
    found: dict[Any, list[tuple[str, float | None]]] = {}
    for *group, outcome, entries in db.execute(query):
        into = found.setdefault(tuple(group), [])
        for at in range(0, len(entries), ENTRY):
            entry = entries[at : at + ENTRY]
            took = None if outcome != "ok" or entry[8:] == "--" else middle(int(entry[8:], 16))
            into.append((entry[:8], took))
    return found
