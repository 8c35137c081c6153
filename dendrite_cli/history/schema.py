"""The tables, as the steps that made them: a file of any earlier version is brought up to date, one step at a time.

A step is never changed once it was released, and new ones are appended. `user_version` is how many a file has had.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dendrite_cli.history.trouble import HistoryError

if TYPE_CHECKING:
    from sqlite3 import Connection

_FIRST = (
    """
    CREATE TABLE run (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,        -- a ULID: its order is the order in time
        command TEXT NOT NULL,
        synapse TEXT,
        tag TEXT,
        started_at REAL NOT NULL,       -- Unix time
        ending TEXT,                    -- null while it goes on, and if it was killed
        exit_code INTEGER,
        elapsed REAL,                   -- seconds
        arguments TEXT NOT NULL,        -- JSON: the command line without secrets
        head TEXT NOT NULL,             -- JSON: the run of dendrite.run/1
        facts TEXT NOT NULL,            -- JSON: what else is known of the run
        summary TEXT,                   -- JSON: the summary of dendrite.run/1
        asked TEXT NOT NULL,            -- JSON: what it takes to ask again
        targets TEXT NOT NULL           -- JSON: the selected axons, in order
    )
    """,
    """
    CREATE TABLE rollup (
        number INTEGER PRIMARY KEY,     -- a hash of what follows, up to the outcome: nobody has to look it up
        network TEXT,
        netuid INTEGER,
        uid INTEGER,
        hotkey TEXT,
        endpoint TEXT,
        synapse TEXT,
        outcome TEXT NOT NULL,
        n INTEGER NOT NULL,
        last_at REAL NOT NULL,          -- Unix time of the latest
        recent TEXT NOT NULL            -- of the latest few: 8 hex digits of Unix time, 2 of the bin
    )
    """,
    """
    CREATE TABLE bin (
        rollup INTEGER NOT NULL,
        bin INTEGER NOT NULL,           -- of total_ms, on a logarithmic scale
        n INTEGER NOT NULL,
        PRIMARY KEY (rollup, bin)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE result (
        number INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        seq INTEGER NOT NULL,           -- among the run's results and chunks
        rollup INTEGER NOT NULL,        -- whom, with what, and what came of it
        bin INTEGER,                    -- of total_ms
        capped INTEGER NOT NULL,        -- bytes of a body that was too large to keep, else 0
        record TEXT NOT NULL            -- dendrite.result/1
    )
    """,
    # narrow, so that whoever counts reads nothing of the records
    "CREATE UNIQUE INDEX result_order ON result (run, seq, rollup, bin)",
    """
    CREATE TABLE chunk (
        number INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        record TEXT NOT NULL            -- dendrite.chunk/1
    )
    """,
    "CREATE UNIQUE INDEX chunk_order ON chunk (run, seq)",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST,)


def upgrade(db: "Connection", steps: Sequence[Sequence[str]] = STEPS) -> None:
    """Bring the tables up to date, or leave them as they were."""
    if version_of(db, len(steps)) == len(steps):
        return
    # whoever comes second waits here, and then finds it done
    db.execute("BEGIN IMMEDIATE")
    try:
        for number, statements in enumerate(steps[version_of(db) :], version_of(db) + 1):
            for statement in statements:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def version_of(db: "Connection", most: int = len(STEPS)) -> int:
    """Return how many steps a file has had; raise HistoryError for more than there are: a newer dendrite's."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > most:
        raise HistoryError("it was written by a newer version of dendrite", help="upgrade dendrite to read it")
    return int(version)
