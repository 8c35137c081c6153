"""Runs as they were kept, and their records, to the byte as they were shown."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dendrite_cli import records
from dendrite_cli.history import search
from dendrite_cli.history.alive import running
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.trouble import decoding
from dendrite_cli.model import Ending, Run, Verdict
from dendrite_cli.summary import Percentiles, Summary, percentiles

if TYPE_CHECKING:
    from sqlite3 import Connection

_COLUMNS = "number, id, command, tag, started_at, ending, exit_code, elapsed, arguments, head, facts, summary"
_RECORDS = """
    SELECT seq, record FROM result WHERE run = :run
    UNION ALL SELECT seq, record FROM chunk WHERE run = :run ORDER BY seq
"""
_COUNT = """
    SELECT rollup.outcome, count(*),
        sum(json_extract(record, '$.attempts') > 0),
        sum(json_extract(record, '$.http_status') IS NOT NULL
            OR (rollup.outcome = 'ok' AND json_extract(record, '$.protocol') = 'tcp')),
        max(json_extract(record, '$.round'))
    FROM result JOIN rollup ON rollup.number = result.rollup WHERE run = ? GROUP BY rollup.outcome
"""
_TOTALS = """
    SELECT json_extract(record, '$.timing.total_ms') FROM result JOIN rollup ON rollup.number = result.rollup
    WHERE run = ? AND rollup.outcome = 'ok'
"""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One run."""

    number: int
    head: Mapping[str, Any]
    """The run of `dendrite.run/1`."""
    facts: Mapping[str, Any]
    arguments: tuple[str, ...]
    tag: str | None
    exit_code: int | None
    """None while it goes on, and if it was killed."""
    started_at: float
    elapsed: float | None
    """Seconds; None while it goes on, and if it was killed."""
    goes_on: bool
    counted: Mapping[str, Any] = field(repr=False)
    """The summary of `dendrite.run/1`."""

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.head["id"])

    @property
    def run(self) -> Run:
        """The run as it was when it began."""
        head = self.head
        same = ("id", "command", "hotkey", "signed_as", "synapse", "network", "netuid", "block", "selection")
        return Run(
            **{name: head[name] for name in same},
            started_at=self.started_at,
            selected=self.facts["selected"],
            age=self.facts["age"],
            neurons=self.facts["neurons"],
        )

    @property
    def summary(self) -> Summary:
        """Its numbers, without the reasons of those that failed."""
        counted, spread = self.counted, self.counted["percentiles"]
        p50, p95, p99 = (_seconds(spread[name]) for name in ("p50_ms", "p95_ms", "p99_ms"))
        return Summary(
            selected=counted["selected"],
            rounds=1,
            dialled=counted["dialled"],
            answered=counted["answered"],
            ok=counted["ok"],
            outcomes={Verdict(name): n for name, n in counted["outcomes"].items()},
            percentiles=Percentiles(spread["n"], p50, p95, p99),
            refusals=(),
            elapsed=self.elapsed or 0.0,
            ending=Ending(self.head["ending"] or Ending.COMPLETE),
            loop_lag=_seconds(counted["loop_lag_ms"]),
        )

    def record(self) -> dict[str, object]:
        """Return its `dendrite.run/1` without results: what the run itself printed, and what is known since."""
        since = {
            "tag": self.tag,
            "exit_code": self.exit_code,
            "arguments": list(self.arguments),
            "origin": self.facts["origin"],
            "versions": self.facts["versions"],
        }
        return {"schema": "dendrite.run/1", "run": dict(self.head) | since, "summary": dict(self.counted)}


def runs(db: "Connection", path: Path, criteria: Criteria, limit: int | None = None) -> list[KeptRun]:
    """Return the runs that fit, the newest first."""
    clause = search.of_runs(criteria)
    query = f"SELECT {_COLUMNS} FROM run WHERE {clause.sql} ORDER BY id DESC LIMIT ?"
    rows = db.execute(query, (*clause.values, -1 if limit is None else limit)).fetchall()
    return _kept(db, path, rows)


def run(db: "Connection", path: Path, number: int) -> KeptRun:
    """Return the run of that number."""
    return _kept(db, path, db.execute(f"SELECT {_COLUMNS} FROM run WHERE number = ?", (number,)).fetchall())[0]


@decoding()
def options(db: "Connection", number: int) -> Mapping[str, Any]:
    """Return how a run asked: by group, what of its options was not their default."""
    (asked,) = db.execute("SELECT asked FROM run WHERE number = ?", (number,)).fetchone()
    told: Mapping[str, Any] = json.loads(asked)["options"]
    return told


def lines(db: "Connection", number: int) -> Iterator[str]:
    """Yield a run's records, results and chunks in the order in which they came."""
    return (record for _, record in db.execute(_RECORDS, {"run": number}))


def results(db: "Connection", number: int) -> Iterator[str]:
    """Yield a run's results in the order in which they came."""
    return (record for (record,) in db.execute("SELECT record FROM result WHERE run = ? ORDER BY seq", (number,)))


def capped(db: "Connection", number: int) -> int:
    """Return how many bodies of a run were too large to be kept."""
    return int(db.execute("SELECT count(*) FROM result WHERE run = ? AND capped > 0", (number,)).fetchone()[0])


def _kept(db: "Connection", path: Path, rows: list[tuple[Any, ...]]) -> list[KeptRun]:
    going = running(path, [row[0] for row in rows if row[5] is None])
    return [_one(db, row, goes_on=row[0] in going) for row in rows]


@decoding()
def _one(db: "Connection", row: tuple[Any, ...], *, goes_on: bool) -> KeptRun:
    number, id_, _, tag, started_at, ending, exit_code, elapsed, arguments, head, facts, summary = row
    known, told = json.loads(head), json.loads(facts)
    if ending is None and not goes_on:
        # killed: nobody was left to say so
        known |= {"interrupted": True, "ending": Ending.INTERRUPTED.value}
    counted = json.loads(summary) if summary else _counted(db, number, id_)
    kept = KeptRun(
        number, known, told, tuple(json.loads(arguments)), tag, exit_code, float(started_at), elapsed, goes_on, counted
    )
    _ = kept.run, kept.summary, records.encode(kept.record())  # it can be shown
    if not (isinstance(known["id"], str) and isinstance(known["command"], str)):
        raise TypeError("neither an id nor a command")
    return kept


def _counted(db: "Connection", number: int, id_: str) -> dict[str, Any]:
    """Count a run that did not come to its own summary."""
    rows = db.execute(_COUNT, (number,)).fetchall()
    totals = [total / 1000 for (total,) in db.execute(_TOTALS, (number,)) if total is not None]
    outcomes = {Verdict(name): n for name, n, *_ in rows}
    found = Summary(
        selected=db.execute("SELECT json_array_length(targets) FROM run WHERE number = ?", (number,)).fetchone()[0],
        rounds=max((row[4] for row in rows), default=1),
        dialled=sum(row[2] for row in rows),
        answered=sum(row[3] for row in rows),
        ok=outcomes.get(Verdict.OK, 0),
        outcomes=outcomes,
        percentiles=percentiles(totals),
        refusals=(),
        elapsed=0.0,
    )
    whole = records.document(Run(id_, "", 0.0, found.selected), [], found, 0.0)["summary"]
    return whole if isinstance(whole, dict) else {}


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000
