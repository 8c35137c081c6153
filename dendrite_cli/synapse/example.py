"""A plausible value for a JSON Schema: what a person would put there first, within its bounds."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_DEEPEST = 8
_LONGEST = 1000
_FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "email": "name@example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}


def example_of(schema: Schema, definitions: Schema, depth: int = 0) -> Any:
    """Return a value that fits, as far as a schema tells; None beyond a depth, for some types hold themselves."""
    if depth > _DEEPEST:
        return None
    for known in ("default", "const"):
        if known in schema:
            return schema[known]
    for listed in ("examples", "enum"):
        if schema.get(listed):
            return schema[listed][0]
    inner = _inner(schema, definitions)
    return _plain(schema, definitions, depth) if inner is None else example_of(inner, definitions, depth + 1)


def _inner(schema: Schema, definitions: Schema) -> Schema | None:
    """Return the schema that this one only points at."""
    if "$ref" in schema:
        found: Schema = definitions[schema["$ref"].rpartition("/")[2]]
        return found
    for choices in ("anyOf", "oneOf", "allOf"):
        if schema.get(choices):
            first: Schema = schema[choices][0]
            return first
    return None


def _plain(schema: Schema, definitions: Schema, depth: int) -> Any:
    match schema.get("type"):
        case "string":
            return _FORMATS.get(schema.get("format", ""), "x" * min(schema.get("minLength", 0), _LONGEST))
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case "array":
            return _list(schema, definitions, depth)
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", ())
            return {
                name: example_of(inner, definitions, depth + 1)
                for name, inner in properties.items()
                if name in required or "default" in inner
            }
    return None


def _list(schema: Schema, definitions: Schema, depth: int) -> list[Any]:
    fixed = [example_of(inner, definitions, depth + 1) for inner in schema.get("prefixItems", ())]
    more = min(schema.get("minItems", 0), _LONGEST) - len(fixed)
    return fixed + [example_of(schema.get("items", {}), definitions, depth + 1) for _ in range(more)]


def _number(schema: Schema) -> Any:
    """Return 0 where it is allowed, else what is nearest to it."""
    whole = schema["type"] == "integer"
    lowest, highest = _bounds(schema, 1 if whole else 0)
    step = schema.get("multipleOf", 1)
    if "exclusiveMinimum" in schema and not whole:
        above = schema["exclusiveMinimum"]
        lowest = (above + min(highest, above + 2)) / 2
    if "exclusiveMaximum" in schema and not whole:
        below = schema["exclusiveMaximum"]
        highest = (below + max(lowest, below - 2)) / 2
    value = min(max(0, lowest), highest)
    if step != 1 and value % step:
        value += step - value % step
    return int(value) if whole else float(value)


def _bounds(schema: Schema, gap: int) -> tuple[float, float]:
    lowest = max(schema.get("minimum", float("-inf")), schema.get("exclusiveMinimum", float("-inf")) + gap)
    highest = min(schema.get("maximum", float("inf")), schema.get("exclusiveMaximum", float("inf")) - gap)
    return lowest, highest
