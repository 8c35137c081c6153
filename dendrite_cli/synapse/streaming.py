"""An axon's streaming response, for modules that have both ends in one class; made when an axon asks for it.

A dendrite needs no starlette and does not install it. Whoever serves has it, because FastAPI does.
"""

import importlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from pydantic import BaseModel


class BTStreamingResponseModel(BaseModel):
    """How a stream's content is made: a function that is given ASGI's `send`."""

    token_streamer: Callable[[Any], Awaitable[None]]


class StreamingResponse:
    """The class attribute `BTStreamingResponse`: starlette is imported when it is first asked for."""

    def __get__(self, instance: object, owner: type | None = None) -> type:
        """Return the class; raise ImportError without starlette."""
        return _made()


@cache
def _made() -> type:
    try:
        starlette = importlib.import_module("starlette.responses")
    except ImportError as problem:
        raise ImportError("a streaming response is served by starlette, which is not installed") from problem

    class BTStreamingResponse(starlette.StreamingResponse):  # type: ignore[name-defined,misc]
        """Sends the headers, and lets the synapse's own function send the content."""

        def __init__(self, model: BTStreamingResponseModel, *, synapse: object = None, **kwargs: Any) -> None:
            super().__init__(content=iter(()), **kwargs)
            self.token_streamer = model.token_streamer
            self.synapse = synapse

        async def stream_response(self, send: Callable[[Any], Awaitable[None]]) -> None:
            """Say everything by ASGI's `send`."""
            headers = [(b"content-type", b"text/event-stream"), *self.raw_headers]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self.token_streamer(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's interface
            """Answer as an ASGI application."""
            await self.stream_response(send)

    return BTStreamingResponse
