"""What a class asks for: its fields in words, and a body to start from. Values only; showing them is done elsewhere."""

import json
import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import pydantic_core
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.body import Fields
from dendrite_cli.synapse.broken import said
from dendrite_cli.synapse.example import example_of
from dendrite_cli.synapse.fields import own_fields
from dendrite_cli.synapse.load import PRIVATE, Loaded
from dendrite_cli.synapse.model import hash_fields

_MODULES = re.compile(r"(?<![\w.'\"])(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])")
"""What stands before a type's name in its `repr`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a synapse."""

    name: str
    type: str
    required: bool
    default: Any
    """As JSON; None where there is none."""
    description: str | None
    constraints: tuple[str, ...] = ()
    """What else a value has to be, such as `ge=1`."""


@dataclass(frozen=True, slots=True)
class Description:
    """A synapse's class."""

    name: str
    module: str
    doc: str | None
    streaming: bool
    hash_fields: tuple[str, ...]
    """What the signature covers; empty: not the body."""
    fields: tuple[Field, ...]

    @property
    def covered(self) -> bool:
        """Whether the signature covers anything of the body."""
        return bool(self.hash_fields)


def describe(loaded: Loaded) -> Description:
    """Return what is known of a class."""
    cls = _class(loaded)
    doc = cls.__dict__.get("__doc__")
    from_file = cls.__module__.startswith(PRIVATE) and loaded.spec
    return Description(
        name=cls.__name__,
        module=loaded.spec.rpartition(":")[0] if from_file and loaded.spec else cls.__module__,
        doc=" ".join(doc.split()) if doc else None,
        streaming=hasattr(cls, "process_streaming_response"),
        hash_fields=hash_fields(cls),
        fields=tuple(_field(name, cls.model_fields[name]) for name in own_fields(cls)),
    )


def template(loaded: Loaded) -> Fields:
    """Return an example body: a plausible value for every required field, the default of every other."""
    whole = schema(loaded)
    return {
        name: example_of(whole["properties"].get(name, {}), whole.get("$defs", {}))
        if field.is_required()
        else _default(field)
        for name, field in _own(_class(loaded)).items()
    }


def schema(loaded: Loaded) -> Fields:
    """Return the JSON Schema of a class's own fields; raise UsageError where JSON has no form for one of them."""
    cls = _class(loaded)
    try:
        whole = cls.model_json_schema(by_alias=False, mode="validation")
    except Exception as problem:  # noqa: BLE001 - a type of the user's own may raise anything
        raise UsageError(f"{cls.__name__} has no JSON Schema: {said(problem)}") from None
    own = own_fields(cls)
    properties = {name: inner for name, inner in whole.get("properties", {}).items() if name in own}
    required = [name for name in whole.get("required", []) if name in own]
    return whole | {"properties": properties, "required": required}


def _class(loaded: Loaded) -> type[BaseModel]:
    if loaded.cls is None:
        raise UsageError(
            f"{loaded.name!r} is a bare route; nothing is known of its fields",
            help="name its class: pkg.mod:Class or ./file.py:Class",
        )
    return loaded.cls


def _own(cls: type[BaseModel]) -> dict[str, FieldInfo]:
    return {name: cls.model_fields[name] for name in own_fields(cls)}


def _field(name: str, field: FieldInfo) -> Field:
    required = field.is_required()
    default = None if required else _default(field)
    return Field(name, _type(field.annotation), required, default, field.description, _constraints(field))


def _type(annotation: Any) -> str:
    """Return a type as one would write it."""
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return _MODULES.sub("", repr(annotation))


def _constraints(field: FieldInfo) -> tuple[str, ...]:
    """Return what pydantic keeps beside a type: `Ge(ge=1)`, or a record of its own with the rest."""
    found = [
        f"{name}={value!r}"
        for item in field.metadata
        for name, value in _parts(item).items()
        if value is not None and not callable(value)
    ]
    return tuple(found + ["frozen"] * bool(field.frozen))


def _parts(item: object) -> dict[str, Any]:
    if is_dataclass(item):
        return {part.name: getattr(item, part.name) for part in fields(item)}
    return getattr(item, "__dict__", {})


def _default(field: FieldInfo) -> Any:
    try:
        return json.loads(pydantic_core.to_json(field.get_default(call_default_factory=True)))
    except Exception:  # noqa: BLE001 - a factory that needs the other fields, or a value that is no JSON
        return None
