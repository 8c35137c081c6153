"""Two runs side by side: who changed outcome, how much slower or faster, whose answers differ."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from dendrite_cli import records
from dendrite_cli.answers import Likeness, differing
from dendrite_cli.history import reader
from dendrite_cli.history.trouble import decoding

if TYPE_CHECKING:
    from sqlite3 import Connection

_MOST_PATHS = 20
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """One axon in both runs; None where it was in one of them only."""

    before: Record | None
    after: Record | None
    likeness: Likeness = Likeness()
    """When two answers are alike."""

    @property
    def change(self) -> str:
        """What changed: `gone`, `new`, `outcome`, `body` or `none`."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        if self.before["outcome"] != self.after["outcome"]:
            return "outcome"
        return "body" if next(self.differing, None) else "none"

    @property
    def differing(self) -> Iterator[str]:
        """Where the answers differ, as paths such as `body.answer.0`."""
        if self.before is not None and self.after is not None:
            seen = [self.likeness.seen(record["body"]) for record in (self.before, self.after)]
            yield from (path for path, _, _ in differing(seen[0], seen[1], self.likeness))

    @property
    def shift(self) -> float | None:
        """Milliseconds by which it was slower, of two that were ok."""
        if self.before is None or self.after is None or not (self.before["ok"] and self.after["ok"]):
            return None
        first, second = self.before["timing"]["total_ms"], self.after["timing"]["total_ms"]
        return None if first is None or second is None else round(second - first, 3)

    def record(self) -> dict[str, object]:
        """Return its `dendrite.diff/1`."""
        known = self.after or self.before or {}
        return {
            "schema": "dendrite.diff/1",
            "type": "diff",
            "axon": known.get("axon"),
            "change": self.change,
            "before": _side(self.before),
            "after": _side(self.after),
            "shift_ms": self.shift,
            "body_paths": list(islice(self.differing, _MOST_PATHS)),
        }


def pairs(db: "Connection", before: int, after: int) -> list[Pair]:
    """Return the axons of both runs in the order of the second, each by its last round; then those that are gone."""
    first, second = _by_axon(db, before), _by_axon(db, after)
    return [Pair(first.get(key), record) for key, record in second.items()] + [
        Pair(record, None) for key, record in first.items() if key not in second
    ]


def in_words(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield what two runs amount to side by side."""
    count = Counter(pair.change for pair in pairs)
    shifts = [pair.shift for pair in pairs if pair.shift is not None]
    yield "1 axon" if len(pairs) == 1 else f"{len(pairs)} axons"
    yield f"{count['outcome']} changed outcome"
    yield f"{count['body']} with another answer"
    if shifts:
        yield f"median {round(median(shifts)):+d} ms"
    for change, where in (("gone", "first"), ("new", "second")):
        if count[change]:
            yield f"{count[change]} in the {where} only"


@decoding()
def _by_axon(db: "Connection", number: int) -> dict[tuple[object, ...], Record]:
    """Return a run's results by whom they are of: a hotkey, which may move, or else an endpoint."""
    found: dict[int, Record] = {}
    for line in reader.results(db, number):
        record = json.loads(line)
        records.encode(Pair(record, record).record())  # it can be compared, and shown
        if record["index"] not in found or record["round"] >= found[record["index"]]["round"]:
            found[record["index"]] = record
    by_axon: dict[tuple[object, ...], Record] = {}
    for _, record in sorted(found.items()):
        axon = record["axon"]
        who = (axon["netuid"], axon["hotkey"]) if axon["hotkey"] else (axon["host"], axon["port"])
        # the same hotkey may have been asked at several endpoints
        by_axon[who if who not in by_axon else (*who, axon["host"], axon["port"])] = record
    return by_axon


def _side(record: Record | None) -> dict[str, object] | None:
    if record is None:
        return None
    return {
        "run": record["run"],
        "ok": record["ok"],
        "outcome": record["outcome"],
        "http_status": record["http_status"],
        "total_ms": record["timing"]["total_ms"],
        "cluster": record.get("cluster"),
    }
