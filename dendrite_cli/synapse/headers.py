"""A synapse as HTTP headers, written and read as bittensor 10.5.0 does it.

The engine does not send these: it writes its own, once for all axons. They are here for programs and handlers that
call `to_headers` and `from_headers`.
"""

import json
import logging
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dendrite_cli.synapse.model import Synapse

_ENDS = ("axon", "dendrite")
_INPUT = "bt_header_input_obj"
_PLAIN = ("timeout", "name", "header_size", "total_size", "computed_body_hash")
_log = logging.getLogger(__name__)


def written(synapse: "Synapse", required: Iterable[str]) -> dict[str, Any]:
    """Return the headers of `synapse`; raise ValueError for a required field that has no stand-in."""
    fields = synapse.model_dump()
    headers: dict[str, Any] = {"name": synapse.name, "timeout": str(synapse.timeout)}
    for end in _ENDS:
        known = fields.get(end) or {}
        headers |= {f"bt_header_{end}_{key}": str(value) for key, value in known.items() if value is not None}
    wanted = set(required)
    for name, value in fields.items():
        if name in wanted and name not in headers and value is not None:
            headers[f"{_INPUT}_{name}"] = _stand_in(name, value)
    headers["header_size"] = str(sys.getsizeof(headers))
    headers["total_size"] = str(synapse.get_total_size())
    headers["computed_body_hash"] = synapse.body_hash
    return headers


def read(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that headers stand for; what cannot be read of them is logged and left out."""
    inputs: dict[str, Any] = {"axon": {}, "dendrite": {}}
    for key, value in headers.items():
        end = next((end for end in _ENDS if f"bt_header_{end}_" in key), None)
        if end is not None:
            inputs[end][key.split(f"bt_header_{end}_")[1]] = value
        elif f"{_INPUT}_" in key:
            name = key.split(f"{_INPUT}_")[1]
            if name not in inputs:
                _take(inputs, name, key, value)
    return inputs | {name: headers.get(name) for name in _PLAIN}


def size_of(value: object, seen: set[int] | None = None) -> int:
    """Return the bytes of memory that `value` and all it refers to take, each counted once."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    # before its parts are looked at: it may be one of them
    seen.add(id(value))
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        return size + sum(size_of(part, seen) for pair in value.items() for part in pair)
    if hasattr(value, "__dict__"):
        return size + size_of(value.__dict__, seen)
    if hasattr(value, "__iter__") and not isinstance(value, (str, bytes, bytearray)):
        return size + sum(size_of(part, seen) for part in value)
    return size


def _take(inputs: dict[str, Any], name: str, key: str, value: str) -> None:
    try:
        inputs[name] = json.loads(b64decode(value.encode()).decode())
    except Exception as problem:  # noqa: BLE001 - whoever sent it may have sent anything
        _log.error("cannot read the header %r: %r", key, problem)


def _stand_in(name: str, value: object) -> str:
    try:
        return b64encode(json.dumps(type(value)()).encode()).decode()
    except TypeError as problem:
        raise ValueError(
            f"Error serializing {name} with value {value}. Objects must be json serializable."
        ) from problem
