"""The file: where it lies, who may read it, and how it is opened."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dendrite_cli.history import schema
from dendrite_cli.history.trouble import HistoryError, said

if TYPE_CHECKING:
    from sqlite3 import Connection

Db: TypeAlias = "Connection"
"""An open history, to whoever only hands it on."""

NAME = "history.db"
_PATIENCE = 5.0
"""Seconds that a reader waits for a writer."""


def path_of(environment: Mapping[str, str]) -> Path | None:
    """Return where the history lies, by the XDG rules; None where the environment names no folder."""
    named, home = Path(environment.get("XDG_STATE_HOME", "")), Path(environment.get("HOME", ""))
    if named.is_absolute():
        return named / "dendrite" / NAME
    return home / ".local" / "state" / "dendrite" / NAME if home.is_absolute() else None


def opened(path: Path, patience: float = _PATIENCE) -> "Connection":
    """Return the history open for writing, made and brought up to date where need be.

    `patience` is how many seconds each statement waits for other programs. Raises HistoryError, OSError or
    sqlite3.Error.
    """
    _make_private(path)
    db = _connected(f"file:{_quoted(path)}?mode=rw", patience)
    try:
        if not schema.version_of(db):
            # before the first table, or never
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _log_ahead(db, patience)
        # a killed program loses nothing by it; a power failure may cost the last seconds, and never the file
        db.execute("PRAGMA synchronous = NORMAL")
        schema.upgrade(db)
    except UnicodeError:
        # a broken schema is quoted in the complaint about it, whatever bytes it holds
        db.close()
        raise HistoryError("it is damaged", help="move it away, and a new one is made") from None
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def reading(path: Path | None) -> "Iterator[Connection | None]":
    """Open the history for whoever reads or prunes it; None where there is none yet. Raises HistoryError."""
    import sqlite3

    try:
        if path is None or not path.exists():
            yield None
            return
        db = _opened_for_reading(path)
        try:
            yield db
        finally:
            db.close()
    except (sqlite3.Error, OSError, UnicodeError) as problem:
        raise HistoryError(f"cannot read the history {str(path)!r}: {said(problem)}") from None


def _opened_for_reading(path: Path) -> "Connection":
    import sqlite3

    try:
        return opened(path)
    except HistoryError as problem:
        raise HistoryError(f"cannot read the history {str(path)!r}: {problem.message}", help=problem.help) from None
    except OSError:
        pass
    except sqlite3.OperationalError as problem:
        if "readonly" not in str(problem) and "unable to open" not in str(problem):
            raise
    return _opened_read_only(path)


def _opened_read_only(path: Path) -> "Connection":
    """Open a file that may not be written; where nothing may be put beside it either, nobody else writes it."""
    import sqlite3

    try:
        db = _connected(f"file:{_quoted(path)}?mode=ro", _PATIENCE)
        version = schema.version_of(db)
    except sqlite3.OperationalError:
        db = _connected(f"file:{_quoted(path)}?mode=ro&immutable=1", _PATIENCE)
        version = schema.version_of(db)
    if version < len(schema.STEPS):
        db.close()
        raise HistoryError(f"cannot read the history {str(path)!r}: it is of an earlier version, and read-only")
    return db


def _connected(uri: str, patience: float) -> "Connection":
    import sqlite3

    db = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
    db.execute("PRAGMA case_sensitive_like = OFF")
    return db


def _log_ahead(db: "Connection", patience: float) -> None:
    """Turn the write-ahead log on. Of two programs that do so at once, SQLite refuses the later without waiting."""
    import sqlite3

    give_up = time.monotonic() + patience
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


def _make_private(path: Path) -> None:
    """Make folder and file, for their owner alone; SQLite gives the files beside it the same rights."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(PermissionError):
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # by its name: closing any descriptor of a file lets go of all the locks that this process has on it
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
