"""From a class and its fields to a Request: validated, encoded and ready to be hashed, once for the whole run.

The rules are those by which a v10 axon will judge it: it builds its class from the headers, then from the body, and
hashes `str()` of what its own `model_dump()` holds. Source: bittensor 10.5.0, `core/synapse.py` and `core/axon.py`.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import pydantic_core
from pydantic import BaseModel, ValidationError

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE, Answer, Content, Request
from dendrite_cli.synapse.answer import maker, reader
from dendrite_cli.synapse.body import Fields, JsonText
from dendrite_cli.synapse.broken import said
from dendrite_cli.synapse.fields import build, check_envelope, own_fields, validated
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import hash_fields

_SMALL, _SMALL_IN_ALL = 256, 4096
"""Bytes of JSON that may travel twice, in a header too: HTTP servers take 64 KiB of headers, some 8 KiB."""


def prepare(loaded: Loaded, fields: Fields, timeout: float, *, source: JsonText | None = None) -> Request:
    """Return the request for `fields`; raise UsageError that names every field that does not fit, and where it is.

    `timeout` is in seconds. `source` is the JSON that fields may stand in.
    """
    if loaded.cls is None:
        return _bare(loaded.name, fields, timeout)
    instance = validated(loaded.cls, fields, timeout, source, loaded.spec)
    return _request(instance, loaded.name, reader(loaded.cls, timeout), timeout)


def prepare_made(synapse: BaseModel, timeout: float) -> Request:
    """Return the request for a synapse that a program has made, whose answers are made into its class.

    `timeout` is in seconds, and what the axon is told. Raises UsageError for a synapse that cannot be sent.
    """
    cls = type(synapse)
    return _request(synapse, cls.__name__, maker(cls, timeout), timeout)


def _request(instance: BaseModel, name: str, read: Callable[[Content], Answer], timeout: float) -> Request:
    values = _dumped(instance)
    body = _encoded(instance, values)
    told = {"name": name, "timeout": float(timeout)}
    known = values | {key: value for key, value in told.items() if key not in own_fields(type(instance))}
    return Request(
        synapse=name,
        read=read,
        body=body,
        hashed=_hashed(type(instance), known, body),
        stand_ins=_stand_ins(instance, values, body, timeout),
        timeout=timeout,
    )


def _bare(name: str, fields: Fields, timeout: float) -> Request:
    """Send what was given: without the class, any key may be a required field of the axon's."""
    check_envelope(fields)
    stand_ins, room = [], _SMALL_IN_ALL
    for key, value in fields.items():
        if not (key.isascii() and key.isidentifier()):
            continue  # no field's name, and perhaps none that a header can have
        text = _json(value)
        if len(text) > min(_SMALL, room):
            text = _json(type(value)())
        room -= len(text)
        stand_ins.append((key, text))
    return Request(name, reader(None, timeout), body=_json(fields), stand_ins=tuple(stand_ins), timeout=timeout)


def _dumped(instance: BaseModel) -> Fields:
    """Return what bittensor hashes and sends: the class's own `model_dump()`, which it may have replaced."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return instance.model_dump()
    except Exception as problem:  # noqa: BLE001 - a serializer of the user's own may raise anything
        raise _unwritable(instance, problem) from None


def _encoded(instance: BaseModel, values: Fields) -> bytes:
    """Return the own fields as v10 would send them; where it could not, as the class itself says them in JSON."""
    envelope = set(ENVELOPE) - set(own_fields(type(instance)))
    try:
        return _json({name: value for name, value in values.items() if name not in envelope})
    except (TypeError, ValueError):
        pass
    try:
        return _json(instance.model_dump(mode="json", exclude=envelope, warnings=False))
    except Exception as problem:  # noqa: BLE001 - a serializer of the user's own may raise anything
        raise _unwritable(instance, problem) from None


def _unwritable(instance: BaseModel, problem: Exception) -> UsageError:
    return UsageError(f"{type(instance).__name__} cannot be written as JSON: {said(problem)}")


def _hashed(cls: type[BaseModel], values: Fields, body: bytes) -> tuple[str, ...]:
    """Return what the axon will hash; of the envelope, what it will find there."""
    if "total_size" not in own_fields(cls):
        values = values | {"total_size": len(body), "header_size": 0, "computed_body_hash": ""}
    for name in hash_fields(cls):
        if name not in values:
            raise UsageError(
                f"{cls.__name__} lists {name!r} in required_hash_fields and has no such field",
                help="an axon with this class fails on every request; mend the class",
            )
        if name in {"dendrite", "axon"} and name not in own_fields(cls):
            raise UsageError(
                f"{cls.__name__} lists {name!r} in required_hash_fields, and it holds the signature of the hash",
                help="an axon with this class fails on every request; mend the class",
            )
    return tuple(_hashable(cls, name, values[name]) for name in hash_fields(cls))


def _hashable(cls: type[BaseModel], name: str, value: object) -> str:
    text = str(value)
    try:
        text.encode()
    except UnicodeError:
        raise UsageError(f"the field {name!r} of {cls.__name__} has half a surrogate pair, which has no hash") from None
    return text


def _stand_ins(
    instance: BaseModel, values: Mapping[str, Any], body: bytes, timeout: float
) -> tuple[tuple[str, bytes], ...]:
    """Return v10's empty value for every required field, or the real one where the class refuses the empty."""
    cls = type(instance)
    required = [name for name in own_fields(cls) if cls.model_fields[name].is_required()]
    sent = json.loads(body) if required else {}
    # a field may be kept out of the body
    real = {name: _json(sent[name] if name in sent else _plain(getattr(instance, name))) for name in required}
    empty = {name: _empty(values.get(name, getattr(instance, name)), real[name]) for name in required}
    refused = _refused(cls, empty, timeout) if empty != real else set()
    mixed = {name: real[name] if name in refused else empty[name] for name in required}
    # a validator of the whole model may compare fields, and then only the real ones are known to fit
    chosen = real if refused and mixed != real and _refused(cls, mixed, timeout) else mixed
    return tuple(chosen.items())


def _empty(value: object, real: bytes) -> bytes:
    try:
        return _json(type(value)())
    except Exception:  # noqa: BLE001 - any class of the user's own
        return real


def _refused(cls: type[BaseModel], chosen: Mapping[str, bytes], timeout: float) -> set[str]:
    """Return the fields whose stand-ins the class refuses, when it is built as an axon builds it from headers."""
    try:
        build(cls, {name: json.loads(text) for name, text in chosen.items()}, timeout)
    except ValidationError as invalid:
        places = {str(error["loc"][0]) for error in invalid.errors() if error["loc"]}
        return places & set(chosen) or set(chosen)
    except Exception:  # noqa: BLE001 - a validator of the user's own: the real values did pass it
        return set(chosen)
    return set()


def _plain(value: object) -> object:
    return pydantic_core.to_jsonable_python(value, serialize_unknown=True)


def _json(value: object) -> bytes:
    """Return what bittensor's own `json.dumps` says, without its spaces."""
    return json.dumps(value, separators=(",", ":")).encode()
