"""A real bittensor 10.5.0 axon on loopback that verifies every request and gives back what it was sent.

Its key is made from a fixed URI in memory. `external_ip` is given so that nobody is asked for it.
"""

import sys
import threading
from typing import ClassVar

from bittensor.core.axon import Axon
from bittensor.core.synapse import Synapse
from bittensor_wallet import Keypair


class BenchText(Synapse):
    """One text, covered by the signature."""

    text: str
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)


class BenchFloats(Synapse):
    """Many numbers."""

    values: list[float]
    answer: str | None = None


class InMemoryWallet:
    """What an axon reads of a wallet."""

    hotkey = Keypair.create_from_uri("//BenchAxon")
    coldkeypub = hotkey


def text(synapse: BenchText) -> BenchText:
    """Give it back."""
    return synapse


def floats(synapse: BenchFloats) -> BenchFloats:
    """Give it back."""
    return synapse


def main(port: int) -> None:
    """Serve until killed."""
    axon = Axon(wallet=InMemoryWallet(), port=port, ip="127.0.0.1", external_ip="127.0.0.1", external_port=port)
    axon.attach(text).attach(floats)
    axon.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
