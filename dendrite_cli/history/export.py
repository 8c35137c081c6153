"""Runs for other programs and machines: their records, or a SQLite file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dendrite_cli.history import reader, search
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.trouble import HistoryError

if TYPE_CHECKING:
    from sqlite3 import Connection


def numbers(db: "Connection", criteria: Criteria) -> list[int]:
    """Return the numbers of the runs that fit, the oldest first."""
    clause = search.of_runs(criteria)
    return [number for (number,) in db.execute(f"SELECT number FROM run WHERE {clause.sql} ORDER BY id", clause.values)]


def lines(db: "Connection", runs: list[int], *, chunks: bool) -> Iterator[str]:
    """Yield the records of runs, one run after the other."""
    for number in runs:
        yield from reader.lines(db, number) if chunks else reader.results(db, number)


def copy(db: "Connection", file: Path) -> None:
    """Write all of the history to a new SQLite file, for its owner alone; raise HistoryError."""
    import os

    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as problem:
        why = (problem.strerror or "the system does not say why").lower()
        raise HistoryError(f"cannot write {str(file)!r}: {why}") from None
    # an empty file is taken for a new one
    db.execute("VACUUM INTO ?", (str(file),))
