"""One streaming exchange: the status first, then pieces as they arrive, then one Outcome.

A refusal is never handed out as a stream's content. The socket is read by a task of the stream's own; whoever reads
the stream may leave at any moment, and `close` then leaves nothing behind.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from dendrite_cli.engine.attempt import Attempt
from dendrite_cli.engine.content import Content
from dendrite_cli.engine.http import HEAD, HttpExchange
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.lookalike import client_response
from dendrite_cli.engine.piecemeal import Piecemeal, StreamWatch
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.proxy import Route, direct
from dendrite_cli.engine.response import Response
from dendrite_cli.engine.run import Slot
from dendrite_cli.model import Outcome, Streamed, Verdict
from dendrite_cli.protocol import Message, Reply, Signer, Wire
from dendrite_cli.protocol.nonce import Lanes

if TYPE_CHECKING:
    from aiohttp import ClientResponse

Read = Callable[["ClientResponse"], AsyncIterator[object]]
"""What makes pieces of an answer: a class's `process_streaming_response`."""
_THEIRS = (Exception, SystemExit, GeneratorExit, asyncio.CancelledError)
"""What code of the user's own may raise, by mistake or for a reason of its own; or what ended the stream."""


class BrokenStreamError(ConnectionError):
    """What a class is told, when it has read all that arrived of a stream that did not get to its end."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """What streams have in common: their connections, who signs, and how far they may go."""

    pool: Pool
    lanes: Lanes
    signer: Signer | None
    limits: Limits
    route: Route = direct


async def open_stream(carrier: Carrier, wire: Wire, slot: Slot) -> "Stream":
    """Ask one axon; return as soon as it is known whether it streams. Only cancellation is raised.

    `wire.read` is given the answer's head without a body: whether it is a success says whether there is a stream.
    """
    stream = Stream(carrier, wire, slot)
    try:
        await stream.begun()
    except BaseException:
        await stream.close()
        raise
    return stream


class Stream:
    """An answer that is read while it arrives; `close` it, whatever happens."""

    def __init__(self, carrier: Carrier, wire: Wire, slot: Slot) -> None:
        """Ask at once."""
        self.response: ClientResponse | None = None
        """aiohttp's; None where there is nothing to stream."""
        self._wire = wire
        self._content = Content()
        self._exchange = _Carried(carrier, wire, self._content, self._headed)
        self._outcome: Outcome | None = None
        self._complete = False
        self._arrivals: list[float] = []
        self._begun = asyncio.Event()
        self._task = asyncio.create_task(self._carry(slot))

    async def begun(self) -> None:
        """Wait until it is known whether there is a stream."""
        await self._begun.wait()

    async def pieces(self, read: Read) -> AsyncGenerator[object, None]:
        """Yield what `read` makes of the answer; whatever it raises is the outcome, and only cancellation is raised."""
        if self.response is None:
            return
        made: AsyncIterator[object] | None = None
        try:
            while True:
                try:
                    if made is None:
                        made = aiter(read(self.response))
                    piece = await anext(made)
                except StopAsyncIteration:
                    return
                except _THEIRS as problem:
                    if isinstance(problem, asyncio.CancelledError) and _is_cancelled():
                        raise
                    self.spoil(problem)
                    return
                yield piece
        finally:
            if isinstance(made, AsyncGenerator):
                await self._closed(made)

    async def _closed(self, made: AsyncGenerator[object, None]) -> None:
        """Let a reader clean up; what goes wrong with that is its own affair."""
        try:
            await made.aclose()
        except _THEIRS as problem:
            if isinstance(problem, asyncio.CancelledError) and _is_cancelled():
                raise
            self.spoil(problem)

    def spoil(self, problem: BaseException) -> None:
        """Let the outcome be that the answer could not be understood, unless the stream itself had failed."""
        if self._outcome is None or self._outcome.ok:
            text = f"Failed to parse response: {_words(problem)}"
            self._outcome = self._exchange.attempt.failed(Verdict.BAD_RESPONSE, text)

    def flood(self, text: str) -> None:
        """Let the outcome be that it was too much."""
        self._outcome = self._exchange.attempt.failed(Verdict.TOO_LARGE, f"Response too large: {text}")

    def abandon(self) -> bool:
        """Let the outcome be that nobody waits for the rest; return whether anything is known, as it was asked."""
        if self._exchange.has_begun:
            self._outcome = self._exchange.attempt.failed(Verdict.CANCELLED, "Cancelled")
        return self._exchange.has_begun

    @property
    def told(self) -> int:
        """How many pieces somebody was told of."""
        return len(self._arrivals)

    def tell(self) -> float:
        """Count a piece that somebody is told of; return the seconds from dispatch to its last byte at our socket."""
        self._arrivals.append(self._content.read_at or 0.0)
        return self._arrivals[-1]

    @property
    def signatures(self) -> tuple[str, ...]:
        """Ours, as an axon may send them back."""
        message = self._exchange.attempt.message
        return message.signatures if message else ()

    def outcome(self) -> Outcome:
        """Return what the axon did, when all pieces were read."""
        if self._outcome is None:
            # its reader has read enough
            self._exchange.attempt.watch.finished()
            self._outcome = self._exchange.attempt.answered(self._wire)
        if self.response is None:
            return self._outcome
        gaps = [later - earlier for earlier, later in zip(self._arrivals, self._arrivals[1:], strict=False)]
        figures = Streamed(
            len(self._arrivals),
            first=self._arrivals[0] if self._arrivals else None,
            max_gap=max(gaps, default=None),
            complete=self._complete,
        )
        return replace(self._outcome, streamed=figures, received=self._content.total_bytes, content=None)

    async def close(self) -> None:
        """Let go of the connection, wherever the stream is."""
        self._task.cancel()
        await asyncio.wait([self._task])
        self._exchange.forget()

    async def _carry(self, slot: Slot) -> None:
        """Say the request, and feed the content until the axon or a limit ends it."""
        try:
            outcome = await self._exchange(slot)
            self._outcome = self._outcome or outcome
            self._complete = outcome.ok
            self._content.end(None if outcome.ok else BrokenStreamError(outcome.status_message))
        finally:
            self._begun.set()

    def _headed(self, response: Piecemeal) -> bool:
        """Say whether a head is a stream's; if it is, whoever waits can begin to read."""
        attempt = self._exchange.attempt
        head = Reply(response.status or 0, response.reply().reason, response.headers, b"")
        if attempt.message is None or self._wire.read(attempt.message, head).verdict is not Verdict.OK:
            return False
        url = attempt.message.url(attempt.axon)
        raw_headers = tuple(response.raw_headers)
        self.response = client_response(attempt.message.method, url, head, raw_headers, self._content)
        self._begun.set()
        return True


