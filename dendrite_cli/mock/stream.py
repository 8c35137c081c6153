"""A streamed answer, as a v10 axon sends it: the envelope in headers first, text in chunks, no trailer."""

import asyncio
import json
from collections.abc import Iterator
from itertools import count

from aiohttp import web

from dendrite_cli.mock.behaviour import Streaming
from dendrite_cli.model import ENVELOPE
from dendrite_cli.protocol import Reply


async def send(request: web.Request, reply: Reply, streaming: Streaming, *, events: bool = False) -> web.StreamResponse:
    """Stream what `reply` would have said whole; leave it in the middle where that is wanted.

    With `events` every chunk is a server-sent event of its own.
    """
    headers = dict(reply.headers) | {"Content-Type": "text/event-stream"}
    response = web.StreamResponse(status=reply.status, reason=reply.reason, headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    clock = asyncio.get_running_loop().time
    began = clock()
    text = _text(reply, streaming)
    for number, piece in enumerate(_events(streaming, text) if events else pieces(streaming, text)):
        if number == streaming.stall:
            await asyncio.Event().wait()
        if number == streaming.cut:
            break
        if streaming.rate:
            await asyncio.sleep(began + number / streaming.rate - clock())
        await response.write(piece)
        await asyncio.sleep(0)  # each chunk is a packet of its own, and others have their turn
    if streaming.cut is not None and request.transport:
        request.transport.abort()
    return response


def pieces(streaming: Streaming, text: str) -> Iterator[bytes]:
    """Yield the chunks, which cut characters wherever their size does."""
    whole = text.encode()
    for _ in count() if streaming.endless and whole else range(1):
        yield from (whole[at : at + streaming.size] for at in range(0, len(whole), streaming.size))


def _events(streaming: Streaming, text: str) -> Iterator[bytes]:
    """Yield the chunks as events: a character that would be cut goes with the first of its bytes."""
    for _ in count() if streaming.endless and text else range(1):
        for at in range(0, len(text), streaming.size):
            lines = text[at : at + streaming.size].split("\n")
            yield "".join([*(f"data: {line}\n" for line in lines), "\n"]).encode()


def _text(reply: Reply, streaming: Streaming) -> str:
    if streaming.text is not None:
        return streaming.text
    said = json.loads(reply.content)
    if not isinstance(said, dict):
        return str(said)
    own = {key: value for key, value in said.items() if key not in ENVELOPE}
    return next((value for value in own.values() if isinstance(value, str)), json.dumps(own))
