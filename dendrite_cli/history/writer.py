"""An observer that keeps a run: it remembers what it hears, and a thread of its own writes it a little later.

Transactions are short and about half a second apart, so a program that is killed has lost no more than that, and
several programs write side by side. Whatever is wrong with the history is its own trouble: the run goes on.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dendrite_cli.history.alive import Alive
from dendrite_cli.history.book import Book, Entry, chunk_entry, entry
from dendrite_cli.history.kept import Asking, End, Keep
from dendrite_cli.history.trouble import is_locked, said
from dendrite_cli.model import Axon, Chunk, Outcome

if TYPE_CHECKING:
    from sqlite3 import Connection

PAUSE = 0.4
"""Seconds between two transactions."""
PATIENCE = 3.0
"""Seconds after the run's end in which a history that others hold locked may become free."""
ENDURANCE = 30.0
"""Seconds for which it may be locked while the run goes on; what is to be written waits in memory."""
_TRY = 0.25
_TOGETHER = 32
"""Outcomes that become records together: one at a time, between other work, each takes twice as long."""
_LARGE = 65_536
"""Bytes received beyond which an answer does not wait for others."""

Done = TypeVar("Done")


class Writer:
    """Keeps one run in the file at `path`."""

    def __init__(self, path: Path, asking: Asking, keep: Keep) -> None:
        self._path = path
        self._asking = asking
        self._keep = keep
        self._heard: list[Outcome] = []
        self._entries: list[Entry] = []
        self._encoding = threading.Lock()
        self._end: End | None = None
        self._over = threading.Event()
        self._trouble: Exception | None = None
        # a daemon, for a second Ctrl-C must not wait for it
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)
        self._thread.start()

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is kept of a request under way."""

    def chunk(self, chunk: Chunk) -> None:
        """Remember the chunk's record; what a class yields may change in its hands later."""
        if self._trouble is None:
            with self._encoding:
                self._encode()
                self._entries.append(chunk_entry(chunk, self._asking))

    def finished(self, outcome: Outcome) -> None:
        """Remember the outcome, and make the records of some together."""
        if self._trouble is None:
            with self._encoding:
                self._heard.append(outcome)
                if len(self._heard) >= _TOGETHER or outcome.received > _LARGE:
                    self._encode()

    def close(self, end: End) -> str | None:
        """Write what is left, and how it ended; return why the run is not kept as a whole, None if it is."""
        self._end = end
        self._over.set()
        self._thread.join()
        if self._trouble is None:
            return None
        return f"the history {str(self._path)!r} does not keep this run: {said(self._trouble)}"

    def _work(self) -> None:

        from dendrite_cli.history.store import opened

        try:
            db = self._patiently(lambda: opened(self._path, _TRY))
            try:
                with Alive(self._path) as alive:
                    self._keep_all(db, alive)
            finally:
                db.close()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the run goes on, and is told that it is not kept
            self._trouble = problem
            self._take()

    def _keep_all(self, db: "Connection", alive: Alive) -> None:
        book = Book(db, self._asking)
        over = False
        while not over:
            over = self._over.is_set()
            entries = self._take()
            if entries or over or book.number is None:
                self._write(book, alive, entries, self._end if over else None)
            self._over.wait(PAUSE)
        from dendrite_cli.history.prune import make_room

        make_room(db, alive, self._keep, time.time())

    def _take(self) -> list[Entry]:
        """Return the entries of all that was heard since the last time, in its order."""
        with self._encoding:
            self._encode()
            entries, self._entries = self._entries, []
        return entries

    def _encode(self) -> None:
        self._entries += [entry(outcome, self._asking) for outcome in self._heard]
        self._heard.clear()

    def _write(self, book: Book, alive: Alive, entries: list[Entry], end: End | None) -> None:
        """Make one transaction of the entries; once it has begun, nobody else can hold it up."""
        self._patiently(book.open)
        try:
            if book.number is None:
                alive.hold(book.begin())
            book.add(entries)
            if end is not None:
                book.end(end)
        except BaseException:
            book.abandon()
            raise
        book.commit()

    def _patiently(self, work: Callable[[], Done]) -> Done:
        """Do it again while another program has the history locked, up to a point."""
        import sqlite3

        begun, ended = time.monotonic(), None
        while True:
            try:
                return work()
            except sqlite3.OperationalError as problem:
                now = time.monotonic()
                if ended is None and self._over.is_set():
                    ended = now
                too_long = now - begun > ENDURANCE or (ended is not None and now - ended > PATIENCE)
                if too_long or not is_locked(problem):
                    raise
            # SQLite says so at once where waiting could be a deadlock
            time.sleep(0.01)
