"""A TCP proxy that delays each request by a random while, in a thread of its own."""

import asyncio
import random
import threading
from contextlib import suppress
from typing import Self


class JitterProxy:
    """Forwards to one axon; 0 to `most` seconds late, so that requests overtake each other."""

    def __init__(self, host: str, port: int, most: float, seed: int = 1) -> None:
        self._target = (host, port)
        self._most = most
        self._random = random.Random(seed)  # noqa: S311 - a delay, no secret
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the proxy did not start")
        return self

    def __exit__(self, *_failure: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._forward, "127.0.0.1", 0, backlog=512) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._over.wait()
        await asyncio.sleep(0.1)  # what is on its way may still arrive

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._pump(reader, back, self._most), self._pump(onward, writer, 0))
        finally:
            for end in (writer, back):
                end.close()
            for end in (writer, back):
                with suppress(OSError):
                    await end.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: float) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                await asyncio.sleep(self._random.uniform(0, most))
                writer.write(piece)
                await writer.drain()
        writer.close()
