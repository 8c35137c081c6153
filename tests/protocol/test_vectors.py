"""Every golden vector of bittensor 10.5.0: what it said for a synapse, we say too."""

import json
from pathlib import Path

import pytest
from bittensor_wallet import Keypair

from dendrite_cli.model import ENVELOPE, Axon
from dendrite_cli.protocol import Stamp
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.load import load
from dendrite_cli.synapse.request import prepare

VECTORS = Path(__file__).parent.parent / "vectors"
GOLDEN = json.loads((VECTORS / "synapse.json").read_text())
AXON = Axon("127.0.0.1", 18100, GOLDEN["axon"])
STAMP = Stamp(GOLDEN["nonce"], GOLDEN["uuid"], "192.0.2.10")
SIZES = ("total_size", "header_size")
"""What `sys.getsizeof` says of bittensor's own objects; axons ignore it."""
REFUSED_BY_ITS_AXON = {"sn50_simulation_strict"}
"""Where v10's stand-in for a required field is refused by the axon, ours is the real value."""


class Recorder:
    """A signer with the vectors' hotkey, whose key is not known; it keeps what it was to sign."""

    ss58_address = GOLDEN["client"]
    signed = b""

    def sign(self, data: bytes) -> bytes:
        self.signed = data
        return bytes(64)


def wire_of(vector) -> SynapseWire:
    spec = vector["synapse"].replace("bittensor:", "dendrite_cli.synapse.model:")
    timeout = float(vector.get("headers", {}).get("timeout", 5.0))
    return SynapseWire(prepare(load(spec, [VECTORS]), vector["body"], timeout))


vectors = pytest.mark.parametrize("vector", GOLDEN["vectors"], ids=lambda vector: vector["name"])


@vectors
def test_path_signed_message_and_body_hash_are_those_of_bittensor_10(vector):
    signer = Recorder()

    message = wire_of(vector).message(AXON, STAMP, signer)

    assert (message.method, message.path) == ("POST", vector["path"])
    assert message.headers["computed_body_hash"] == vector["body_hash"]
    assert signer.signed.decode() == vector["message"]


@pytest.mark.parametrize(
    "vector",
    [vector for vector in GOLDEN["vectors"] if vector.get("json_body_as_sent", "").endswith("}")],
    ids=lambda vector: vector["name"],
)
def test_the_body_is_the_one_that_bittensor_10_sends(vector):
    ours = json.loads(b"".join(wire_of(vector).message(AXON, STAMP, Recorder()).body))

    theirs = json.loads(vector["json_body_as_sent"])
    for side in ("dendrite", "axon"):
        for end in (ours, theirs):
            end[side].pop("signature")  # random, and verified elsewhere
    for size in SIZES:
        for end in (ours, theirs):
            end.pop(size)
    assert ours == theirs
    # a hash over a dict depends on the order of its keys
    assert json.dumps(fields(ours)) == json.dumps(fields(theirs))


@pytest.mark.parametrize(
    "vector",
    [vector for vector in GOLDEN["vectors"] if vector.get("headers")],
    ids=lambda vector: vector["name"],
)
def test_the_headers_are_those_that_bittensor_10_sends(vector):
    ours = wire_of(vector).message(AXON, STAMP, Recorder()).headers

    theirs = vector["headers"]
    ignored = {*SIZES, "bt_header_dendrite_signature"}
    if vector["name"] in REFUSED_BY_ITS_AXON:
        ignored |= {name for name in theirs if name.startswith("bt_header_input_obj_")}
    assert {name: ours[name] for name in theirs if name not in ignored} == {
        name: value for name, value in theirs.items() if name not in ignored
    }
    assert set(ours) - set(theirs) == {"Content-Type"}


@vectors
def test_our_signature_verifies(vector):
    keypair = Keypair.create_from_uri("//dendrite")

    message = wire_of(vector).message(AXON, STAMP, keypair)

    signed = vector["message"].replace(GOLDEN["client"], keypair.ss58_address)
    assert Keypair(ss58_address=keypair.ss58_address).verify(signed, f"0x{message.signature}")


def fields(body) -> dict:
    return {name: value for name, value in body.items() if name not in ENVELOPE}
