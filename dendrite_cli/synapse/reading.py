"""A stream as a class of the user's own reads it."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any

import pydantic_core
from pydantic import BaseModel

from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse.copies import copy_of

if TYPE_CHECKING:
    from aiohttp import ClientResponse


class ClassReader:
    """One axon's copy of a streaming synapse: its own methods gather what they read."""

    def __init__(self, synapse: BaseModel) -> None:
        self._synapse: Any = synapse

    async def pieces(self, response: "ClientResponse") -> AsyncGenerator[object, None]:
        """Yield what `process_streaming_response` yields; models as the JSON that they make."""
        self._synapse = copy_of(self._synapse)
        made: AsyncIterator[object] = self._synapse.process_streaming_response(response)
        try:
            async for piece in made:
                yield _plain(piece)
        finally:
            if isinstance(made, AsyncGenerator):
                await made.aclose()

    def body(self, response: "ClientResponse") -> object:
        """Return what `extract_response_json` returns, without the envelope."""
        said = self._synapse.extract_response_json(response)
        if not isinstance(said, dict):
            return said
        return {name: _plain(value) for name, value in said.items() if name not in ENVELOPE}


def _plain(value: object) -> object:
    if isinstance(value, (str, bytes)):
        return value
    return pydantic_core.to_jsonable_python(value, serialize_unknown=True)


def is_streaming(cls: type[BaseModel] | None) -> bool:
    """Whether a class knows how to read a stream."""
    return callable(getattr(cls, "process_streaming_response", None))
