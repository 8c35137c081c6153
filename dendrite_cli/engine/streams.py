"""A run's streams: each axon's pieces told to the observers as they arrive, then its one outcome."""

import asyncio
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from dendrite_cli.engine.attempt import undone
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.http import fresh_lanes
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.stream import Carrier, Read, Stream, open_stream
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.protocol import Signer, Wire

if TYPE_CHECKING:
    from aiohttp import ClientResponse


async def text(response: "ClientResponse") -> AsyncIterator[str]:
    """Yield an answer as text, for those that have no class: characters that arrive in two pieces stay whole."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    async for piece in response.content.iter_any():
        if said := decode(piece):
            yield said
    if rest := decode(b"", final=True):
        yield rest


@asynccontextmanager
async def stream_exchange(  # noqa: PLR0913, PLR0917 - what a run is made of
    choose: Callable[[Axon], Wire],
    signer: Signer | None,
    limits: Limits,
    way: Way,
    read: Callable[[], Read],
    observers: Sequence[Observer],
) -> AsyncIterator["StreamExchange"]:
    """Hold what carries a run's streams; it is closed with the run.

    `read` gives every axon a reader of its own: a class's method gathers what it has read in its instance.
    """
    pool = Pool(way.keep, Resolver(way.family))
    try:
        yield StreamExchange(Carrier(pool, fresh_lanes(), signer, limits, way.route), choose, read, observers)
    finally:
        pool.close()
        await asyncio.sleep(0)  # transports say goodbye in the loop's next turn


class StreamExchange:
    """Asks one axon for a stream by the wire chosen for it."""

    def __init__(
        self,
        carrier: Carrier,
        choose: Callable[[Axon], Wire],
        read: Callable[[], Read],
        observers: Sequence[Observer],
    ) -> None:
        self._carrier = carrier
        self._choose = choose
        self._read = read
        self._observers = observers

    async def __call__(self, slot: Slot) -> Outcome:
        """Tell the observers of every piece, and return what the axon did; only cancellation is raised."""
        stream = await open_stream(self._carrier, self._choose(slot.axon), slot)
        try:
            number = 0
            async with aclosing(stream.pieces(self._read())) as pieces:
                async for piece in pieces:
                    chunk = _chunk(slot, stream, number, piece)
                    for observer in self._observers:
                        observer.chunk(chunk)
                    number += 1
            return stream.outcome()
        finally:
            await stream.close()

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        wire = self._choose(slot.axon)
        return undone(slot, wire.name, wire.route, attempts=attempts)


def _chunk(slot: Slot, stream: Stream, number: int, piece: object) -> Chunk:
    is_text = isinstance(piece, str)
    return Chunk(
        slot.index,
        slot.axon,
        number,
        stream.arrived,
        text=str(piece) if is_text else None,
        data=None if is_text else piece,
        round=slot.round,
    )
