"""Ask axons with an unmodified bittensor 10.5.0 Dendrite and print what it made of their answers, as JSON.

`sdk10_dendrite.py GOOD_PORT REFUSING_PORT HOTKEY WRONG_HOTKEY`, in an environment with bittensor 10.
"""

import asyncio
import json
import sys
from typing import ClassVar

GOOD, REFUSING, HOTKEY, WRONG = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
del sys.argv[1:]  # bittensor parses the command line of whoever imports it

import bittensor as bt  # noqa: E402
from bittensor.utils import networking  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402

# the constructor asks six public services for it; a test stays on this machine
networking.get_external_ip = lambda: "192.0.2.10"


class Hashed(bt.Synapse):
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text", "number")
    text: str = ""
    number: float = 0
    maybe: str | None = None


class Needs(bt.Synapse):
    text: str
    number: int


def axon(port: int, hotkey: str) -> bt.AxonInfo:
    return bt.AxonInfo(version=1, ip="127.0.0.1", port=port, ip_type=4, hotkey=hotkey, coldkey=hotkey)


async def main() -> None:
    questions = {
        "ping": (axon(GOOD, HOTKEY), bt.Synapse()),
        "hashed": (axon(GOOD, HOTKEY), Hashed(text="h\N{LATIN SMALL LETTER E WITH ACUTE}", number=1.5)),
        "required": (axon(GOOD, HOTKEY), Needs(text="t", number=7)),
        "again": (axon(GOOD, HOTKEY), bt.Synapse()),
        "wrong hotkey": (axon(GOOD, WRONG), bt.Synapse()),
        "refused": (axon(REFUSING, HOTKEY), bt.Synapse()),
    }
    said = {}
    async with bt.Dendrite(wallet=Keypair.create_from_uri("//dendrite")) as dendrite:
        for name, (whom, what) in questions.items():
            answer = await dendrite.call(whom, what, timeout=5.0, deserialize=False)
            said[name] = answer.model_dump(mode="json")
    print(json.dumps(said))  # noqa: T201 - for the test that started us


asyncio.run(main())
