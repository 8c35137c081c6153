"""A mock axon on a local port: the sockets, limits and misdeeds around its answers.

On aiohttp's server, below its own conveniences: bodies are taken as sent and every method and path reaches us,
because a v10 axon has its own word for each.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import BaseModel

from dendrite_cli.errors import UsageError
from dendrite_cli.mock.answer import Answers, Asked
from dendrite_cli.mock.behaviour import Behaviour, Seen
from dendrite_cli.mock.dialect import served
from dendrite_cli.mock.plain import PlainAnswers
from dendrite_cli.mock.stream import send
from dendrite_cli.synapse.model import Synapse

if TYPE_CHECKING:
    from bittensor_wallet import Keypair

__all__ = ["Behaviour", "MockAxon", "Seen", "serve"]

_PING = "Synapse"
MAX_BODY = 16 * 2**20
_SEEN = 1000
_SENDER = (
    ("bt_header_dendrite_hotkey", "X-Bittensor-Hotkey", "Epistula-Signed-By"),
    ("bt_header_dendrite_nonce", "X-Bittensor-Nonce", "Epistula-Timestamp"),
    ("bt_header_dendrite_uuid", "Epistula-Uuid"),
)
"""Where the protocols say who sends, when, and which of many."""
_UNSAID = dict.fromkeys(map(ord, "\t\r\n"))
"""What Python's own URL parser, and so v10's axon, leaves out of a path."""
_AT_ONCE = 0.01
"""Seconds for open connections when we close; aiohttp takes 0 for ever."""

# a hostile client must not be able to write on the user's terminal
_log = logging.getLogger(__name__)
_log.disabled = True


@dataclass(frozen=True, slots=True)
class MockAxon:
    """A running mock axon: where it listens, whose it is, and the last requests it saw, oldest first."""

    host: str
    port: int
    hotkey: str
    seen: deque[Seen]


@asynccontextmanager
async def serve(  # noqa: PLR0913 - what an axon is made of
    keypair: "Keypair",
    *,
    synapses: Mapping[str, type[BaseModel] | None],
    behaviour: Behaviour = Behaviour(),  # noqa: B008 - frozen
    host: str = "127.0.0.1",
    port: int = 0,
    protocol: str = "synapse",
) -> AsyncIterator[MockAxon]:
    """Serve `synapses` (route to class; None for any JSON object) and the default ping until the block ends.

    In `btauth` and `epistula` it serves every path, and says back what it was sent.

    With port 0 the system chooses one. Raises UsageError when it cannot listen there.
    """
    routes = {route: served(route, cls) for route, cls in ({_PING: Synapse} | dict(synapses)).items()}
    seen: deque[Seen] = deque(maxlen=_SEEN)
    plain = None if protocol == "synapse" else PlainAnswers(keypair, protocol, behaviour)
    door = _Door(plain or Answers(keypair, routes, behaviour), behaviour, seen)
    app = web.Application(client_max_size=MAX_BODY, logger=_log)
    app.router.add_route("*", r"/{path:[\s\S]*}", door.handle)
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        handler_cancellation=True,
        logger=_log,
        shutdown_timeout=_AT_ONCE,
    )
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield MockAxon(host, runner.addresses[0][1], keypair.ss58_address, seen)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError) as problem:
        reason = (getattr(problem, "strerror", None) or str(problem)).rsplit(": ", 1)[-1]
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}",
            help="choose another host or port; port 0 takes a free one",
        ) from problem


class _Door:
    """Reads a request, remembers it, and answers or misbehaves."""

    def __init__(self, answers: Answers | PlainAnswers, behaviour: Behaviour, seen: deque[Seen]) -> None:
        self._answers = answers
        self._behaviour = behaviour
        self._seen = seen

    async def handle(self, request: web.Request) -> web.StreamResponse:
        status = None
        try:
            response = await self._respond(request)
            status = None if _is_cut(request) else response.status
            return response
        finally:
            said = request.headers.get
            sender = (next(filter(None, map(said, names)), None) for names in _SENDER)
            self._seen.append(Seen(request.path.split("/")[1], status, *sender))

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        try:
            content = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.json_response({"detail": "Request Entity Too Large"}, status=413)
        if self._behaviour.drop or self._behaviour.garbage:
            await asyncio.sleep(self._behaviour.delay)
            return self._misbehave(request)
        asked = _asked(request, content)
        reply = await self._answers.to(asked)
        plain = isinstance(self._answers, PlainAnswers)
        if self._behaviour.stream and reply.status == HTTPStatus.OK and (plain or asked.route != _PING):
            return await send(request, reply, self._behaviour.stream, events=plain)
        return web.Response(status=reply.status, reason=reply.reason, headers=reply.headers, body=reply.content)

    def _misbehave(self, request: web.Request) -> web.Response:
        """Cut the connection with nothing or with nonsense; what is returned after that goes nowhere."""
        transport = request.transport
        if self._behaviour.drop and transport:
            transport.abort()
        elif self._behaviour.garbage == "http" and transport:
            transport.write(b"\x00\xffthis is no HTTP\r\n\r\n")
            transport.close()
        return web.Response(body=b"{this is no JSON", content_type="application/json")


def _asked(request: web.Request, content: bytes) -> Asked:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    ip, port = (peer or ("", 0))[:2]
    path = request.path.translate(_UNSAID)
    return Asked(request.method, path, tuple(request.headers.items()), content, ip, port, request.raw_path)


def _is_cut(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
