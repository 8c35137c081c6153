"""The peer with its largest cost taken away: 10.5.0's Dendrite whose classes remember their JSON schema.

One cached function is what anybody would add first; a lead over the Dendrite that it would halve is none.
"""

from collections.abc import Callable
from typing import Any

from v10 import _SYNAPSES, BenchFloats, BenchText, Synapse, close, extract, fanout, open, reported  # noqa: A004

__all__ = ["_SYNAPSES", "close", "extract", "fanout", "open", "reported"]


def _remembering(schema: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    return lambda *_, **__: schema


for _cls in (BenchText, BenchFloats, Synapse):
    _cls.model_json_schema = _remembering(_cls.model_json_schema())
