"""Run unmodified bittensor 10.5.0 Axons that serve the vectors' synapses, until stdin ends.

In an environment with bittensor 10; prints one JSON object when all of them listen: name to host, port, hotkey.
"""

import asyncio
import json
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar, Tuple  # noqa: UP035 - v10 compares annotations, and its own says Tuple

del sys.argv[1:]  # bittensor parses the command line of whoever imports it

import bittensor as bt  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402

sys.path.append(str(Path(__file__).parent.parent / "vectors"))
import realsyn  # noqa: E402
from realsyn import EchoSynapse, SetsStatus  # noqa: E402


class Drift(bt.Synapse):
    """The axon's copy hashes both fields, the client's only one."""

    required_hash_fields: ClassVar[tuple] = ("a", "b")
    a: str = "A"
    b: str = "B"


class Crash(bt.Synapse):
    """Its handler fails."""


def echo(synapse: EchoSynapse) -> EchoSynapse:
    synapse.reply = f"echo: {synapse.text}"
    synapse.echo_len = len(synapse.text)
    synapse.nested_out = synapse.nested
    synapse.seen_hotkey = synapse.dendrite.hotkey
    return synapse


def drift(synapse: Drift) -> Drift:
    return synapse


def crash(synapse: Crash) -> Crash:
    raise ValueError(synapse.name)


def status(synapse: SetsStatus) -> SetsStatus:
    synapse.axon.status_code = synapse.want
    synapse.axon.status_message = synapse.why
    return synapse


def dummy(synapse: realsyn.Dummy) -> realsyn.Dummy:
    synapse.dummy_output = synapse.dummy_input + 1
    return synapse


def refuse(synapse: EchoSynapse) -> Tuple[bool, str]:  # noqa: ARG001, UP006 - v10 compares the signature
    return True, "Not enough stake"


def refuse_stream(synapse: realsyn.StreamText) -> Tuple[bool, str]:  # noqa: ARG001, UP006 - v10 compares the signature
    return True, "Not enough stake"


async def ponder(synapse: EchoSynapse) -> Tuple[bool, str]:  # noqa: ARG001, UP006 - v10 compares the signature
    await asyncio.sleep(0.002)
    return False, ""


async def dawdle(synapse: EchoSynapse) -> EchoSynapse:
    await asyncio.sleep(5)
    return synapse


def give_up(synapse: EchoSynapse) -> float:  # noqa: ARG001 - v10 compares the signature
    raise TimeoutError


def chat(synapse: realsyn.StreamText) -> realsyn.StreamText.BTStreamingResponse:
    async def tokens(send: object) -> None:
        for piece, pause in STREAMS[synapse.mode](synapse.text):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(pause)

    return synapse.create_streaming_response(tokens)


STREAMS = {
    "slow": lambda text: ((f"{word} ".encode(), 0.02) for word in text.split()),
    "split": lambda text: ((bytes([byte]), 0.005) for byte in text.encode()),
    "large": lambda text: ((text.encode() * 1000, 0.0) for _ in range(200)),
    "zero": lambda _: (),
    "stall": lambda text: ((piece, pause) for piece, pause in ((text.encode(), 60), (b"never", 0))),
    "long": lambda text: ((f"{text} ".encode(), 0.05) for _ in range(1200)),
}


def prompt(synapse: realsyn.StreamPromptingSynapse) -> realsyn.StreamPromptingSynapse.BTStreamingResponse:
    async def tokens(send: object) -> None:
        for message in synapse.messages:
            await send({"type": "http.response.body", "body": message.encode(), "more_body": True})
            await asyncio.sleep(0.02)

    return synapse.create_streaming_response(tokens)


def events(synapse: realsyn.ChatStreamingProtocol) -> realsyn.ChatStreamingProtocol.BTStreamingResponse:
    async def tokens(send: object) -> None:
        for number, word in enumerate(("Hel", "lo")):
            event = {"id": str(number), "choices": [{"index": 0, "delta": {"content": word}}]}
            line = f"data: {json.dumps(event)}\n\n".encode()
            for half in (line[:20], line[20:]):
                await send({"type": "http.response.body", "body": half, "more_body": True})
                await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": True})

    return synapse.create_streaming_response(tokens)


def same(cls: type) -> object:
    """Return a handler that gives back what it got."""

    def handler(synapse: cls) -> cls:
        return synapse

    return handler


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def axon(name: str) -> bt.Axon:
    hotkey = Keypair.create_from_uri(f"//axon-{name}")
    wallet = SimpleNamespace(hotkey=hotkey, coldkeypub=hotkey)
    made = bt.Axon(wallet=wallet, port=free_port(), ip="127.0.0.1", external_ip="127.0.0.1")
    made.fast_config.host = "127.0.0.1"
    return made


ECHOED = (
    realsyn.HashedClassVar,
    realsyn.HashedDeprecated,
    realsyn.FrozenIn,
    realsyn.RequiredEnum,
    realsyn.DatetimeField,
    realsyn.ImageSynapse,
    realsyn.OnDemandRequest,
    realsyn.GetContentsByBuckets,
    realsyn.QueryZkProof,
    realsyn.ProofOfWeightsSynapse,
    realsyn.Competition,
    realsyn.DetectionSynapse,
    realsyn.SatChallenge,
    realsyn.Simulation,
    realsyn.SimulationStrict,
    realsyn.TextToImage,
)

good = axon("good").attach(echo).attach(drift).attach(crash).attach(status).attach(dummy).attach(chat)
good.attach(prompt).attach(events)
for echoed in ECHOED:
    good.attach(same(echoed))
axons = {
    "good": good,
    "blacklist": axon("blacklist").attach(echo, blacklist_fn=refuse).attach(chat, blacklist_fn=refuse_stream),
    "picky": axon("picky").attach(echo, blacklist_fn=ponder),
    "slow": axon("slow").attach(dawdle),
    "priority": axon("priority").attach(echo, priority_fn=give_up),
}
for started in axons.values():
    started.start()
for started in axons.values():
    while not started.fast_server.started:
        time.sleep(0.01)
found = {
    name: {"host": "127.0.0.1", "port": known.port, "hotkey": known.wallet.hotkey.ss58_address}
    for name, known in axons.items()
}
print(json.dumps(found), flush=True)  # noqa: T201 - for the test that started us
sys.stdin.read()
