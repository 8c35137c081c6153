"""The demo: mock axons in this process, and the real program asking them in processes of its own."""

import asyncio
import os
import shlex
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from dendrite_cli import settings, wallet
from dendrite_cli.errors import ExitCode
from dendrite_cli.mock.axon import MockAxon, serve
from dendrite_cli.mock.behaviour import Behaviour, Streaming
from dendrite_cli.mock.example import Echo

_CLASS = "dendrite_cli.mock.example:Echo"
_KEY = "--ephemeral"
_WHO = f"ping @axons.txt {_KEY}"
_WHAT = f"query -s {_CLASS} -a @axons.txt -o ndjson --columns endpoint,outcome,timing.total_ms,body.text"
_NATURES = (
    Behaviour(),
    Behaviour(delay=0.3),
    Behaviour(refuse="Not enough stake"),
    Behaviour(status=429),
    Behaviour(drop=True),
    Behaviour(garbage="json"),
)
_SPEAKS = Behaviour(stream=Streaming(text="Slow start begins with a small window, and doubles it.", rate=20))


async def show() -> int:
    """Run the commands one after another; return what the shell is told."""
    with tempfile.TemporaryDirectory() as folder, _closed_port() as closed:
        async with _axons() as (*axons, speaker):
            lines = [_address(axon) for axon in axons] + [f"{axons[0].hotkey}@127.0.0.1:{closed}"]
            (Path(folder) / "axons.txt").write_text("\n".join(lines) + "\n")
            for comment, command in _commands(lines[0], _address(speaker)):
                print(f"\n# {comment}\n$ dendrite {shlex.join(command)}\n", flush=True)  # noqa: T201 - the demo's words
                await _run(command, folder)
    return ExitCode.OK


def _commands(good: str, speaker: str) -> Iterator[tuple[str, Sequence[str]]]:
    anonymous = good.rpartition("@")[2]
    yield "Who is there, and who refuses? A fresh key signs; a wallet's would with -w and -H.", _WHO.split()
    yield "Is anything there at all? Nobody is named, so nothing is signed.", ("ping", anonymous)
    yield "Does it hold the key of its hotkey? It signs a random text.", ("ping", good, "--identity", _KEY)
    yield "What does this synapse take?", ("synapse", "describe", _CLASS)
    yield "What does this axon answer?", ("query", "-s", _CLASS, "-a", good, "text=hello there", "loud:=true", _KEY)
    yield "And one that streams?", ("stream", "-s", _CLASS, "-a", speaker, "text=Explain TCP slow start", _KEY)
    yield "A question to all of them, as records for jq.", (*_WHAT.split(), "text=hello", _KEY, "-q")


async def _run(command: Sequence[str], folder: str) -> None:
    """Run the program as installed, with the streams that we have and nothing of the user's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DENDRITE_", "BT_"))}
    kept |= {"DENDRITE_HISTORY": "0", settings.SWITCH: "0"}
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "dendrite_cli", *command, cwd=folder, env=kept, stdin=asyncio.subprocess.DEVNULL
    )
    await program.wait()


@asynccontextmanager
async def _axons() -> AsyncIterator[list[MockAxon]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(serve(wallet.ephemeral(), synapses={"Echo": Echo}, behaviour=nature))
            for nature in (*_NATURES, _SPEAKS)
        ]


def _address(axon: MockAxon) -> str:
    return f"{axon.hotkey}@{axon.host}:{axon.port}"


@contextmanager
def _closed_port() -> Iterator[int]:
    """Hold a port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
