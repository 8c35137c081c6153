"""The rows of one run, as the writer's transactions put them in.

Rows go in by the dozen per statement: SQLite works without Python's lock during each of them, so the event loop beside
it is not held up, and does not hold it up either.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from dendrite_cli import encoding, records
from dendrite_cli.history import kept
from dendrite_cli.history.bins import bin_of
from dendrite_cli.history.kept import Asking, End
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.summary import summarise

if TYPE_CHECKING:
    from sqlite3 import Connection

RECENT = 12
"""Of so many of the latest results a roll-up remembers when they were, and how long they took."""
ENTRY = 10
"""Characters of each of them."""
_TOGETHER = 64
"""Rows per statement: older SQLite takes 999 parameters."""

_RUN = """
    INSERT INTO run (id, command, synapse, tag, started_at, arguments, head, facts, asked, targets)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_END = "UPDATE run SET ending = ?, exit_code = ?, elapsed = ?, head = ?, summary = ? WHERE number = ?"
_ROLLUP = (
    "INSERT INTO rollup (number, network, netuid, uid, hotkey, endpoint, synapse, outcome, n, last_at, recent) VALUES"
)
_AGAIN = f"""
    ON CONFLICT (number) DO UPDATE SET n = n + excluded.n, last_at = max(last_at, excluded.last_at),
    recent = substr(recent || excluded.recent, -{RECENT * ENTRY})
"""
_BIN = "INSERT INTO bin (rollup, bin, n) VALUES"
_MORE = "ON CONFLICT (rollup, bin) DO UPDATE SET n = n + excluded.n"
_RESULT = "INSERT INTO result (run, seq, rollup, bin, capped, record) VALUES"
Row = tuple[object, ...]

_CHUNK = "INSERT INTO chunk (run, seq, record) VALUES"


class Entry(NamedTuple):
    """A record ready to be put in."""

    record: str
    whom: tuple[object, ...] | None = None
    """Network, netuid, uid, hotkey, endpoint, synapse and outcome of a result; None of a chunk."""
    rollup: int = 0
    """The number of the roll-up that it is in."""
    at: float = 0.0
    """Unix time."""
    bin: int | None = None
    capped: int = 0

    @property
    def recent(self) -> str:
        """When it was and how long it took, as roll-ups have it."""
        return f"{int(self.at) & 0xFFFFFFFF:08x}{'--' if self.bin is None else f'{self.bin:02x}'}"


def entry(outcome: Outcome, asking: Asking) -> Entry:
    """Return the entry of an outcome."""
    text, capped = kept.result(outcome, asking)
    axon, total = outcome.axon, outcome.timing.total
    endpoint = axon.endpoint if axon.is_serving else None
    network, verdict = asking.run.network, outcome.verdict.value
    whom = (network, axon.netuid, axon.uid, axon.hotkey, endpoint, outcome.synapse, verdict)
    at = outcome.started_at or asking.run.started_at
    number = _number(network, axon, outcome.synapse, verdict)
    return Entry(text, whom, number, at, bin_of(None if total is None else total * 1000), capped)


def chunk_entry(chunk: Chunk, asking: Asking) -> Entry:
    """Return the entry of a piece of a stream."""
    return Entry(kept.chunk(chunk, asking))