class _Carried(HttpExchange):
    """An exchange whose answer is handed on while it arrives."""

    attempt: Attempt
    """Of an exchange that `has_begun`."""

    def __init__(self, carrier: Carrier, wire: Wire, content: Content, judge: Callable[[Piecemeal], bool]) -> None:
        super().__init__(
            carrier.pool, lambda _: wire, carrier.signer, carrier.limits, carrier.route, lanes=carrier.lanes
        )
        self.has_begun = False
        self._content = content
        self._judge = judge
        self._dispatched = 0.0

    def forget(self) -> None:
        """Let go of the stream, so that it needs no collector to be freed."""
        self._judge = _nobodys

    def _begin(self, slot: Slot, wire: Wire, *, reused: bool) -> Attempt:
        self._dispatched = monotonic()
        self._watch = StreamWatch(self._limits, slot.queued, reused=reused, since=slot.since)
        self.has_begun = True
        self.attempt = Attempt(slot, self._watch, wire.name, wire.route, body_covered=wire.body_covered)
        return self.attempt

    def _response(self, message: Message) -> Response:
        if message.method == HEAD:
            return super()._response(message)
        return Piecemeal(
            self._limits.max_bytes,
            self._content,
            self._judge,
            self._watch.flowing,
            lambda: monotonic() - self._dispatched,
        )


def _is_cancelled() -> bool:
    """Whether somebody cancels us, rather than that code of the user's own raises what looks like it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _words(problem: BaseException) -> str:
    try:
        return str(problem) or type(problem).__name__
    except Exception:  # noqa: BLE001 - a class of their own
        return type(problem).__name__


def _nobodys(_response: Piecemeal) -> bool:
    return False
