"""A stream as a class of the user's own reads it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from dendrite_cli.model import ENVELOPE

if TYPE_CHECKING:
    from aiohttp import ClientResponse


class ClassReader:
    """One axon's copy of a streaming synapse: its own methods gather what they read."""

    def __init__(self, synapse: BaseModel) -> None:
        self._synapse: Any = synapse.model_copy(deep=True)

    def pieces(self, response: "ClientResponse") -> AsyncIterator[object]:
        """Yield what `process_streaming_response` yields."""
        made: AsyncIterator[object] = self._synapse.process_streaming_response(response)
        return made

    def body(self, response: "ClientResponse") -> object:
        """Return what `extract_response_json` returns, without the envelope."""
        said = self._synapse.extract_response_json(response)
        if not isinstance(said, dict):
            return said
        return {name: value for name, value in said.items() if name not in ENVELOPE}


def is_streaming(cls: type[BaseModel] | None) -> bool:
    """Whether a class knows how to read a stream."""
    return callable(getattr(cls, "process_streaming_response", None))