class Book:
    """One run in the history, transaction by transaction."""

    def __init__(self, db: "Connection", asking: Asking) -> None:
        self._db = db
        self._asking = asking
        self._seq = 0
        self.number: int | None = None
        """The run's, once it is in."""

    def open(self) -> None:
        """Begin a transaction; nobody else writes before it is committed or abandoned."""
        self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """End the transaction: whatever happens to this program, all of it is kept."""
        self._db.execute("COMMIT")

    def abandon(self) -> None:
        """Take the transaction back."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def begin(self) -> int:
        """Put the run in; return its number."""
        asking, run = self._asking, self._asking.run
        row = (
            run.id,
            run.command,
            run.synapse,
            asking.tag,
            run.started_at,
            encoding.dumps(list(asking.arguments)),
            encoding.dumps(_head(asking)),
            encoding.dumps(_facts(asking)),
            kept.exact({"options": dict(asking.options), "request": asking.request}),
            kept.exact([kept.target(axon) for axon in asking.axons]),
        )
        self.number = self._db.execute(_RUN, row).lastrowid
        return self.number or 0

    def add(self, entries: Sequence[Entry]) -> None:
        """Put in what was heard, in its order."""
        results: list[Row] = []
        chunks: list[Row] = []
        for seq, each in enumerate(entries, self._seq):
            if each.whom is None:
                chunks.append((self.number, seq, each.record))
            else:
                results.append((self.number, seq, each.rollup, each.bin, each.capped, each.record))
        _insert(self._db, _RESULT, results)
        _insert(self._db, _CHUNK, chunks)
        self._roll_up([each for each in entries if each.whom is not None])
        self._seq += len(entries)

    def end(self, end: End) -> None:
        """Say how it ended."""
        run = self._asking.run
        whole = records.document(
            run, [], end.summary or summarise([], end.elapsed, end.ending), run.started_at + end.elapsed
        )
        summary = encoding.dumps(whole["summary"]) if end.summary else None
        row = (end.ending.value, end.exit_code, end.elapsed, encoding.dumps(whole["run"]), summary, self.number)
        self._db.execute(_END, row)

    def _roll_up(self, entries: Sequence[Entry]) -> None:
        """Count results, and remember the latest of each kind."""
        alike: dict[int, list[Entry]] = {}
        for each in entries:
            alike.setdefault(each.rollup, []).append(each)
        rows = [
            (
                number,
                *(group[0].whom or ()),
                len(group),
                max([each.at for each in group]),
                "".join([each.recent for each in group[-RECENT:]]),
            )
            for number, group in alike.items()
        ]
        _insert(self._db, _ROLLUP, rows, _AGAIN)
        bins = Counter([(each.rollup, each.bin) for each in entries if each.bin is not None])
        _insert(self._db, _BIN, [(*which, n) for which, n in bins.items()], _MORE)


def _head(asking: Asking) -> object:
    """Return the run of `dendrite.run/1` while it goes on."""
    whole = records.document(asking.run, [], summarise([], 0.0), asking.run.started_at)
    head = whole["run"]
    return (head if isinstance(head, dict) else {}) | {"finished_at": None, "ending": None}


def _facts(asking: Asking) -> dict[str, object]:
    run = asking.run
    return {
        "selected": run.selected,
        "neurons": run.neurons,
        "age": run.age,
        "endpoint": asking.axons[0].endpoint if len(asking.axons) == 1 else None,
        "origin": asking.origin,
        "versions": dict(asking.versions),
        "redacted": sorted(asking.redact),
    }


def _number(network: str | None, axon: Axon, synapse: str | None, outcome: str) -> int:
    """Return the number of a roll-up: 63 bits.

    The first 20 are of what a run's axons have in common, so that a run touches a few pages of a large table; the
    others are of the axon, and of 100,000 no two are likely to be alike.
    """
    whom = _digest(f"{axon.uid}\x1f{axon.hotkey}\x1f{axon.host}\x1f{axon.port}")
    return _common(network, axon.netuid, synapse, outcome) << 43 | whom >> 21


@lru_cache(64)
def _common(*parts: object) -> int:
    return _digest("\x1f".join(map(str, parts))) >> 44


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _insert(db: "Connection", head: str, rows: Sequence[Row], tail: str = "") -> None:
    for at in range(0, len(rows), _TOGETHER):
        part = rows[at : at + _TOGETHER]
        marks = f"({', '.join('?' * len(part[0]))})"
        db.execute(f"{head} {', '.join([marks] * len(part))} {tail}", [value for row in part for value in row])
