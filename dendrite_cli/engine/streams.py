"""A run's streams: each axon's pieces told to the observers as they arrive, then its one outcome."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import reduce
from time import monotonic

from dendrite_cli.engine.attempt import undone
from dendrite_cli.engine.decoding import Reader
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.http import fresh_lanes
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.lookalike import prepare
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.run import Slot
from dendrite_cli.engine.stream import Carrier, Stream
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.protocol import Signer, Wire
from dendrite_cli.protocol.signing import Elisions, elide

MOST_PIECES = 500_000
"""Of one answer: every one is told to who looks on, and kept."""
_BREATH = 0.005
"""Seconds for which other axons wait while pieces are told."""


@asynccontextmanager
async def stream_exchange(  # noqa: PLR0913, PLR0917 - what a run is made of
    choose: Callable[[Axon], Wire],
    signer: Signer | None,
    limits: Limits,
    way: Way,
    reader: Callable[[Axon], Reader],
    observers: Sequence[Observer],
) -> AsyncIterator["StreamExchange"]:
    """Hold what carries a run's streams; it is closed with the run. `reader` gives every axon one of its own."""
    prepare()
    pool = Pool(way.keep, Resolver(way.family), way.tls)
    try:
        yield StreamExchange(Carrier(pool, fresh_lanes(), signer, limits, way.route), choose, reader, observers)
    finally:
        pool.close()
        await asyncio.sleep(0)  # transports say goodbye in the loop's next turn


class StreamExchange:
    """Asks one axon for a stream by the wire chosen for it."""

    def __init__(
        self,
        carrier: Carrier,
        choose: Callable[[Axon], Wire],
        reader: Callable[[Axon], Reader],
        observers: Sequence[Observer],
    ) -> None:
        self._carrier = carrier
        self._choose = choose
        self._reader = reader
        self._observers = observers
        self._left: dict[int, Outcome] = {}
        """What is known of streams that were left in the middle."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Tell the observers of every piece, and return what the axon did; only cancellation is raised."""
        reader = self._reader(slot.axon)
        stream = Stream(self._carrier, self._choose(slot.axon), slot)
        try:
            await stream.begun()
            await self._tell_all(slot, stream, reader)
            return _with_body(stream, reader)
        except asyncio.CancelledError:
            if stream.abandon():
                self._left[slot.index] = _with_body(stream, reader)
            raise
        finally:
            await stream.close()

    async def _tell_all(self, slot: Slot, stream: Stream, reader: Reader) -> None:
        """Tell the observers of every piece, until the stream or its reader has no more."""
        shown = Elisions(stream.signatures)
        breathed = monotonic()
        async with aclosing(stream.pieces(reader.pieces)) as pieces:
            async for piece in pieces:
                if stream.told >= MOST_PIECES:
                    stream.flood(f"more than {MOST_PIECES:,} pieces")
                    return
                self._tell(slot, stream, shown.piece(piece), piece if isinstance(piece, bytes) else None)
                # what is there already comes without waiting, and may be millions of pieces
                if monotonic() - breathed > _BREATH:
                    await asyncio.sleep(0)
                    breathed = monotonic()
        rest = shown.rest()
        self._tell(slot, stream, rest, b"" if isinstance(rest, bytes) else None)  # its bytes were told as they came

    def _tell(self, slot: Slot, stream: Stream, shown: object, content: bytes | None = None) -> None:
        """Tell the observers what is shown of a piece that is made of `content`."""
        if not content and (shown is None or (isinstance(shown, str | bytes) and not shown)):
            return
        text, data = (shown, None) if isinstance(shown, str) else (None, shown)
        chunk = Chunk(
            slot.index, slot.axon, stream.told, stream.tell(), text=text, data=data, round=slot.round, content=content
        )
        for observer in self._observers:
            observer.chunk(chunk)

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        left = self._left.pop(slot.index, None)
        if left is not None:
            return replace(left, attempts=attempts)
        wire = self._choose(slot.axon)
        return undone(slot, wire.name, wire.route, attempts=attempts)


def _with_body(stream: Stream, reader: Reader) -> Outcome:
    """Return the outcome with what was said as its body."""
    outcome = stream.outcome()
    if stream.response is None:
        return outcome
    try:
        body = reader.body(stream.response)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - code of the user's own
        stream.spoil(problem)
        return stream.outcome()
    return replace(outcome, body=reduce(elide, stream.signatures, body))
