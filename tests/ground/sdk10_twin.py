"""Run an unmodified bittensor 10.5.0 Axon with the routes of the side-by-side test, until stdin ends.

`sdk10_twin.py PORT`, in an environment with bittensor 10; prints its hotkey when it listens.
"""

import sys
import time
from types import SimpleNamespace
from typing import ClassVar, Tuple  # noqa: UP035 - v10 compares annotations, and its own says Tuple

PORT = int(sys.argv[1])
del sys.argv[1:]  # bittensor parses the command line of whoever imports it

import bittensor as bt  # noqa: E402
from bittensor.core.errors import SynapseException  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402


class Echo(bt.Synapse):
    text: str = ""
    number: int = 0
    maybe: str | None = None


class Hashed(bt.Synapse):
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text", "number")
    text: str = ""
    number: float = 0


class Needs(bt.Synapse):
    text: str
    number: int


class Refused(bt.Synapse):
    pass


class Busy(bt.Synapse):
    pass


def echo(synapse: Echo) -> Echo:
    return synapse


def hashed(synapse: Hashed) -> Hashed:
    return synapse


def needs(synapse: Needs) -> Needs:
    return synapse


def refused(synapse: Refused) -> Refused:
    return synapse


def blacklist(synapse: Refused) -> Tuple[bool, str]:  # noqa: ARG001, UP006 - v10 compares the signature
    return True, "no stake"


def busy(synapse: Busy) -> Busy:
    synapse.axon.status_code = 429
    synapse.axon.status_message = "Too Many Requests"
    raise SynapseException(synapse=synapse)


hotkey = Keypair.create_from_uri("//axon")
wallet = SimpleNamespace(hotkey=hotkey, coldkeypub=hotkey)
axon = bt.Axon(wallet=wallet, port=PORT, ip="127.0.0.1", external_ip="127.0.0.1")
axon.fast_config.host = "127.0.0.1"
axon.attach(echo).attach(hashed).attach(needs).attach(refused, blacklist_fn=blacklist).attach(busy)
axon.start()
while not axon.fast_server.started:
    time.sleep(0.01)
print(hotkey.ss58_address, flush=True)  # noqa: T201 - for the test that started us
sys.stdin.read()
