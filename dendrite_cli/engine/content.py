"""What a class reads a stream from: aiohttp's StreamReader to the eye, fed by a task of ours.

The socket is read as fast as it brings something, whatever the class and its caller do with it: so the axon's pauses
are the axon's, the bytes are counted before anybody sees them, and what arrived before a failure is read before it
is raised.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from time import monotonic

_BREATH = 0.005
"""Seconds for which others wait while what is there already is read."""


class Content:
    """The bytes of one answer, while they arrive. Every method that reads raises what ended the stream early."""

    def __init__(self) -> None:
        self.total_bytes = 0
        """Bytes that have arrived."""
        self.read_at: float | None = None
        """When the last byte that was read had arrived, in the seconds of `feed`."""
        self._buffer = bytearray()
        self._arrivals: deque[tuple[int, float]] = deque()
        self._taken = 0
        self._news = asyncio.Event()
        self._breathed = monotonic()
        self._is_over = False
        self._problem: Exception | None = None

    def feed(self, piece: bytes, at: float) -> None:
        """Take what arrived at that time."""
        if piece:
            self._buffer += piece
            self.total_bytes += len(piece)
            self._arrivals.append((self.total_bytes, at))
            self._news.set()

    def end(self, problem: Exception | None = None) -> None:
        """Nothing more will arrive; because of `problem`, if that is too early."""
        self._is_over = True
        self._problem = problem
        self._news.set()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over lines."""
        return self._each_line()

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Yield what is there as soon as anything is."""
        while piece := await self.readany():
            yield piece

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """Yield at most `n` bytes at a time."""
        while piece := await self.read(n):
            yield piece

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield what is there as soon as anything is; each is taken for a chunk of HTTP's."""
        while piece := await self.readany():
            yield piece, True

    async def readany(self) -> bytes:
        """Return what is there, as soon as anything is; nothing at the end."""
        while not self._buffer and await self._more():
            pass
        await self._breathe()
        return self._take(len(self._buffer))

    async def readchunk(self) -> tuple[bytes, bool]:
        """Return what is there as soon as anything is, and whether it is anything."""
        piece = await self.readany()
        return piece, bool(piece)

    async def read(self, n: int = -1) -> bytes:
        """Return at most `n` bytes, as soon as there is one; all of them until the end for -1."""
        if n < 0:
            while await self._more():
                pass
            return self._take(len(self._buffer))
        while n and not self._buffer and await self._more():
            pass
        await self._breathe()
        return self._take(min(n, len(self._buffer)))

    async def readexactly(self, n: int) -> bytes:
        """Return `n` bytes; raise asyncio.IncompleteReadError where there are fewer."""
        while len(self._buffer) < n:
            if not await self._more():
                raise asyncio.IncompleteReadError(self._take(len(self._buffer)), n)
        await self._breathe()
        return self._take(n)

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """Return a line with its end; what is left at the end of the stream."""
        return await self.readuntil(max_size=max_line_length)

    async def readuntil(self, separator: bytes = b"\n", *, max_size: int | None = None) -> bytes:
        """Return everything up to and with `separator`; what is left at the end; ValueError beyond `max_size`."""
        await self._breathe()
        start = 0
        while (at := self._buffer.find(separator, start)) < 0:
            if max_size is not None and len(self._buffer) > max_size:
                raise ValueError(f"more than {max_size} bytes without a separator")
            start = max(0, len(self._buffer) - len(separator) + 1)
            if not await self._more():
                return self._take(len(self._buffer))
        return self._take(at + len(separator))

    def read_nowait(self, n: int = -1) -> bytes:
        """Return at most `n` bytes of what is there."""
        return self._take(len(self._buffer) if n < 0 else min(n, len(self._buffer)))

    def is_eof(self) -> bool:
        """Whether nothing more will arrive."""
        return self._is_over

    def at_eof(self) -> bool:
        """Whether there is nothing more to read."""
        return self._is_over and not self._buffer

    def exception(self) -> Exception | None:
        """Return what ended the stream early."""
        return self._problem

    def set_exception(self, *_: object) -> None:
        """Leave it: a class that releases its response is not told how the stream ended; `end` is."""

    async def _each_line(self) -> AsyncIterator[bytes]:
        while line := await self.readline():
            yield line

    async def _breathe(self) -> None:
        """Let others have their turn, where it is long since: what is there already can be read without waiting."""
        if monotonic() - self._breathed > _BREATH:
            await asyncio.sleep(0)
            self._breathed = monotonic()

    async def _more(self) -> bool:
        """Wait until more has arrived; False at the end. Raises what ended the stream early."""
        had = self.total_bytes
        while self.total_bytes == had and not self._is_over:
            self._news.clear()
            await self._news.wait()
            self._breathed = monotonic()
        if self.total_bytes == had and self._problem is not None:
            raise self._problem
        return self.total_bytes != had

    def _take(self, n: int) -> bytes:
        piece = bytes(self._buffer[:n])
        del self._buffer[:n]
        self._taken += n
        while n and self._arrivals:
            end, self.read_at = self._arrivals[0]
            if end > self._taken:
                break
            self._arrivals.popleft()
            if end == self._taken:
                break
        return piece
