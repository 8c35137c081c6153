"""One TCP connection: it carries one exchange after another, never two at once."""

import asyncio
import select
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from ssl import SSLContext, SSLError
from time import monotonic
from typing import cast

from dendrite_cli.engine.response import CutOffError, Response
from dendrite_cli.engine.watch import Watch

READ_SIZE = 256 * 1024
_AT_ONCE = 256 * 1024
"""Bytes handed to the transport before it is asked whether it has room: beyond, it would copy them."""

_SMALL = 4 * 1024
"""Bytes that decompress within a few milliseconds, whatever they are: at most a thousand times as many."""
_PROMPT = 0.02
"""Seconds beside a round trip within which a connection that turns out to be closed was closed before it was heard
through: an axon that works on a request takes longer."""
_IDLE = 1.0
"""Seconds after which a kept connection is looked at before it is used: hardly any server gives one up sooner."""


class StaleError(CutOffError):
    """A connection kept from an earlier exchange was closed by its axon before it can have heard this one."""


class Connection(asyncio.BufferedProtocol):
    """Says one request and collects its response; reads nothing that was not asked for."""

    def __init__(self, buffer: bytearray) -> None:
        """Read into `buffer`, which connections of one event loop share: a fresh one per read costs more than it."""
        self.distance = 0.0
        """Seconds that it took to connect: nobody's word is back sooner."""
        self._buffer = buffer
        self._into: bytearray | memoryview = buffer
        self.is_open = True
        self.on_close: Callable[[Connection], None] | None = None
        """Told when an idle connection is closed from the other end."""
        self._transport: asyncio.Transport | None = None
        self._response: Response | None = None
        self._watch: Watch | None = None
        self._done: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._used = False
        self._idle_since = 0.0
        self._secured = False
        self._fed_beside = False
        """Whether a thread is busy with what arrived, and what follows has to wait."""
        self._waiting: list[bytes] = []
        """What follows, as it came."""
        self._waiting_size = 0
        self._closed: tuple[Exception | None] | None = None
        """How the connection ended meanwhile."""
        self._source: str | None = None

    async def exchange(self, head: bytes, body: Sequence[bytes], response: Response, watch: Watch) -> None:
        """Send a request and fill `response`; raises what its parts raise, CutOffError, StaleError or OSError."""
        self._response, self._watch = response, watch
        self._done = asyncio.get_running_loop().create_future()
        whole = False
        began = monotonic()
        try:
            if self._used and began - self._idle_since > _IDLE and self._has_news():
                raise StaleError("closed meanwhile")
            await self._send(head, body, response)
            await self._done
            whole = True
        except ConnectionError as problem:
            # later it may have been heard, and to say it again would be to ask twice
            prompt = monotonic() - began <= self.distance + _PROMPT
            if self._used and response.is_untouched and prompt:
                raise StaleError(str(problem)) from problem
            raise
        finally:
            if self._done.done() and not self._done.cancelled():
                self._done.exception()  # it is known, even where a time-out came first
            self._response = self._watch = self._done = None
            response.release()
            self._waiting.clear()
            self._used, self._idle_since = True, monotonic()
            # what was left in the middle would have its rest taken for the next answer
            if not (whole and response.reusable):
                self.abort()

    async def secure(self, context: SSLContext | None, host: str, watch: Watch) -> None:
        """Begin to speak TLS with whoever proves to be `host`; raise SSLError or another OSError."""
        plain = self._transport
        if context is None or plain is None:
            raise SSLError("no certificates were loaded to know it by")
        # asyncio fills a slice of it, which of a bytearray is a copy
        self._into = memoryview(self._buffer)
        watch.handshaking()
        try:
            secured = await asyncio.get_running_loop().start_tls(plain, self, context, server_hostname=host)
        except BaseException:
            plain.abort()
            raise
        if secured is None:
            raise CutOffError("closed without an answer")
        self._transport, self._secured = secured, True
        watch.secured()

    @property
    def source(self) -> str | None:
        """The IP address we send from."""
        if self._source is None and self._transport is not None:
            name = self._transport.get_extra_info("sockname")
            self._source = str(name[0]) if name else None
        return self._source

    def abort(self) -> None:
        """Close at once; nothing more is sent or read."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> bytearray | memoryview:  # noqa: ARG002 - asyncio's interface
        """Say where to read to; it is fed before anything else is read."""
        room = self._response.room() if self._response else None
        return self._into if room is None else room

    def buffer_updated(self, nbytes: int) -> None:
        """Feed the response that is waited for; a connection that talks unasked is of no use."""
        response, watch = self._response, self._watch
        if response is None or watch is None:
            self._forget()
            return
        if not response.complete:
            watch.received()
        try:
            if response.is_filling:
                response.fill(nbytes)
            elif self._feed(response, memoryview(self._buffer)[:nbytes]):
                response.make_room()
            else:
                return
        except Exception as problem:  # noqa: BLE001 - it belongs to the exchange that waits
            self._settle(problem)
            return
        self._look_at(response)

    def _feed(self, response: Response, data: memoryview) -> bool:
        """Feed it here, or, where that could hold the event loop up, beside it, while nothing more is read.

        Returns whether it was here: what is fed beside may be half done, or all done, and belongs to the thread.
        """
        if self._fed_beside:
            self._queue(response, data)
            return False
        if len(data) > _SMALL and not response.is_headed:
            head = self._buffer.find(b"\r\n\r\n", 0, len(data)) + 4
            response.feed(data[:head])
            data = data[head:]
        if not data:
            return True
        if len(data) <= _SMALL or not response.is_compressed or response.complete or self._transport is None:
            response.feed(data)
            return True
        if not self._secured:  # uvloop loses what it holds back of TLS
            self._transport.pause_reading()
        self._fed_beside = True
        fed = asyncio.get_running_loop().run_in_executor(_beside(), response.feed, bytes(data))
        fed.add_done_callback(partial(self._fed, response))
        return False

    def _fed(self, response: Response, fed: "asyncio.Future[None]") -> None:
        """Go on with what came meanwhile; an exchange that is over wants nothing more."""
        problem = None if fed.cancelled() else fed.exception()
        self._fed_beside = False
        if self._response is not response or self._transport is None or fed.cancelled():
            return
        if problem is not None:
            self._settle(problem)
            return
        data, self._waiting_size = b"".join(self._waiting), 0
        self._waiting.clear()
        try:
            if data and not self._feed(response, memoryview(data)):
                return
        except Exception as fault:  # noqa: BLE001 - it belongs to the exchange that waits
            self._settle(fault)
            return
        self._look_at(response)
        if self._closed is not None and not response.complete:
            self._ended(*self._closed)
        elif not self._secured and not self._transport.is_closing():
            self._transport.resume_reading()

    def _queue(self, response: Response, data: memoryview) -> None:
        """Keep what arrives meanwhile, which TLS does not hold back; raise TooLargeError for more than may be."""
        self._waiting.append(bytes(data))
        self._waiting_size += len(data)
        response.check_size(self._waiting_size)

    def _look_at(self, response: Response) -> None:
        """End the exchange if its response is whole."""
        if response.complete and self._watch is not None and self._done is not None and not self._done.done():
            self._watch.finished()
            self._settle(None)

    def eof_received(self) -> bool:
        """Take the end of what the axon says; the transport then closes."""
        self._ended()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits why nothing more will come."""
        self._ended(exc)
        self._forget()

    def pause_writing(self) -> None:
        """The socket takes no more for now."""
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """The socket takes more."""
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    async def _send(self, head: bytes, body: Sequence[bytes], response: Response) -> None:
        """Write in as few packets as it takes, without joining what is large; stop if the answer is there already."""
        transport, done = self._transport, self._done
        if transport is None or done is None or transport.is_closing():
            raise CutOffError("closed without an answer")
        small = len(head) + sum(map(len, body)) <= _AT_ONCE
        for piece in (b"".join((head, *body)),) if small else _slices((head, *body)):
            if self._room is not None:
                await asyncio.wait((self._room, done), return_when=asyncio.FIRST_COMPLETED)
            if done.done():
                response.reusable = False  # it answers what it has not heard to its end
                return
            transport.write(piece)

    def _has_news(self) -> bool:
        """Whether an idle connection has something to read, the end for example, of which the loop does not know."""
        name = self._transport.get_extra_info("socket") if self._transport else None
        if name is None or name.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(name.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _ended(self, lost: Exception | None = None) -> None:
        """Nothing more will come; over TLS one may hear of it while what came before is still looked at."""
        if self._response is None or self._watch is None:
            return
        if self._fed_beside:
            self._closed = self._closed or (lost,)
            return
        if lost is not None:
            self._settle(lost)
            return
        try:
            self._response.end()
        except Exception as problem:  # noqa: BLE001 - it belongs to the exchange that waits
            self._settle(problem)
        else:
            self._watch.finished()
            self._settle(None)

    def _settle(self, problem: BaseException | None) -> None:
        if self._done is None or self._done.done():
            return
        if problem is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(problem)

    def _forget(self) -> None:
        self.abort()
        told, self.on_close = self.on_close, None
        if told is not None:
            told(self)


@cache
def _beside() -> ThreadPoolExecutor:
    """Return the one thread for what may take long: a second would only double what is in memory at once."""
    return ThreadPoolExecutor(1, thread_name_prefix="inflate")


def _slices(pieces: Sequence[bytes]) -> Iterator[bytes | memoryview]:
    for piece in pieces:
        if len(piece) <= _AT_ONCE:
            yield piece
        else:
            view = memoryview(piece)
            yield from (view[at : at + _AT_ONCE] for at in range(0, len(view), _AT_ONCE))
