"""What a class asks for: its fields in words, and a body to start from."""

import json
from dataclasses import dataclass
from typing import Any

import pydantic_core
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.body import Fields
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import hash_fields
from dendrite_cli.synapse.request import own_fields

_EMPTY: dict[str, Any] = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "array": [], "null": None}
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a synapse."""

    name: str
    type: str
    required: bool
    default: Any
    """As JSON; None where there is none, and where it is made anew for every synapse."""
    description: str | None


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


def describe(loaded: Loaded) -> Description:
    """Return what is known of a class."""
    cls = _class(loaded)
    doc = cls.__dict__.get("__doc__")
    return Description(
        name=cls.__name__,
        module=cls.__module__.removeprefix("dendrite_file_"),
        doc=" ".join(doc.split()) if doc else None,
        streaming=hasattr(cls, "process_streaming_response"),
        hash_fields=hash_fields(cls),
        fields=tuple(_field(name, cls.model_fields[name]) for name in own_fields(cls)),
    )


def template(loaded: Loaded) -> Fields:
    """Return an example body: a plausible value for every required field, the default of every other."""
    cls = _class(loaded)
    schema = cls.model_json_schema(mode="validation")
    example = _example(schema, schema.get("$defs", {}), 0)
    return {name: example[name] for name in own_fields(cls) if name in example}


def _class(loaded: Loaded) -> type[BaseModel]:
    if loaded.cls is None:
        raise UsageError(f"{loaded.name} is a bare route; nothing is known of its fields", help="name its class")
    return loaded.cls


def _field(name: str, field: FieldInfo) -> Field:
    required = field.is_required()
    default = None if required or field.default_factory else _plain(field.default)
    annotation = field.annotation
    shown = (
        annotation.__name__
        if isinstance(annotation, type) and not hasattr(annotation, "__args__")
        else repr(annotation)
    )
    return Field(name, _spelled(shown), required, default, field.description)


def _spelled(annotation: str) -> str:
    """Return a type as one would write it."""
    for noise in ("typing.", "typing_extensions."):
        annotation = annotation.replace(noise, "")
    return annotation


def _plain(value: object) -> Any:
    try:
        return json.loads(pydantic_core.to_json(value))
    except ValueError:
        return repr(value)


def _example(schema: Fields, definitions: Fields, depth: int) -> Any:  # noqa: PLR0911 - one kind of schema each
    if depth > _DEEPEST:
        return None
    if "default" in schema:
        return schema["default"]
    if "$ref" in schema:
        return _example(definitions[schema["$ref"].rpartition("/")[2]], definitions, depth + 1)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _example(schema[choice][0], definitions, depth + 1)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object" and "properties" in schema:
        properties = schema["properties"].items()
        return {name: _example(inner, definitions, depth + 1) for name, inner in properties}
    return _simple(schema, definitions, depth)


def _simple(schema: Fields, definitions: Fields, depth: int) -> Any:
    """Return a value of a plain type that its bounds allow."""
    match schema.get("type"):
        case "integer" | "number":
            return _bounded(schema)
        case "string":
            return "".ljust(schema.get("minLength", 0), "x")
        case "array" if schema.get("minItems") and "items" in schema:
            return [_example(schema["items"], definitions, depth + 1)] * min(schema["minItems"], 10)
        case kind:
            return _EMPTY.get(str(kind), {})


def _bounded(schema: Fields) -> Any:
    step = 1 if schema["type"] == "integer" else 0.5
    if "minimum" in schema or "exclusiveMinimum" in schema:
        return max(schema.get("minimum", float("-inf")), schema.get("exclusiveMinimum", float("-inf")) + step)
    if "maximum" in schema or "exclusiveMaximum" in schema:
        highest = min(schema.get("maximum", float("inf")), schema.get("exclusiveMaximum", float("inf")) - step)
        return min(highest, 0)
    return step * 0
