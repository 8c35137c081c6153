"""A program that asks for days: one drop-in `Dendrite`, 100,000 calls in one process, and what is left of them.

The first tenth of the calls may grow: imports, caches, connections, the history up to its bound. After it, neither
memory nor descriptors may. The calls are of every kind: many axons at once, single ones, streams, streams that are left
in the middle, and axons that nobody has.
"""

import argparse
import asyncio
import gc
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import stub
from worker import addresses, in_use, limit_descriptors

from dendrite_cli import AxonInfo, Dendrite, StreamingSynapse, Synapse, wallet

_BLOCK = 100
"""Calls: 60 by one `forward`, 30 side by side, 4 streams read and 2 left, 4 to nobody."""
_ROWS = 10
_AXONS = 60


class BenchText(Synapse):
    """A text, given back."""

    text: str


class BenchStream(StreamingSynapse):
    """A text, read piece by piece."""

    text: str
    said: str = ""

    async def process_streaming_response(self, response: Any) -> AsyncIterator[str]:
        """Yield what arrives."""
        async for piece in response.content.iter_any():
            self.said += piece.decode()
            yield piece.decode()

    def extract_response_json(self, _response: Any) -> dict[str, Any]:
        """Return what was read."""
        return {"text": self.text, "said": self.said}


def main() -> None:
    """Make the calls and print what the process holds after each tenth of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
    args = parser.parse_args()
    limit_descriptors(None)
    with stub.pinned(0), stub.serving() as axons, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        rows = asyncio.run(endure(args.calls, axons.port, nobody.getsockname()[1]))
    if args.json:
        print(json.dumps(rows))
        return
    for row in (dict.fromkeys(rows[0], ""), *rows):
        print("".join(f"{value or name:>14}" for name, value in row.items()))
    print(
        f"after the first tenth, per 1,000 calls: {growth(rows, 'in_use_kb'):+.2f} kB in use, "
        f"{growth(rows, 'rss_kb'):+.2f} kB resident; descriptors {growth(rows, 'descriptors'):+.3f}"
    )


def growth(rows: list[dict[str, float]], name: str) -> float:
    """Return by how much a column grew per 1,000 calls, from the first row to the last."""
    first, last = rows[0], rows[-1]
    return (last[name] - first[name]) / max(1.0, last["calls"] - first["calls"]) * 1000


async def endure(calls: int, port: int, nobody: int) -> list[dict[str, float]]:
    """Return what the process held after each tenth of the calls."""
    known = [AxonInfo(1, ip, at, 4, hotkey, hotkey) for ip, at, hotkey in addresses(_AXONS, port, one_ip=False)]
    missing = AxonInfo(1, "127.0.0.1", nobody, 4, known[0].hotkey, known[0].hotkey)
    rows: list[dict[str, float]] = []
    begun = time.perf_counter()
    async with Dendrite(wallet.ephemeral()) as dendrite:
        for block in range(calls // _BLOCK):
            await one_block(dendrite, known, missing, f"text {block}")
            done = (block + 1) * _BLOCK
            if done * _ROWS // calls > len(rows):
                rows.append({"calls": done, **held(), "seconds": round(time.perf_counter() - begun, 1)})
    return rows


async def one_block(dendrite: Dendrite, known: list[AxonInfo], missing: AxonInfo, text: str) -> None:
    """Make the calls of a block; exit if an answer is not what was sent."""
    several = await dendrite(known, BenchText(text=text), deserialize=False)
    singles = await asyncio.gather(*(dendrite.call(axon, BenchText(text=text)) for axon in known[:30]))
    streams = [await read(dendrite, axon, text) for axon in known[:4]]
    for axon in known[:2]:
        async for _ in await dendrite(axon, BenchStream(text=text), streaming=True):
            break
    failed = await dendrite([missing] * 4, BenchText(text=text), deserialize=False)
    good = [synapse.text == text and synapse.is_success for synapse in (*several, *singles)]
    good += [stream.is_success and text in stream.said for stream in streams]
    if not all(good) or any(synapse.dendrite.status_code != 503 for synapse in failed):  # noqa: PLR2004 - HTTP's own
        codes = {synapse.dendrite.status_message for synapse in (*several, *singles, *streams, *failed)}
        raise SystemExit(f"wrong answers: {codes}")


async def read(dendrite: Dendrite, axon: AxonInfo, text: str) -> Any:
    """Return the synapse that a stream ends with."""
    stream = await dendrite(axon, BenchStream(text=text), streaming=True, deserialize=False)
    return [piece async for piece in stream][-1]


def held() -> dict[str, float]:
    """Return what the process holds: memory in kB, objects, descriptors."""
    status = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return {
        "rss_kb": resident,
        "in_use_kb": round(in_use() / 1024),
        "objects": len(gc.get_objects()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
    }


if __name__ == "__main__":
    main()
