"""Mock axons for the tests of the program, in a thread with a loop of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager

from bittensor_wallet import Keypair
from pydantic import BaseModel

from dendrite_cli.mock.axon import serve
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.mock.example import Echo


@contextmanager
def mock_axons(
    behaviours: Sequence[Behaviour],
    host: Callable[[int], str] = lambda _: "127.0.0.1",
    served: Callable[[int], type[BaseModel]] = lambda _: Echo,
    routes: Sequence[str] = ("Echo",),
    protocol: str = "synapse",
) -> Iterator[list[str]]:
    """Serve one mock axon per behaviour; yield how to address each: `HOTKEY@HOST:PORT`.

    Each serves the class of its number, as `Echo` or by other names.
    """
    addresses: list[str] = []
    ready, loop, over = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve_all() -> None:
        async with AsyncExitStack() as stack:
            for number, behaviour in enumerate(behaviours):
                keypair = Keypair.create_from_uri(f"//mock-{number}")
                axon = await stack.enter_async_context(
                    serve(
                        keypair,
                        synapses=dict.fromkeys(routes, served(number)),
                        behaviour=behaviour,
                        host=host(number),
                        protocol=protocol,
                    )
                )
                addresses.append(f"{axon.hotkey}@{axon.host}:{axon.port}")
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve_all(),), daemon=True)
    thread.start()
    ready.wait(60)
    try:
        yield addresses
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@contextmanager
def answering_once(content: bytes, status: str = "200 OK") -> Iterator[int]:
    """Answer one HTTP request with these bytes, whatever it is; yield the port."""

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(1 << 20)
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)
