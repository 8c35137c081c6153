"""How late a stream's chunks are: from the moment they are at our socket to the pipe, and to the screen.

    python benchmarks/streams.py

The axons are a program of its own that says, in every chunk, when it was sent; on loopback that is when it is at our
socket. The pipe is read as `-o ndjson` writes it; the screen is a pseudo-terminal on which the panes are drawn, and
a chunk is there when its last character is. Then 64 axons at 100 chunks a second: is any lost or out of order, and how
much memory does it take?
"""

import argparse
import asyncio
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import ioctl
from pathlib import Path

_HOTKEY = "5H1MpzxG2ZDKaAQ868GC4i6xt5FzP37Yq8gd5WNowZ84HFHL"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_STAMP = re.compile(rb"<(\d+)>")


def main() -> None:
    """Print a row per figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--serve", nargs=2, type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve(*options.serve))
        return
    print("| streams | where | chunks | p50 ms | p95 ms | most ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for where, read in (("pipe", _from_pipe), ("screen", _from_screen)):
        with _axons(50, options.seconds) as port, _started(port, 4, where) as (program, source):
            late = sorted(read(program, source))
        print(
            f"| 4 x 50/s | {where} | {len(late)} | {_of(late, 0.5)} | {_of(late, 0.95)} | {_of(late, 1)} |", flush=True
        )
    with _axons(100, options.seconds) as port, _started(port, 64, "pipe") as (program, source):
        late, peak, whole = _all_of(program, source)
    late.sort()
    print(f"| 64 x 100/s | pipe | {len(late)} | {_of(late, 0.5)} | {_of(late, 0.95)} | {_of(late, 1)} |")
    print(
        f"\n64 x 100/s: {'none lost, all in order' if whole else 'LOST OR OUT OF ORDER'}; peak memory {peak >> 10} MiB"
    )


async def _serve(rate: float, seconds: float) -> None:
    """Send a stamp at that rate to whoever asks."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            writer.write(_HEAD)
            began = time.monotonic()
            for number in range(int(rate * seconds)):
                await asyncio.sleep(began + number / rate - time.monotonic())
                said = f"<{time.monotonic_ns()}> ".encode()
                writer.write(f"{len(said):x}\r\n".encode() + said + b"\r\n")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0)  # noqa: S104 - all of 127.0.0.0/8
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


@contextmanager
def _axons(rate: float, seconds: float) -> Iterator[int]:
    command = [sys.executable, __file__, "--serve", str(rate), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield int(program.stdout.readline()) if program.stdout else 0
        finally:
            program.kill()


@contextmanager
def _started(port: int, axons: int, where: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the program; yield it and the end of what it writes to."""
    targets = [part for number in range(axons) for part in ("-a", f"{_HOTKEY}@127.0.0.{number + 1}:{port}")]
    asked = ["stream", "-s", "Chat", "--unsigned", "--no-history", "-q", "--per-host", "100", *targets]
    output = ["-o", "ndjson"] if where == "pipe" else ["-o", "table", "--layout", "panes"]
    command = [sys.executable, "-m", "dendrite_cli", *asked, *output]
    with tempfile.TemporaryDirectory(prefix="dendrite-bench-") as home:
        if where == "pipe":
            source, sink = os.pipe()
        else:
            source, sink = pty.openpty()
            ioctl(sink, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        with subprocess.Popen(command, stdin=sink, stdout=sink, stderr=subprocess.DEVNULL, env=environment) as program:
            os.close(sink)
            try:
                yield program, source
            finally:
                program.kill()
                os.close(source)


def _pieces(source: int) -> Iterator[tuple[bytes, int]]:
    """Yield what is written, and when it could be read."""
    with suppress(OSError):
        while piece := os.read(source, 1 << 20):
            yield piece, time.monotonic_ns()


def _from_pipe(_program: subprocess.Popen[bytes], source: int) -> list[float]:
    late, rest = [], b""
    for piece, now in _pieces(source):
        *lines, rest = (rest + piece).split(b"\n")
        chunks = (line for line in lines if b'"type":"chunk"' in line)
        late += [(now - int(stamp)) / 1e6 for line in chunks for stamp in _STAMP.findall(line)]
    return late


def _from_screen(_program: subprocess.Popen[bytes], source: int) -> list[float]:
    """Return how late each stamp was when it was first on the screen; what is printed at the end is not new."""
    first: dict[bytes, float] = {}
    rest = b""
    for piece, now in _pieces(source):
        rest = (rest + piece)[-(1 << 16) :]
        for stamp in _STAMP.findall(rest):
            first.setdefault(stamp, (now - int(stamp)) / 1e6)
    return list(first.values())


def _all_of(program: subprocess.Popen[bytes], source: int) -> tuple[list[float], int, bool]:
    late: list[float] = []
    said: dict[int, list[int]] = {}
    rest, peak, complete = b"", 0, 0
    for piece, now in _pieces(source):
        with suppress(OSError):
            status = Path(f"/proc/{program.pid}/status").read_text().splitlines()
            peak = max(peak, int(next(line for line in status if line.startswith("VmHWM")).split()[1]))
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            record = json.loads(line)
            if record["type"] == "chunk":
                stamps = [int(stamp) for stamp in _STAMP.findall(record["text"].encode())]
                said.setdefault(record["index"], []).extend(stamps)
                late += [(now - stamp) / 1e6 for stamp in stamps]
            else:
                complete += record["ok"] and record["stream"]["complete"]
    sizes = {len(stamps) for stamps in said.values()}
    in_order = all(stamps == sorted(stamps) for stamps in said.values())
    return late, peak, complete == len(said) and len(sizes) == 1 and in_order


def _of(late: Sequence[float], share: float) -> str:
    return f"{late[min(int(share * len(late)), len(late) - 1)]:.1f}" if late else "-"


if __name__ == "__main__":
    main()
