"""What many runs amount to, per hotkey, uid, synapse or outcome.

Without criteria it is read off the roll-ups, which are kept up to date as runs are written; with criteria, the results
of the runs that fit are counted. Either way percentiles come from bins, and can be off by `bins.ERROR`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from dendrite_cli import records
from dendrite_cli.history import search
from dendrite_cli.history.bins import ERROR, middle, percentiles
from dendrite_cli.history.book import ENTRY, RECENT
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.trouble import decoding
from dendrite_cli.model import Verdict

if TYPE_CHECKING:
    from sqlite3 import Connection


class By(StrEnum):
    """What results have in common that are counted together."""

    HOTKEY = "hotkey"
    UID = "uid"
    SYNAPSE = "synapse"
    OUTCOME = "outcome"


_KEYS: Mapping[By, Callable[["_Rollup"], tuple[object, ...]]] = {
    # without a hotkey an axon is known by where it is
    By.HOTKEY: lambda rollup: (rollup.hotkey, None if rollup.hotkey else rollup.endpoint),
    By.UID: lambda rollup: (rollup.network, rollup.netuid, rollup.uid),
    By.SYNAPSE: lambda rollup: (rollup.synapse,),
    By.OUTCOME: lambda rollup: (rollup.outcome,),
}
_WHOM = ("network", "netuid", "uid", "hotkey", "endpoint")
_COMMON = {By.HOTKEY: _WHOM, By.UID: _WHOM, By.SYNAPSE: ("synapse",), By.OUTCOME: ("outcome",)}
_TIME = 8
"""Characters of when an entry was."""
_PICKED = """
    CREATE TEMP TABLE picked AS
    SELECT result.rollup AS rollup, result.bin AS bin, count(*) AS n, max(run.started_at) AS last_at
    FROM run JOIN result ON result.run = run.number
    WHERE {runs} AND result.rollup IN (SELECT number FROM rollup WHERE {rollups}) GROUP BY 1, 2
"""
_ALL_COUNTED = "SELECT number AS rollup, n, last_at FROM rollup"
_PICKED_COUNTED = "SELECT rollup, sum(n) AS n, max(last_at) AS last_at FROM picked GROUP BY rollup"
_ALL_BINS = "SELECT rollup, bin, n FROM bin"
_PICKED_BINS = "SELECT rollup, bin, n FROM picked WHERE bin IS NOT NULL"
_ROLLUPS = """
    SELECT rollup.number, network, netuid, uid, hotkey, endpoint, synapse, outcome, counted.n, counted.last_at, recent
    FROM ({counted}) AS counted JOIN rollup ON rollup.number = counted.rollup WHERE counted.n > 0
"""


class _Rollup(NamedTuple):
    """A row of `rollup`."""

    number: int
    network: str | None
    netuid: int | None
    uid: int | None
    hotkey: str | None
    endpoint: str | None
    synapse: str | None
    outcome: str
    n: int
    last_at: float
    recent: str


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


@decoding()
def lines(db: "Connection", by: By, criteria: Criteria, limit: int | None = None) -> list[Line]:
    """Return what the results amount to, those with most of them first."""
    counted, binned = _ALL_COUNTED, _ALL_BINS
    if criteria:
        runs, rollups = search.of_runs(criteria), search.of_rollups(criteria)
        db.execute("DROP TABLE IF EXISTS picked")
        db.execute(_PICKED.format(runs=runs.sql, rollups=rollups.sql), (*runs.values, *rollups.values))
        counted, binned = _PICKED_COUNTED, _PICKED_BINS
    groups: dict[tuple[object, ...], list[_Rollup]] = {}
    for row in map(_Rollup._make, db.execute(_ROLLUPS.format(counted=counted))):
        if by is not By.UID or row.uid is not None:
            groups.setdefault(_KEYS[by](row), []).append(row)
    bins: dict[int, list[tuple[int, int]]] = {}
    for rollup, number, n in db.execute(binned):
        bins.setdefault(rollup, []).append((number, n))
    ordered = sorted(groups.values(), key=lambda rows: (-sum(row.n for row in rows), _place(rows[0], by)))
    return [_line(rows, by, bins) for rows in ordered[:limit]]


def _place(rollup: _Rollup, by: By) -> tuple[object, ...]:
    """Return what orders those of whom there is as much."""
    if by in {By.SYNAPSE, By.OUTCOME}:
        return (rollup.synapse or "",) if by is By.SYNAPSE else (rollup.outcome,)
    return (rollup.netuid or 0, -1 if rollup.uid is None else rollup.uid, rollup.hotkey or "", rollup.endpoint or "")


def _line(rows: Sequence[_Rollup], by: By, bins: Mapping[int, Sequence[tuple[int, int]]]) -> Line:
    latest = max(rows, key=lambda row: row.last_at)
    spread: Counter[int] = Counter()
    for row in rows:
        if by is By.OUTCOME or row.outcome == Verdict.OK:
            for number, n in bins.get(row.number, ()):
                spread[number] += n
    common = dict(NOTHING) | {name: getattr(latest, name) for name in _COMMON[by]} | {"by": by.value}
    n, ok = sum(row.n for row in rows), sum(row.n for row in rows if row.outcome == Verdict.OK)
    p50, p95 = percentiles(spread, (0.5, 0.95))
    return Line(common, n, ok, p50, p95, latest.last_at, _recent(rows))


def _recent(rows: Sequence[_Rollup]) -> list[float | None]:
    """Return how long the latest few took, None of those that failed."""
    if len(rows) == 1:  # whose entries are few, and in order
        latest = _entries(rows[0])
    else:
        # whatever is among the latest few is in one of the latest few rows
        several = [_entries(row) for row in nlargest(RECENT, rows, key=lambda row: row.last_at)]
        latest = sorted(chain(*several), key=lambda entry: entry[0][:_TIME])[-RECENT:]
    return [middle(int(text[_TIME:], 16)) if ok and text[_TIME:] != "--" else None for text, ok in latest]


def _entries(row: _Rollup) -> list[tuple[str, bool]]:
    ok = row.outcome == Verdict.OK
    return [(row.recent[at : at + ENTRY], ok) for at in range(0, len(row.recent), ENTRY)]
