"""From the synapse, the body and the items of a command line to what is asked, checked before anything is sent."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dendrite_cli import files
from dendrite_cli.cli import stdin
from dendrite_cli.cli.speaking import Said
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Request
from dendrite_cli.synapse import body, items
from dendrite_cli.synapse.answer import read_any
from dendrite_cli.synapse.fields import validated
from dendrite_cli.synapse.load import load
from dendrite_cli.synapse.request import prepare

_JSON, _BYTES = "application/json", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, as given."""

    synapse: str | None = None
    json: str | body.JsonText | None = None
    """A file, `-` or the JSON itself; text where it is known already."""
    items: tuple[str, ...] = ()
    pythonpath: tuple[Path, ...] = ()
    data: str | bytes | None = None
    """`@FILE`, `-` or text; bytes where they are known already."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What is asked, made ready."""

    said: Said
    fields: Any = None
    """JSON as it was given; None without any."""
    data: bytes | None = None
    """A body that is no JSON, or not to be read as such."""
    synapse: BaseModel | None = None
    """The class made of the fields; None without one."""

    @property
    def request(self) -> Request | None:
        """Return the synapse that is asked; None where it is none."""
        return self.said.request


def understood(asked: Asked, timeout: float) -> Understood:
    """Return what the synapse, the body and the items make; raise UsageError that points."""
    if asked.data is not None:
        return _raw(asked, asked.data)
    given = asked.json
    source = body.read_json(given, stdin.read) if isinstance(given, str) else given
    if asked.synapse is None:
        return _plain(asked, source)
    loaded = load(asked.synapse, asked.pythonpath)
    fields = items.merge(body.parse(source) if source else {}, asked.items)
    synapse = None if loaded.cls is None else validated(loaded.cls, fields, timeout, source, loaded.spec)
    request = prepare(loaded, fields, timeout, source=source)
    read = read_any if synapse is None else request.read
    return Understood(Said(request, request.body, _JSON, request.synapse, read), fields, synapse=synapse)


def _plain(asked: Asked, source: body.JsonText | None) -> Understood:
    """Return a body of which no class is known: any JSON, or none."""
    value = body.parse_value(source) if source else None
    if asked.items:
        if source and not isinstance(value, dict):
            raise UsageError("items are fields of an object, and the body is none", help="leave the items out")
        value = items.merge(value or {}, asked.items)
    elif source is None:
        return Understood(Said())
    return Understood(Said(body=json.dumps(value, separators=(",", ":")).encode(), kind=_JSON), value)


def _raw(asked: Asked, data: str | bytes) -> Understood:
    for name, given in (("--json", asked.json), ("--synapse", asked.synapse), ("an item", asked.items)):
        if given:
            raise UsageError(f"--data is the whole body, and {name} is given beside it", help="leave one of them out")
    content = data if isinstance(data, bytes) else _content(data)
    return Understood(Said(body=content, kind=_BYTES), data=content)


def _content(data: str) -> bytes:
    if data == "-":
        return stdin.read()
    if not data.startswith("@"):
        return data.encode("utf-8", "surrogateescape")
    try:
        return files.read(Path(data[1:]))
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "not a file name").lower()
        raise UsageError(f"cannot read the body {data[1:]!r}: {reason}") from None
