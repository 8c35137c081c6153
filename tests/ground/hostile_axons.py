"""A program: every fault as an axon of its own, until it is killed; prints their ports as JSON."""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from ground.faults import FAULTS, Serve


async def main() -> None:
    """Serve all of them."""
    servers = [await asyncio.start_server(_quiet(fault.serve), "127.0.0.1", 0) for fault in FAULTS]
    sys.stdout.write(json.dumps([server.sockets[0].getsockname()[1] for server in servers]) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _quiet(serve: Serve) -> Serve:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, StopIteration):
                await serve(reader, writer)
        finally:
            writer.close()

    return handle


if __name__ == "__main__":
    asyncio.run(main())
