"""Raw servers for one connection after another, and what the engine makes of them."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from bittensor_wallet import Keypair

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.run import run
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Chunk, Outcome, Request
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.answer import reader

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HOTKEY = Keypair.create_from_uri("//axon").ss58_address
SIGNER = Keypair.create_from_uri("//dendrite")
read = reader(None, 12.0)
"""What reads an answer without its class."""


@dataclass
class Heard:
    """An observer that remembers."""

    started_: list[int] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def started(self, index: int, axon: Axon) -> None:  # noqa: ARG002 - the Observer interface
        self.started_.append(index)

    def chunk(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)

    def finished(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    @property
    def in_order(self) -> list[Outcome]:
        return sorted(self.outcomes, key=lambda outcome: outcome.index)


async def ask(  # noqa: PLR0913 - what a run is made of
    axons: list[Axon],
    limits: Limits | None = None,
    schedule: Schedule | None = None,
    *,
    observer: Heard | None = None,
    rounds: int = 1,
    way: Way | None = None,
    body: bytes = b'{"text":"hi"}',
) -> list[Outcome]:
    """Send a signed synapse to every axon, by this way; return the outcomes in order."""
    heard = observer or Heard()
    wire = SynapseWire(Request("Echo", read, body))
    async with http_exchange(lambda _: wire, SIGNER, limits or Limits(), way) as exchange:
        for number in range(1, rounds + 1):
            await run(axons, exchange, [heard], schedule or Schedule(), round=number)
    return heard.in_order


@asynccontextmanager
async def serving(handler: Handler):
    """Run a raw TCP server; yield its Axon."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield Axon("127.0.0.1", server.sockets[0].getsockname()[1], HOTKEY)
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """Return the headers (lower-case) and the body of one HTTP request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return headers, await reader.readexactly(int(headers.get("content-length", 0)))


def answering(content: bytes, status: str = "200 OK", headers: str = "") -> Handler:
    """Return a handler that reads a request and sends one answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    return handle


@contextmanager
def listening():
    """Listen and answer nothing; yield the port, and how to count the connections that came."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def heard() -> int:
            count = 0
            while True:
                try:
                    server.accept()[0].close()
                except TimeoutError:
                    return count
                count += 1

        yield server.getsockname()[1], heard
