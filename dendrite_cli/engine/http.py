"""One exchange over HTTP: connect, sign, send, read within the limits, and turn whatever happens into an Outcome."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

from dendrite_cli import __version__
from dendrite_cli.engine import faults
from dendrite_cli.engine.address import host_of, is_numeric
from dendrite_cli.engine.attempt import Attempt, undone
from dendrite_cli.engine.connection import Connection, StaleError
from dendrite_cli.engine.decompression import ACCEPT_ENCODING
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.pool import Place, Pool
from dendrite_cli.engine.proxy import Proxy, Route
from dendrite_cli.engine.reserve import Reserve
from dendrite_cli.engine.response import Response
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.watch import Watch
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.protocol import Message, Signer, Stamp, Wire
from dendrite_cli.protocol.nonce import Lanes

ALWAYS = {"User-Agent": f"dendrite/{__version__}", "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING}
"""What every request says of us."""
_ALWAYS = "".join(f"{name}: {value}\r\n" for name, value in ALWAYS.items())

HEAD = "HEAD"
"""The method whose answer announces a body and has none."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose body is counted even where it is empty."""


@asynccontextmanager
async def http_exchange(
    choose: Callable[[Axon], Wire],
    signer: Signer | None,
    limits: Limits,
    way: Way | None = None,
) -> AsyncIterator["HttpExchange"]:
    """Hold the connections of a run; they are closed with it."""
    way = way or Way()
    pool = Pool(way.keep, Resolver(way.family), way.tls)
    try:
        yield HttpExchange(pool, choose, signer, limits, way.route)
    finally:
        pool.close()
        await asyncio.sleep(0)  # transports say goodbye in the loop's next turn


class HttpExchange:
    """Asks one axon by the wire chosen for it; redirects are never followed."""

    def __init__(  # noqa: PLR0913 - what an exchange is made of
        self,
        pool: Pool,
        choose: Callable[[Axon], Wire],
        signer: Signer | None,
        limits: Limits,
        route: Route,
        *,
        lanes: Lanes | None = None,
    ) -> None:
        """`lanes` are those of other exchanges with the same axons: none of theirs may race with ours."""
        self._pool = pool
        self._choose = choose
        self._signer = signer
        self._limits = limits
        self._route = route
        self._reserve = Reserve()
        self._lanes = lanes or fresh_lanes()
        self._under_way: dict[int, Attempt] = {}
        """By the axons' places in the selection; what is cancelled stays, until it is asked for."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did; only cancellation is raised."""
        axon = slot.axon
        wire, proxy = self._choose(axon), self._route(axon)
        place = Place(proxy.host, proxy.port) if proxy else Place(axon.host, axon.port, axon.tls)
        kept = self._pool.idle(place)
        attempt = self._begin(slot, wire, reused=kept is not None)
        attempt.proxy = proxy
        self._under_way[slot.index] = attempt
        watch = attempt.watch
        try:
            async with watch:
                if not await self._ask(attempt, wire, place, kept or await self._pool.open(place, watch)):
                    watch.reconnecting()
                    await self._ask(attempt, wire, place, await self._pool.open(place, watch))
            outcome = attempt.answered(wire)
        except Exception as problem:  # noqa: BLE001 - whatever one axon causes is its outcome, not the run's end
            outcome = faults.outcome_of(problem, attempt)
        del self._under_way[slot.index]
        return outcome

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more: what it was sent, it was sent."""
        attempt = self._under_way.pop(slot.index, None)
        if attempt is not None:
            return attempt.failed(Verdict.CANCELLED, "Cancelled")
        wire = self._choose(slot.axon)
        return undone(slot, wire.name, wire.route, attempts=attempts)

    def _begin(self, slot: Slot, wire: Wire, *, reused: bool) -> Attempt:
        """Return what will be known of this exchange; its clock starts."""
        watch = Watch(self._limits, slot.queued, reused=reused, since=slot.since)
        return Attempt(slot, watch, wire.name, wire.route, body_covered=wire.body_covered)

    def _response(self, message: Message) -> Response:
        """Return what is fed with the answer."""
        return Response(self._limits.max_bytes, self._reserve, has_body=message.method != HEAD)

    async def _ask(self, attempt: Attempt, wire: Wire, place: Place, opened: tuple[Connection, str]) -> bool:
        """Say the request and hear the answer; False if the connection had been closed before it was used again."""
        connection, address = opened
        if attempt.proxy is None and not is_numeric(attempt.axon.host):
            attempt.axon = replace(attempt.axon, address=address)
        axon = attempt.axon
        # a request takes its nonce when it leaves, so that none overtakes another on its lane
        lanes = (axon.host, axon.port, axon.hotkey)
        lane = self._lanes.take(lanes)
        try:
            stamp = Stamp(lane.nonce(time.time_ns()), lane.uuid, connection.source)
            attempt.message = message = wire.message(axon, stamp, self._signer)
            attempt.response = response = self._response(message)
            headers = _written(message.headers)
            attempt.sent = len(headers) + sum(map(len, message.body))
            head = _head(message, axon, attempt.proxy, headers, keep=self._pool.keep > 0)
            await connection.exchange(head, message.body, response, attempt.watch)
        except StaleError:
            return False
        finally:
            self._lanes.give_back(lanes, lane)
            self._pool.give_back(place, connection, address)
        return True


def fresh_lanes() -> Lanes:
    """Return lanes of which no axon has heard yet."""
    return Lanes(lambda: str(uuid4()))


def _written(headers: Mapping[str, str]) -> str:
    """Return headers as they are sent; raise ValueError for what would be another one's beginning."""
    written = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if written.count("\n") != len(headers) or written.count("\r") != len(headers) or "\0" in written:
        raise ValueError("a header's value has a line break in it")
    return written


def _head(message: Message, axon: Axon, proxy: Proxy | None, own: str, *, keep: bool) -> bytes:
    """Return the request line and all headers; the message's own are written already."""
    counted = message.body or message.method in _WITH_BODY
    length = f"Content-Length: {sum(map(len, message.body))}\r\n" if counted else ""
    target = message.url(axon) if proxy else message.path
    through = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy and proxy.authorization else ""
    persistence = "" if keep else "Connection: close\r\n"
    first = f"{message.method} {target} HTTP/1.1\r\nHost: {host_of(axon)}\r\n"
    always = _ALWAYS
    if not ALWAYS.keys().isdisjoint(message.headers):
        always = "".join(f"{name}: {value}\r\n" for name, value in ALWAYS.items() if name not in message.headers)
    return f"{first}{always}{persistence}{length}{through}{own}\r\n".encode("utf-8", "surrogateescape")
