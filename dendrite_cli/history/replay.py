"""What it takes to ask again what a run has asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dendrite_cli.history import kept, reader
from dendrite_cli.history.trouble import HistoryError, decoding
from dendrite_cli.model import Axon

if TYPE_CHECKING:
    from sqlite3 import Connection


@dataclass(frozen=True, slots=True)
class Again:
    """A run that can be asked again."""

    id: str
    command: str
    options: Mapping[str, Any]
    """How it asked: groups of options, without those that were their defaults."""
    request: Mapping[str, Any] | None
    """The synapse as it was named, its fields, `pythonpath` and `folder`; None of a ping."""
    redacted: tuple[str, ...]
    """Names of fields that were not kept."""
    axons: tuple[Axon, ...]
    """Whom it asked, in the order of its selection."""
    ok: Mapping[int, bool]
    """Of those whose outcome is known, by index, whether the last round was ok."""

    def only(self, which: str | None) -> tuple[Axon, ...]:
        """Return the axons that were `ok`, that `failed`, or all; one without an outcome has failed."""
        if which is None:
            return self.axons
        return tuple(axon for index, axon in enumerate(self.axons) if self.ok.get(index, False) == (which == "ok"))


@decoding()
def again(db: "Connection", number: int) -> Again:
    """Return what it takes; raise HistoryError where something of it was not kept."""
    row = db.execute("SELECT id, command, asked, targets, facts FROM run WHERE number = ?", (number,)).fetchone()
    id_, command, asked, targets, facts = row
    told = json.loads(asked)
    request = told["request"]
    # a synapse always has fields, which is how earlier versions told
    if request is not None and (request.get("too_large") or (request["fields"] is None and request["synapse"])):
        raise HistoryError(f"the request of run {id_} was too large to keep", help="ask it again by its own command")
    ok: dict[int, tuple[int, bool]] = {}
    for line in reader.results(db, number):
        record = json.loads(line)
        ok[record["index"]] = max(ok.get(record["index"], (0, False)), (record["round"], record["ok"]))
    axons = tuple(kept.axon_of(target) for target in json.loads(targets))
    if not isinstance(told["options"], dict) or any(not isinstance(axon.host, str) for axon in axons):
        raise TypeError("neither options nor axons")
    return Again(
        id_,
        command,
        told["options"],
        request,
        tuple(json.loads(facts)["redacted"]),
        axons,
        {index: latest[1] for index, latest in ok.items()},
    )
