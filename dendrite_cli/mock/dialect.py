"""A v10 synapse from headers and headers from a synapse, as the SDK's axon turns them.

The axon builds its class twice: from the headers, before it verifies, and from the JSON body. Its answer repeats
the envelope of the one or the other. Source: bittensor 10.5.0, `core/synapse.py`.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, create_model

from dendrite_cli.model import ENVELOPE
from dendrite_cli.protocol.signing import body_hash
from dendrite_cli.synapse.model import Synapse, hash_fields

_PLAIN = ("name", "timeout", "header_size", "total_size", "computed_body_hash")


class Anything(Synapse):
    """What a route without a class takes and gives back: any JSON object."""

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True, slots=True)
class Echo:
    """A synapse, and both ends of the envelope as an answer names them."""

    synapse: BaseModel
    axon: Mapping[str, Any]
    dendrite: Mapping[str, Any]

    def headers(self, **axon: object) -> dict[str, str]:
        """Return the headers of an answer; `axon` is what the answering end adds about itself.

        Raises TypeError where v10 does: a required field whose type cannot be called without a value, such as an enum.
        """
        fields = self.synapse.model_dump(warnings=False)
        headers = {"name": str(fields["name"]), "timeout": str(fields["timeout"])}
        headers |= _terminal("axon", {**self.axon, **axon}) | _terminal("dendrite", self.dendrite)
        headers |= _stand_ins(type(self.synapse), fields)
        size = sum(len(name) + len(value) for name, value in headers.items())
        return headers | {
            "header_size": str(size),
            "total_size": str(fields["total_size"]),
            "computed_body_hash": hash_of(self.synapse),
        }


def served(route: str, cls: type[BaseModel] | None) -> type[BaseModel]:
    """Return `cls` with an envelope, so that every route's class is built, hashed and dumped alike."""
    if cls is None:
        return create_model(route, __base__=Anything)
    if set(ENVELOPE) <= set(cls.model_fields):
        return cls
    # said again, because where the list is a field of `cls`, the envelope's class variable would empty it
    listed: Any = (ClassVar[tuple[str, ...]], hash_fields(cls))
    return create_model(route, __base__=(cls, Synapse), required_hash_fields=listed)


def inputs(headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return what a class is built from before its body is read; names of fields arrive in lower case."""
    terminals: dict[str, dict[str, str]] = {"axon": {}, "dendrite": {}}
    fields: dict[str, Any] = {}
    plain: dict[str, str | None] = dict.fromkeys(_PLAIN)
    for name, value in headers:
        side, _, key = name.lower().removeprefix("bt_header_").partition("_")
        if name.lower() in plain:
            plain[name.lower()] = plain[name.lower()] or value
        elif side in terminals:
            terminals[side][key] = value
        elif side == "input" and key.startswith("obj_"):
            # what does not decode is missing, and a missing required field is an error where the class is built
            with suppress(ValueError, RecursionError):
                fields.setdefault(key.removeprefix("obj_"), json.loads(b64decode(value)))
    return {**fields, **terminals, **plain}


def hash_of(synapse: BaseModel) -> str:
    """Return the body hash an axon computes for `synapse`."""
    fields = synapse.model_dump(warnings=False)
    return body_hash(str(fields[name]) for name in hash_fields(type(synapse)))


def _terminal(side: str, terminal: Mapping[str, Any]) -> dict[str, str]:
    return {f"bt_header_{side}_{key}": str(value) for key, value in terminal.items() if value is not None}


def _stand_ins(cls: type[BaseModel], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return an empty value of its type for every required field, as bittensor sends them in both directions."""
    required = [name for name, field in cls.model_fields.items() if field.is_required() and name not in ENVELOPE]
    empty = {name: json.dumps(type(fields[name])()) for name in required if fields[name] is not None}
    return {f"bt_header_input_obj_{name}": b64encode(text.encode()).decode() for name, text in empty.items()}
