"""A synapse of its own for every axon."""

from copy import deepcopy
from typing import Any, TypeVar

from pydantic import BaseModel

from dendrite_cli.synapse.model import TerminalInfo

S = TypeVar("S", bound=BaseModel)
_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})
_END = frozenset(TerminalInfo.model_fields)


def copy_of(synapse: S) -> S:
    """Return a copy that shares nothing with `synapse`; what cannot be copied is shared all the same."""
    copied = synapse.model_copy()
    for held in (copied.__dict__, copied.__pydantic_extra__, copied.__pydantic_private__):
        if held:
            held.update([(name, _copied(value)) for name, value in held.items() if type(value) not in _ATOMS])
    return copied


def _copied(value: Any) -> Any:
    if isinstance(value, BaseModel) and type(value).model_fields.keys() == _END:
        return value.model_copy()  # it holds nothing but atoms, and is copied for every axon
    try:
        return deepcopy(value)
    except Exception:  # noqa: BLE001 - a lock, a connection, or a class of the user's own
        return value
