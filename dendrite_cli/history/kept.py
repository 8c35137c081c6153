"""What is kept of a run beside its records, as values; and how a record becomes one that may be kept."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dendrite_cli import encoding, records
from dendrite_cli.model import Axon, Chunk, Ending, Outcome, Run
from dendrite_cli.summary import Summary

MOST_BODY = 262_144
"""Bytes of an answer's body beyond which it is not kept."""
REDACTED = "[redacted]"
_ENVELOPE = 8_192
"""Bytes of a record beside its body, roughly."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a run is made of, and what it takes to ask again."""

    run: Run
    axons: Sequence[Axon]
    arguments: Sequence[str] = ()
    """The command line without its program and without secrets."""
    options: Mapping[str, object] = field(default_factory=dict)
    """As far as they say how is asked."""
    request: Mapping[str, object] | None = None
    """What is asked: the synapse as it was named, its fields as they were given."""
    tag: str | None = None
    origin: str | None = None
    """Id of the run that this one asks again."""
    versions: Mapping[str, str] = field(default_factory=dict)
    redact: Collection[str] = ()
    """Keys, at any depth of a body, whose values are not kept."""


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended."""

    ending: Ending
    elapsed: float
    """Seconds."""
    exit_code: int
    summary: Summary | None = None
    """None where it ended by an error."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How much is kept: the rest goes, the oldest first."""

    seconds: float | None = 90 * 86_400.0
    size: int | None = 500_000_000
    """Bytes of the file."""


def result(outcome: Outcome, asking: Asking) -> tuple[str, int]:
    """Return an outcome's record, and how many bytes of its body were too many to be kept; 0 if all of it is."""
    if outcome.received <= MOST_BODY:
        line = _line(outcome, asking)
        if len(line) <= MOST_BODY + _ENVELOPE:
            return line.decode(), 0
    return _line(replace(outcome, body=None, truncated=True), asking).decode(), max(outcome.received, 1)


def chunk(chunk: Chunk, asking: Asking) -> str:
    """Return a chunk's record."""
    if asking.redact:
        chunk = replace(chunk, data=redacted(chunk.data, asking.redact))
    return encoding.dumps(records.chunk(chunk, asking.run.id))


def redacted(value: object, names: Collection[str]) -> object:
    """Return JSON without the values of the keys of those names."""
    if isinstance(value, dict):
        return {key: REDACTED if key in names else redacted(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [redacted(item, names) for item in value]
    return value


def target(axon: Axon) -> list[object]:
    """Return of an axon what it takes to ask it again."""
    of_all = [axon.host, axon.port, axon.hotkey, axon.netuid, axon.uid, axon.coldkey, axon.block, axon.source]
    return of_all if axon.scheme is None and axon.path is None else [*of_all, axon.protocol, axon.tls, axon.path]


def axon_of(kept: Sequence[object]) -> Axon:
    """Return the axon that `target` kept."""
    names = ("host", "port", "hotkey", "netuid", "uid", "coldkey", "block", "source", "protocol", "tls", "path")
    return Axon(**dict(zip(names, kept, strict=False)))  # type: ignore[arg-type]  # as target wrote it


def exact(value: object) -> str:
    """Return JSON that reads back as it was: no integer becomes a string, as it does in records."""
    return json.dumps(value, separators=(",", ":"))


def _line(outcome: Outcome, asking: Asking) -> bytes:
    if asking.redact:
        outcome = replace(outcome, body=redacted(outcome.body, asking.redact))
    return records.encode(records.result(outcome, asking.run.id))
