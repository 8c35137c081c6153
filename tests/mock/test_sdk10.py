"""The mock beside the unmodified SDK: the 10.5.0 Dendrite asks it, and a 10.5.0 Axon answers the same requests."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import pytest
from bittensor_wallet import Keypair
from ground.saying import SAYINGS, SIGNER, hear, say
from pydantic import BaseModel, Field

from dendrite_cli.mock.axon import Behaviour, serve
from dendrite_cli.model import Axon

GROUND = Path(__file__).parent.parent / "ground"
KEYPAIR = Keypair.create_from_uri("//axon")


class Echo(BaseModel):
    text: str = ""
    number: int = 0
    maybe: str | None = None


class Hashed(BaseModel):
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text", "number")
    text: str = ""
    number: float = 0


class HashedMaybe(Hashed):
    maybe: str | None = None


class Needs(BaseModel):
    text: str
    number: int


CLASSES = {"Echo": Echo, "Hashed": Hashed, "Needs": Needs, "Refused": None, "Busy": None}


@pytest.fixture(scope="module")
def sdk10() -> str:
    """The interpreter of an environment with bittensor 10."""
    own = sys.executable if version("bittensor").startswith("10.") else None
    found = os.environ.get("DENDRITE_SDK10_PYTHON", own)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("DENDRITE_SDK10_PYTHON names no interpreter")
    return found


@pytest.fixture(scope="module")
def twin(sdk10) -> Iterator[Axon]:
    """An unmodified 10.5.0 Axon with the mock's key and routes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [sdk10, "-W", "ignore", GROUND / "sdk10_twin.py", str(port)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        hotkey = peer.stdout.readline().strip()
        yield Axon("127.0.0.1", port, hotkey)
        peer.stdin.close()


def refusing(name: str) -> Behaviour:
    if "refused" in name:
        return Behaviour(refuse="no stake")
    return Behaviour()


@pytest.mark.parametrize("name", SAYINGS)
async def test_the_sdks_axon_answers_in_the_same_way(name, twin):
    async with serve(KEYPAIR, synapses=CLASSES, behaviour=refusing(name)) as mock:
        ours = Axon(mock.host, mock.port, mock.hotkey)

        theirs, answer = await hear(twin, SAYINGS[name](twin)), await hear(ours, SAYINGS[name](ours))

    assert answer.status == theirs.status
    assert answer.names == theirs.names
    assert answer.timeless == theirs.timeless.replace(str(twin.port), str(ours.port))
    assert answer.envelope == theirs.envelope


async def test_the_sdks_axon_refuses_a_replay_in_the_same_way(twin):
    async with serve(KEYPAIR, synapses=CLASSES) as mock:
        answers = {}
        for axon in (twin, Axon(mock.host, mock.port, mock.hotkey)):
            said = say(axon)
            answers[axon.port] = [await hear(axon, said), await hear(axon, said)]

    theirs, ours = answers.values()
    assert [answer.status for answer in ours] == [answer.status for answer in theirs] == [200, 401]
    assert ours[1].text == theirs[1].text
    assert ours[1].names == theirs[1].names


async def test_a_status_is_answered_as_by_a_handler_that_sets_it(twin):
    async with serve(KEYPAIR, synapses=CLASSES, behaviour=Behaviour(status=429)) as mock:
        ours = Axon(mock.host, mock.port, mock.hotkey)

        theirs, answer = await hear(twin, say(twin, "Busy")), await hear(ours, say(ours, "Busy"))

    assert (answer.status, answer.text) == (theirs.status, theirs.text) == (429, '{"message":"Too Many Requests"}')
    assert answer.names == theirs.names


async def test_a_class_of_the_sdk_is_served_as_it_is():
    if not version("bittensor").startswith("10."):
        pytest.skip("this interpreter has no bittensor 10")
    with warnings.catch_warnings(action="ignore"):
        from bittensor import Synapse

        class Native(Synapse):
            text: str
            required_hash_fields: list[str] = Field(default=["text"], frozen=True)

    async with serve(KEYPAIR, synapses={"Native": Native}) as mock:
        axon = Axon(mock.host, mock.port, mock.hotkey)
        said = say(axon, "Native", {"text": "hi"}, hashed=("hi",), stand_ins=(("text", b'""'),))

        answer = await hear(axon, said)

    assert (answer.status, json.loads(answer.text)["text"]) == (200, "hi")


async def test_the_sdks_dendrite_is_content(sdk10):
    synapses = {"Hashed": HashedMaybe, "Needs": Needs}
    async with (
        serve(KEYPAIR, synapses=synapses) as good,
        serve(KEYPAIR, synapses=synapses, behaviour=Behaviour(refuse="no stake")) as refusing,
    ):
        program = [sdk10, "-W", "ignore", GROUND / "sdk10_dendrite.py"]
        arguments = [str(good.port), str(refusing.port), good.hotkey, SIGNER.ss58_address]
        peer = await asyncio.create_subprocess_exec(*program, *arguments, stdout=asyncio.subprocess.PIPE)
        said = json.loads((await peer.communicate())[0].splitlines()[-1])

    codes = {name: answer["dendrite"]["status_code"] for name, answer in said.items()}
    assert codes == {"ping": 200, "hashed": 200, "required": 200, "again": 200, "wrong hotkey": 401, "refused": 403}
    assert (said["hashed"]["text"], said["hashed"]["number"], said["required"]["number"]) == ("h\xe9", 1.5, 7)
    assert all(said[name]["axon"]["process_time"] > 0 for name in codes)
    assert said["ping"]["dendrite"]["status_message"] == "Success"
    assert said["wrong hotkey"]["dendrite"]["status_message"].startswith("Not Verified with error: Signature mismatch")
    assert said["refused"]["dendrite"]["status_message"] == "Forbidden. Key is blacklisted: no stake."
