"""A mock axon from options, until it is interrupted."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from dendrite_cli import records, wallet
from dendrite_cli.cli.mock_options import MockKey, MockNature, MockStream, Speaks
from dendrite_cli.mock.axon import MockAxon, serve
from dendrite_cli.mock.behaviour import Behaviour, Seen, Streaming
from dendrite_cli.model import Axon
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.synapse.load import load

if TYPE_CHECKING:
    from collections import deque

    from bittensor_wallet import Keypair

_LOOK = 0.2
"""Seconds between two looks at what was asked."""


def run(
    specs: Sequence[str],
    pythonpath: Sequence[Path],
    address: tuple[str, int],
    nature: MockNature,
    stream: MockStream,
    key: MockKey,
    speaks: Speaks = Speaks.SYNAPSE,
) -> int:
    """Serve until a signal; say where on stdout, and who asked what on stderr."""
    terminal = Terminal.detect("auto", os.environ, quiet=nature.quiet)
    terminal.claim_stdout()
    synapses = {loaded.name: loaded.cls for loaded in (load(spec, pythonpath) for spec in specs)}
    if not synapses:
        from dendrite_cli.mock.example import Echo

        synapses = {"Echo": Echo}
    return asyncio.run(_serve(terminal, _keypair(key), synapses, address, _behaviour(nature, stream), speaks))


def _keypair(key: MockKey) -> "Keypair":
    if key.wallet is None and key.wallet_hotkey is None:
        return wallet.ephemeral()
    file = wallet.HotkeyFile(key.wallet or "default", key.wallet_hotkey or "default", key.wallet_path)
    return wallet.load(file, password_file=key.password_file)


def _behaviour(nature: MockNature, stream: MockStream) -> Behaviour:
    garbage: Literal["json", "http"] | None = nature.garbage.value if nature.garbage else None
    return Behaviour(nature.refuse, nature.delay, nature.status, nature.drop, garbage, nature.clock, _streaming(stream))


def _streaming(stream: MockStream) -> Streaming | None:
    told = Streaming(
        stream.stream_text,
        stream.stream_size,
        stream.stream_rate,
        stream.stream_stall,
        stream.stream_cut,
        endless=stream.stream_endless,
    )
    return told if stream.stream or told != Streaming() else None


async def _serve(
    terminal: Terminal,
    keypair: "Keypair",
    synapses: Mapping[str, type[BaseModel] | None],
    address: tuple[str, int],
    behaviour: Behaviour,
    speaks: Speaks,
) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _end, ended, number)
    host, port = address
    async with serve(
        keypair, synapses=synapses, behaviour=behaviour, host=host, port=port, protocol=speaks.value
    ) as axon:
        _announce(terminal, axon, synapses, speaks)
        watching = asyncio.create_task(_watch(terminal, axon.seen))
        code = await ended
        watching.cancel()
    return code


def _end(ended: "asyncio.Future[int]", number: signal.Signals) -> None:
    if not ended.done():
        ended.set_result(0 if number is signal.SIGINT else 128 + number)


def _announce(terminal: Terminal, axon: MockAxon, synapses: Mapping[str, object], speaks: Speaks) -> None:
    """Say how to address it: a line to copy on a terminal, an axon record elsewhere."""
    plain = speaks is not Speaks.SYNAPSE
    known = Axon(axon.host, axon.port, axon.hotkey, protocol=speaks.value if plain else None)
    if terminal.out.tty:
        prefix = f"{known.scheme}://" if plain else ""
        terminal.write(f"{prefix}{axon.hotkey}@{known.endpoint}\n".encode())
    else:
        terminal.write(records.encode(records.axon(0, known)) + b"\n")
    what = "every path" if plain else f"Synapse, {', '.join(synapses)}"
    terminal.say(f"serves {what}; Ctrl-C ends it")


async def _watch(terminal: Terminal, seen: "deque[Seen]") -> None:
    """Say what was asked, as it comes."""
    while True:
        while seen:
            request = seen.popleft()
            status = request.status or "no answer"
            terminal.say(f"{status}  {_plain(request.route)}  from {_plain(request.hotkey or 'nobody')}")
        await asyncio.sleep(_LOOK)


def _plain(text: str) -> str:
    from dendrite_cli.output import safe

    return safe.text(text, limit=80)
