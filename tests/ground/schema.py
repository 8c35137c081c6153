"""JSON Schema, as much of it as our schemas use: a word that is not known here is a failure, not a pass."""

import json
import re
from functools import cache

from dendrite_cli.schemas import Kind, schema_of

_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)} | {
    "object": dict,
    "array": list,
}
_KNOWN = {
    "$schema", "title", "description", "type", "properties", "required", "additionalProperties", "propertyNames",
    "items", "prefixItems", "anyOf", "enum", "const", "minimum", "maximum", "pattern", "format",
}  # fmt: skip


def check_lines(text: str) -> int:
    """Check every record among the lines of a text; return how many there are."""
    records = [
        json.loads(line) for line in text.splitlines() if line.startswith('{"schema":"dendrite.') and whole(line)
    ]
    for record in records:
        check(record)
    return len(records)


def check(record) -> None:
    """Raise AssertionError for a record that its schema does not describe, or not completely."""
    kind = Kind(record["schema"].removeprefix("dendrite.").removesuffix("/1"))
    wrong = list(problems(record, _schema(kind), kind.value))
    assert not wrong, wrong


def whole(line: str) -> bool:
    """Say whether a line is all that was written: a reader that goes cuts the last one off."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@cache
def _schema(kind: Kind):
    return schema_of(kind)


def problems(value, schema, place):
    """Yield what is wrong with a value; a key that the schema does not name is wrong, too."""
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    types = schema.get("type", [])
    if types and not any(_is(value, name) for name in ([types] if isinstance(types, str) else types)):
        yield f"{place} is no {types}: {value!r}"
    if "const" in schema and value != schema["const"]:
        yield f"{place} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} is none of {schema['enum']}: {value!r}"
    if "anyOf" in schema and all(list(problems(value, part, place)) for part in schema["anyOf"]):
        yield f"{place} is none of what it can be: {value!r}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{place} does not match {schema['pattern']}: {value!r}"
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{place} is out of its range: {value!r}"
    yield from _in_object(value, schema, place) if isinstance(value, dict) else ()
    yield from _in_list(value, schema, place) if isinstance(value, list) else ()


def _in_object(value, schema, place):
    properties = schema.get("properties")
    if properties is not None:
        yield from (f"{place}.{key} is missing" for key in schema["required"] if key not in value)
        yield from (f"{place}.{key} is in no schema" for key in value if key not in properties)
    for key, item in value.items():
        yield from problems(key, schema.get("propertyNames", {}), f"{place}'s {key}")
        known = (properties or {}).get(key, schema.get("additionalProperties", {}))
        yield from problems(item, known, f"{place}.{key}")


def _in_list(value, schema, place):
    for number, item in enumerate(value):
        before = schema.get("prefixItems", [])
        known = before[number] if number < len(before) else schema.get("items", {})
        yield from problems(item, known, f"{place}[{number}]")


def _is(value, name):
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
