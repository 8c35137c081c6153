"""From a class and its fields to a Request: validated, encoded and ready to be hashed, once for the whole run.

The rules are those by which a v10 axon will judge it: it builds its class from the headers, then from the body, and
hashes `str()` of what its own `model_dump()` holds. Source: bittensor 10.5.0, `core/synapse.py` and `core/axon.py`.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

import pydantic_core
from pydantic import BaseModel, ValidationError

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE, Request
from dendrite_cli.synapse.body import Fields, JsonText, place_in
from dendrite_cli.synapse.load import Loaded, is_synapse
from dendrite_cli.synapse.model import hash_fields

_SMALL, _SMALL_IN_ALL = 256, 4096
"""Bytes of JSON that may travel twice, in a header too: HTTP servers take 64 KiB of headers, some 8 KiB."""
_MOST_PROBLEMS = 10


def prepare(loaded: Loaded, fields: Fields, timeout: float, *, source: JsonText | None = None) -> Request:
    """Return the request for `fields`; raise UsageError that names every field that does not fit, and where it is."""
    _check_envelope(fields)
    if loaded.cls is None:
        return _bare(loaded.name, fields, timeout)
    instance = _validated(loaded.cls, fields, timeout, source)
    values = instance.model_dump(warnings=False)
    body = _encoded(instance)
    return Request(
        synapse=loaded.name,
        read=_reader(loaded.cls),
        body=body,
        hashed=_hashed(loaded.cls, values),
        stand_ins=_stand_ins(loaded.cls, values, body, timeout),
        timeout=timeout,
    )


def own_fields(cls: type[BaseModel]) -> list[str]:
    """Return the names of a class's fields without the envelope's."""
    return [name for name in cls.model_fields if name not in ENVELOPE or not is_synapse(cls)]


def _check_envelope(fields: Fields) -> None:
    reserved = [name for name in ENVELOPE if name in fields]
    if reserved:
        raise UsageError(
            f"{', '.join(map(repr, reserved))} belongs to the envelope, which dendrite writes itself",
            help="leave it out of the body; -t sets the time-out",
        )


def _bare(name: str, fields: Fields, timeout: float) -> Request:
    """Send what was given: without the class, any key may be a required field of the axon's."""
    stand_ins, room = [], _SMALL_IN_ALL
    for key, value in fields.items():
        text = _dumps(value)
        if len(text) > min(_SMALL, room):
            text = _dumps(type(value)())
        room -= len(text)
        stand_ins.append((key, text))
    return Request(name, _reader(None), body=_dumps(fields), stand_ins=tuple(stand_ins), timeout=timeout)


def _validated(cls: type[BaseModel], fields: Fields, timeout: float, source: JsonText | None) -> BaseModel:
    problems = _unknown(cls, fields, source)
    envelope = {"timeout": timeout} if is_synapse(cls) else {}
    try:
        instance = cls.model_validate({**deepcopy(fields), **envelope})
    except ValidationError as invalid:
        problems += [_problem(error, fields, source) for error in invalid.errors()]
    except Exception as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise UsageError(f"{cls.__name__} does not take these fields: {type(problem).__name__}: {problem}") from None
    if problems:
        more = len(problems) - 1
        raise UsageError(
            problems[0] + (f" (and {more} more)" if more else ""),
            details=tuple(problems[1:_MOST_PROBLEMS]),
            help=f"see 'dendrite synapse describe' or 'dendrite synapse template' of {cls.__name__}",
        )
    return instance


def _unknown(cls: type[BaseModel], fields: Fields, source: JsonText | None) -> list[str]:
    """Return a complaint for every key that the class does not have: axons ignore them, so nobody else would."""
    if cls.model_config.get("extra") == "allow":
        return []
    names = own_fields(cls)
    aliases = [field.alias for name in names if (field := cls.model_fields[name]).alias]
    complaints = []
    for key in fields:
        if key not in names and key not in aliases:
            near = get_close_matches(key, names, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'no fields'}"
            complaints.append(f"{cls.__name__} has no field {key!r}{_at(source, (key,))}; {known}")
    return complaints


