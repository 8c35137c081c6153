"""A subnet whose axons are mock axons on loopback addresses, and metagraphs for tests that ask no chain."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bittensor_wallet import Keypair
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.model import NOWHERE, Axon, Metagraph, Standing

FINNEY = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03"
"""The genesis of the public network."""
BLOCK = 7_811_204


@dataclass(frozen=True, slots=True)
class Neuron:
    """One neuron of a subnet, as the chain has it, and what comes of asking it."""

    hotkey: str
    outcome: str
    host: str | None = None
    port: int = 0


@contextmanager
def fleet(size: int) -> Iterator[list[Neuron]]:
    """Serve a subnet of `size` neurons: most answer; each 8th refuses, serves nothing, or is not there any more."""
    kinds = [{1: "forbidden", 2: "not_serving", 3: "connect_refused"}.get(uid % 8, "ok") for uid in range(size)]
    behaviours = [Behaviour(refuse="Not enough stake") if kind == "forbidden" else Behaviour() for kind in kinds]
    with mock_axons(behaviours, host=lambda uid: f"127.1.{uid // 250}.{uid % 250 + 2}") as addresses:
        neurons = []
        for kind, address in zip(kinds, addresses, strict=True):
            hotkey, _, endpoint = address.partition("@")
            host, _, port = endpoint.partition(":")
            served = None if kind == "not_serving" else host
            neurons.append(Neuron(hotkey, kind, served, 1 if kind == "connect_refused" else int(port)))
        yield neurons


def subnet_file(path: Path, neurons: Sequence[Neuron], netuid: int = 1) -> Path:
    """Write what the stand-in node answers."""
    listed = [
        {"uid": uid, "hotkey": neuron.hotkey, "coldkey": f"cold-{uid % 3}", "stake": 5000.0 - uid, "incentive": uid}
        | ({"ip": neuron.host, "port": neuron.port, "protocol": 4} if neuron.host else {})
        for uid, neuron in enumerate(neurons)
    ]
    path.write_text(json.dumps({"netuid": netuid, "name": "fleet", "neurons": listed}))
    return path


def metagraph(*endpoints: tuple[str, int] | None, network: str = "finney", age: float = 0.0) -> Metagraph:
    """Return a metagraph of netuid 1 whose neurons announce these endpoints, in the order of uids."""
    axons = tuple(
        Axon(
            host=endpoint[0] if endpoint else NOWHERE,
            port=endpoint[1] if endpoint else 0,
            hotkey=Keypair.create_from_uri(f"//neuron-{uid}").ss58_address,
            netuid=1,
            uid=uid,
            coldkey=Keypair.create_from_uri(f"//cold-{uid % 3}").ss58_address,
            block=BLOCK,
            source="metagraph",
            standing=Standing(1000.0 - uid, uid / 1000, 0.5, validator_permit=uid % 4 == 0, active=True),
        )
        for uid, endpoint in enumerate(endpoints)
    )
    return Metagraph(network, 1, BLOCK, time.time() - age, FINNEY, axons)
