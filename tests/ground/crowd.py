"""A crowd of axons: one server on every loopback address, in a process of its own.

Argument: JSON with `wait` (seconds before an answer) and `every` (each how many-th address is never answered; 0 for
none). Prints its port.
"""

import asyncio
import json
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def main(wait: float, every: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not writer.get_extra_info("peername")[0].startswith("127."):
            writer.close()
            return
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
            third, last = writer.get_extra_info("sockname")[0].split(".")[2:]
            if every and (int(third) * 250 + int(last) - 1) % every == 0:
                await reader.read()
            await asyncio.sleep(wait)
            writer.write(ANSWER)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=1024)  # noqa: S104 - all of 127.0.0.0/8
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - what the test waits for
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