def _problem(error: Mapping[str, Any], fields: Fields, source: JsonText | None) -> str:
    place = tuple(part for part in error["loc"] if isinstance(part, (str, int)))
    path = _dotted(place)
    if error["type"] == "missing":
        return f"the field {path!r} is required and missing{_at(source, place[:-1]) if len(place) > 1 else ''}"
    message = str(error["msg"])
    given = "" if place and place[0] not in fields else f", not {_short(error['input'])}"
    return f"{path or 'the body'}{_at(source, place)}: {message[:1].lower()}{message[1:]}{given}"


def _dotted(place: tuple[str | int, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")


def _at(source: JsonText | None, place: tuple[str | int, ...]) -> str:
    found = place_in(source, place) if source else None
    return f" ({source.name}, {found})" if source and found else ""


def _short(value: object) -> str:
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - as much as a line has room for


def _encoded(instance: BaseModel) -> bytes:
    own = set(own_fields(type(instance)))
    envelope = {name for name in ENVELOPE if name not in own}
    try:
        return instance.model_dump_json(exclude=envelope, warnings=False).encode()
    except ValueError as problem:
        raise UsageError(f"{type(instance).__name__} cannot be written as JSON: {problem}") from None


def _hashed(cls: type[BaseModel], values: Mapping[str, Any]) -> tuple[str, ...]:
    missing = [name for name in hash_fields(cls) if name not in values]
    if missing:
        raise UsageError(
            f"{cls.__name__} lists {missing[0]!r} in required_hash_fields and has no such field",
            help="an axon with this class fails on every request; mend the class",
        )
    return tuple(str(values[name]) for name in hash_fields(cls))


def _stand_ins(
    cls: type[BaseModel], values: Mapping[str, Any], body: bytes, timeout: float
) -> tuple[tuple[str, bytes], ...]:
    """Return v10's empty value for every required field, or the real one where the class refuses the empty."""
    required = [name for name, field in cls.model_fields.items() if field.is_required()]
    if not required:
        return ()
    real = json.loads(body)
    chosen = {name: _empty(values[name], real[name]) for name in required}
    for name in _refused(cls, chosen, timeout):
        chosen[name] = _dumps(real[name])
    return tuple(chosen.items())


def _empty(value: object, real: object) -> bytes:
    try:
        return _dumps(type(value)())
    except (TypeError, ValueError):
        return _dumps(real)


def _refused(cls: type[BaseModel], chosen: Mapping[str, bytes], timeout: float) -> set[str]:
    """Return the fields whose stand-ins the class refuses, when it is built as an axon builds it from headers."""
    envelope: Fields = {"axon": {}, "dendrite": {}, "timeout": str(timeout)} if is_synapse(cls) else {}
    try:
        cls.model_validate({name: json.loads(text) for name, text in chosen.items()} | envelope)
    except ValidationError as invalid:
        places = {str(error["loc"][0]) for error in invalid.errors() if error["loc"]}
        return places & set(chosen) or set(chosen)
    except Exception:  # noqa: BLE001 - a validator of the user's own: the real values did pass it
        return set(chosen)
    return set()


def _reader(cls: type[BaseModel] | None) -> Callable[[bytes], object]:
    """Return what turns an answer's bytes into its own fields, and refuses what is not the synapse."""

    def read(content: bytes) -> object:
        value = pydantic_core.from_json(content)
        if not isinstance(value, dict):
            raise ValueError(f"a JSON {type(value).__name__} is no synapse")  # noqa: TRY004 - callers know ValueError
        if cls is not None:
            _check_answer(cls, content)
        return {key: item for key, item in value.items() if key not in ENVELOPE}

    return read


def _check_answer(cls: type[BaseModel], content: bytes) -> None:
    try:
        cls.__pydantic_validator__.validate_json(content)
    except ValidationError as invalid:
        errors = invalid.errors()
        first = _dotted(tuple(part for part in errors[0]["loc"] if isinstance(part, (str, int))))
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ValueError(f"{cls.__name__}.{first}: {errors[0]['msg']}{more}") from None
    except Exception as problem:  # noqa: BLE001 - a validator of the user's own may raise anything
        raise ValueError(f"{cls.__name__} does not take it: {type(problem).__name__}: {problem}") from None


def _dumps(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
