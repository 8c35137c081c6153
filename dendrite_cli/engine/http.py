"""One exchange over HTTP: connect, send, read within the limits, and turn whatever happens into an Outcome."""

import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from types import SimpleNamespace
from uuid import uuid4

import aiohttp
from yarl import URL

from dendrite_cli import __version__
from dendrite_cli.engine import faults
from dendrite_cli.engine.attempt import Attempt, undone
from dendrite_cli.engine.body import ACCEPT_ENCODING, read_body
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Axon, Outcome
from dendrite_cli.protocol import Message, Reply, Signer, Stamp, Wire
from dendrite_cli.protocol.nonce import Lanes


@asynccontextmanager
async def http_exchange(
    choose: Callable[[Axon], Wire], signer: Signer | None, limits: Limits
) -> AsyncIterator["HttpExchange"]:
    """Open the connections of a run; they are closed with it."""
    resolver = Resolver()
    connector = aiohttp.TCPConnector(limit=0, force_close=True, resolver=resolver, use_dns_cache=False)
    async with aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"dendrite/{__version__}", "Accept-Encoding": ACCEPT_ENCODING},
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        trace_configs=[_tracing()],
        trust_env=False,
    ) as session:
        yield HttpExchange(session, resolver, choose, signer, limits)


class HttpExchange:
    """Asks one axon by the wire chosen for it; redirects are never followed."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        resolver: Resolver,
        choose: Callable[[Axon], Wire],
        signer: Signer | None,
        limits: Limits,
    ) -> None:
        self._session = session
        self._resolver = resolver
        self._choose = choose
        self._signer = signer
        self._limits = limits
        self._lanes = Lanes(lambda: str(uuid4()))

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did; only cancellation is raised."""
        wire = self._choose(slot.axon)
        watch = Watch(self._limits, slot.queued)
        attempt = Attempt(slot, watch, wire.name, wire.route, body_covered=wire.body_covered)
        try:
            async with attempt.watch.deadline:
                attempt.axon = await located(slot.axon, self._resolver, attempt.watch)
                return await self._ask(attempt, wire)
        except Exception as problem:  # noqa: BLE001 - whatever one axon causes is its outcome, not the run's end
            return faults.outcome_of(problem, attempt)

    def cancelled(self, slot: Slot, *, dialled: bool) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        wire = self._choose(slot.axon)
        return undone(slot, wire.name, wire.route, dialled=dialled)

    async def _ask(self, attempt: Attempt, wire: Wire) -> Outcome:
        axon = attempt.axon
        key = (axon.host, axon.port, axon.hotkey)
        lane = self._lanes.take(key)
        try:
            stamp = Stamp(lane.nonce(time.time_ns()), lane.uuid, _source(axon.address or axon.host))
            attempt.message = wire.message(axon, stamp, self._signer)
            reply = await self._send(attempt, attempt.message)
            return attempt.answered(wire.read(attempt.message, reply), reply.content)
        finally:
            self._lanes.give_back(key, lane)

    async def _send(self, attempt: Attempt, message: Message) -> Reply:
        async with self._session.request(
            message.method,
            URL(f"http://{attempt.axon.endpoint}{message.path}", encoded=True),
            data=b"".join(message.body) or None,
            headers=message.headers,
            allow_redirects=False,
            trace_request_ctx=attempt.watch,
        ) as response:
            attempt.watch.first_byte()
            attempt.http_status = response.status
            content = await read_body(response, attempt.watch, self._limits.max_bytes)
            return Reply(response.status, response.reason or "", response.headers, content)


async def located(axon: Axon, resolver: Resolver, watch: Watch) -> Axon:
    """Return the axon with the address its host name resolves to; raise UnresolvedError."""
    if _is_numeric(axon.host):
        return axon
    watch.resolving()
    try:
        found = await resolver.resolve(axon.host, axon.port)
    except OSError as problem:
        raise faults.UnresolvedError(faults.reason(problem)) from problem
    watch.resolved()
    return replace(axon, address=found[0]["host"])


def _tracing() -> aiohttp.TraceConfig:
    """Tell the exchange's watch when its connection is there: aiohttp says it nowhere else."""

    async def created(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.connected()

    async def reused(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.connected(reused=True)

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(created)
    tracing.on_connection_reuseconn.append(reused)
    return tracing


@lru_cache(maxsize=4096)
def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _source(address: str) -> str | None:
    """Return the address we send from; nothing is sent to find it out, and nobody is asked."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
