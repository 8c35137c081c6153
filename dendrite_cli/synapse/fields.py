"""The fields of a body against their class: each one that does not fit is named, with its place and what was expected.

Axons ignore what their class does not know, so nobody but us would tell a user of a misspelt field.
"""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import AliasChoices, BaseModel, RootModel, ValidationError

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse.body import Fields, JsonText, Place, place_in
from dendrite_cli.synapse.broken import said
from dendrite_cli.synapse.load import is_synapse

_MOST = 10
_WIDEST = 60
"""Characters of a value that a line has room for."""


@lru_cache
def own_fields(cls: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of a class's fields without the envelope's; a class without an envelope may use its names."""
    fields = tuple(cls.model_fields)
    return tuple(name for name in fields if name not in ENVELOPE) if is_synapse(cls) else fields


def build(cls: type[BaseModel], fields: Fields, timeout: float) -> BaseModel:
    """Return the class made of `fields` as an axon makes it; raises whatever its validators do."""
    return cls.model_validate(inputs(cls, fields, {"timeout": timeout} if is_synapse(cls) else {}))


def inputs(cls: type[BaseModel], fields: Fields, envelope: Fields) -> Fields:
    """Return `fields` under the names by which the class takes them, with what else it is given."""
    if spoken := _spoken(cls):
        fields = {spoken.get(name, name): value for name, value in fields.items()}
    return fields | envelope


def validated(
    cls: type[BaseModel], fields: Fields, timeout: float, source: JsonText | None = None, spec: str | None = None
) -> BaseModel:
    """Return the class made of `fields`; raise UsageError that names all that does not fit."""
    strange = [name for name in fields if not _takes(cls, name)]
    problems = [_strange(cls, (name,), fields, source) for name in strange]
    known = {name: deepcopy(value) for name, value in fields.items() if name not in strange}
    try:
        instance = build(cls, known, timeout)
    except ValidationError as invalid:
        problems += complaints(invalid, known, source)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        problems.append(f"{cls.__name__} does not take these fields: {said(problem)}")
    else:
        problems += [
            _strange(inner, place, fields, source)
            for name, value in known.items()
            for inner, place in _ignored(getattr(instance, _aliases(cls).get(name, name), None), value, (name,))
        ]
    if not problems:
        return instance
    more = len(problems) - 1
    raise UsageError(
        problems[0] + (f" (and {more} more)" if more else ""),
        details=tuple(problems[1:_MOST]),
        help=f"'dendrite synapse template {spec or cls.__name__}' prints a body that fits",
    )


def check_envelope(fields: Fields) -> None:
    """Raise UsageError for what dendrite writes into every body itself."""
    for name in ENVELOPE:
        if name in fields:
            raise UsageError(_reserved(name), help="leave it out of the body; -t sets the time-out")


def complaints(invalid: ValidationError, fields: Fields, source: JsonText | None = None) -> list[str]:
    """Return one line for each place that a class refused; the members of a union share theirs."""
    grouped: dict[tuple[str | int, ...], list[Any]] = {}
    for error in invalid.errors(include_url=False, include_context=False):
        grouped.setdefault(_place(error["loc"], fields, missing=error["type"] == "missing"), []).append(error)
    return [_complaint(place, errors, fields, source) for place, errors in grouped.items()]


def _complaint(place: tuple[str | int, ...], errors: Sequence[Any], fields: Fields, source: JsonText | None) -> str:
    if any(error["type"] == "missing" for error in errors):
        above = _at(source, place[:-1], fields) if place[:-1] else ""
        return f"the field {dotted(place)!r} is required and missing{above}"
    wanted = " or ".join(dict.fromkeys(_wanted(str(error["msg"])) for error in errors))
    value = _value(fields, place) if place else errors[0]["input"]
    where = f"{dotted(place)}{_at(source, place, fields)}" if place else "the body"
    return f"{where}: {wanted}; it is {_short(value)}" if place else f"{where}: {wanted}"


def _wanted(message: str) -> str:
    for noise in ("Input ", "Value error, ", "Assertion failed, "):
        message = message.removeprefix(noise)
    return message[:1].lower() + message[1:].partition("\n")[0]


def _strange(cls: type[BaseModel], place: Place, fields: Fields, source: JsonText | None) -> str:
    *outer, name = place
    if not outer and name in ENVELOPE:
        return _reserved(str(name))
    names = own_fields(cls)
    near = get_close_matches(str(name), names, n=1)
    known = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'no fields'}"
    return f"{cls.__name__} has no field {dotted(place)!r}{_at(source, place, fields, key=True)}; {known}"


def _reserved(name: str) -> str:
    return f"{name!r} belongs to the envelope, which dendrite writes itself" + ("; see -t" if name == "timeout" else "")


def _takes(cls: type[BaseModel], name: str) -> bool:
    """Say whether a key of a body has a place in its class."""
    if name in own_fields(cls) or name in _aliases(cls):
        return True
    return cls.model_config.get("extra") == "allow" and name not in ENVELOPE


@lru_cache
def _spoken(cls: type[BaseModel]) -> dict[str, str]:
    """Return, for each field that a class does not take by its own name, the first name that it does."""
    if cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name"):
        return {}
    return {name: alias for alias, name in reversed(_aliases(cls).items())}


@lru_cache
def _aliases(cls: type[BaseModel]) -> dict[str, str]:
    """Return the other names under which a class takes its fields."""
    found = {}
    for name, field in cls.model_fields.items():
        alias = field.validation_alias
        for choice in alias.choices if isinstance(alias, AliasChoices) else [alias]:
            if isinstance(choice, str):
                found[choice] = name
    return found


def _ignored(value: object, given: object, place: Place) -> Iterator[tuple[type[BaseModel], Place]]:
    """Yield what a nested model was given and drops without a word."""
    if isinstance(value, RootModel):
        yield from _ignored(value.root, given, place)
    elif isinstance(given, dict) and isinstance(value, (BaseModel, dict)):
        for key, inner in given.items():
            if isinstance(value, dict):
                yield from _ignored(value.get(key), inner, (*place, key))
            elif _takes(type(value), key):
                name = _aliases(type(value)).get(key, str(key))
                yield from _ignored(getattr(value, name, None), inner, (*place, key))
            else:
                yield type(value), (*place, key)
    elif isinstance(given, list) and isinstance(value, (list, tuple)):
        for index, (made, inner) in enumerate(zip(value, given, strict=False)):
            yield from _ignored(made, inner, (*place, index))


def _place(loc: Sequence[str | int], fields: Fields, *, missing: bool) -> tuple[str | int, ...]:
    """Return where in the fields an error is: pydantic also names the members of unions on its way."""
    place: list[str | int] = []
    value: Any = fields
    for part in loc[:-1] if missing else loc:
        if part in (value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()):
            value = value[part]
            place.append(part)
    return (*place, loc[-1]) if missing else tuple(place)


def _value(fields: Fields, place: Place) -> Any:
    value: Any = fields
    for part in place:
        value = value[part]
    return value


def dotted(place: Place) -> str:
    """Return a place as one would write it: `nested.tags[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _at(source: JsonText | None, place: Place, fields: Fields, *, key: bool = False) -> str:
    found = place_in(source, place, _value(fields, place), key=key) if source else None
    return f" ({source.name}, {found})" if source and found else ""


def _short(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
