"""What is too old or too much goes, the oldest first; runs that go on stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dendrite_cli.history.alive import Alive
from dendrite_cli.history.book import ENTRY
from dendrite_cli.history.kept import Keep

if TYPE_CHECKING:
    from sqlite3 import Connection

_AT_ONCE = 20
"""Runs that a run at its end makes room of at most: whoever asked is waiting."""
_PAGES = 2_000
"""Pages given back to the disk on such an occasion."""
_UNCOUNT = f"""
    UPDATE rollup SET n = n - :n, recent = substr(recent, (:n - n) * {ENTRY}) WHERE number = :rollup
"""


@dataclass(frozen=True, slots=True)
class Doomed:
    """What would go."""

    runs: tuple[int, ...]
    """Their numbers, the oldest first."""
    results: int
    size: int
    """Bytes of the records, roughly what the file will be smaller by."""


def size_of(db: "Connection") -> int:
    """Return the bytes that are in use."""
    pages, free, page = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page)


def make_room(db: "Connection", alive: Alive, keep: Keep, now: float) -> None:
    """Remove a few runs where there are too many; where there are not, it costs a look at two numbers."""
    import sqlite3

    try:
        for number in _too_much(db, alive, keep, now):
            remove(db, number)
            db.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    except sqlite3.OperationalError:
        return  # another program is at it, or the disk is full: the next run tries again


def _too_much(db: "Connection", alive: Alive, keep: Keep, now: float) -> Iterator[int]:
    newest = db.execute("SELECT max(id) FROM run").fetchone()[0]
    for _ in range(_AT_ONCE):
        oldest = db.execute(
            "SELECT number, started_at, ending FROM run WHERE id < ? ORDER BY id LIMIT 1", (newest,)
        ).fetchone()
        if oldest is None:
            return
        number, started_at, ending = oldest
        old = keep.seconds is not None and started_at < now - keep.seconds
        large = keep.size is not None and size_of(db) > keep.size
        if not (old or large) or (ending is None and alive.goes_on(number)):
            return
        yield number


def doomed(db: "Connection", alive: Alive, keep: Keep, now: float, *, most: int | None = None) -> Doomed:
    """Return the runs that are older than `keep` says, not among the `most` newest, or too large together."""
    counts = _counts(db)
    each = size_of(db) / max(sum(counts.values()), 1)
    rows = db.execute("SELECT number, started_at, ending FROM run ORDER BY id DESC").fetchall()
    chosen: list[int] = []
    room = 0.0 if keep.size is None else float(keep.size)
    for place, (number, started_at, ending) in enumerate(rows):
        room -= each * counts.get(number, 0)
        too_old = keep.seconds is not None and started_at < now - keep.seconds
        too_many = most is not None and place >= most
        too_large = keep.size is not None and room < 0
        if (too_old or too_many or too_large) and not (ending is None and alive.goes_on(number)):
            chosen.append(number)
    chosen.reverse()
    results = sum(counts.get(number, 0) for number in chosen)
    return Doomed(tuple(chosen), results, int(each * results))


def remove(db: "Connection", number: int) -> None:
    """Remove a run, and take it out of the roll-ups, in one transaction."""
    db.execute("BEGIN IMMEDIATE")
    try:
        counted = db.execute(
            "SELECT rollup, bin, count(*) AS n FROM result WHERE run = ? GROUP BY rollup, bin", (number,)
        ).fetchall()
        db.executemany(
            "UPDATE bin SET n = n - ? WHERE rollup = ? AND bin = ?",
            [(n, rollup, bin_) for rollup, bin_, n in counted if bin_ is not None],
        )
        db.executemany(_UNCOUNT, [{"rollup": rollup, "n": n} for rollup, _, n in counted])
        rollups = [(rollup,) for rollup in {rollup for rollup, _, _ in counted}]
        db.executemany("DELETE FROM bin WHERE rollup = ? AND n <= 0", rollups)
        db.executemany("DELETE FROM rollup WHERE number = ? AND n <= 0", rollups)
        for table in ("result", "chunk"):
            db.execute(f"DELETE FROM {table} WHERE run = ?", (number,))
        db.execute("DELETE FROM run WHERE number = ?", (number,))
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def give_back(db: "Connection") -> None:
    """Return all free pages to the disk."""
    db.execute("PRAGMA incremental_vacuum").fetchall()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _counts(db: "Connection") -> dict[int, int]:
    return dict(db.execute("SELECT run, count(*) FROM result GROUP BY run").fetchall())
