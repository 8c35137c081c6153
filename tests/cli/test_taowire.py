"""The program against taowire's miner, which speaks btauth/1 and believes its chain about who may ask."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from bittensor_wallet import Keyfile, Keypair
from ground.cli import dendrite, environment

pytestmark = pytest.mark.skipif(not find_spec("taowire"), reason="taowire is installed beside bittensor 11 alone")
PROGRAM = Path(__file__).parent.parent / "ground" / "taowire_miner.py"


@pytest.fixture(scope="module")
def miner() -> Iterator[str]:
    """How to address it."""
    command = [sys.executable, "-W", "ignore", str(PROGRAM)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as program:
        assert program.stdout
        told = next((line for line in program.stdout if line.startswith("{")), None)
        assert told, "it has ended"
        where = json.loads(told)
        yield f"btauth://{where['hotkey']}@127.0.0.1:{where['port']}/v1/transform"
        program.kill()


def ask(miner, uri, wallets):
    hotkeys = wallets / uri.strip("/") / "hotkeys"
    hotkeys.mkdir(parents=True)
    Keyfile(str(hotkeys / "default"), "default").set_keypair(
        Keypair.create_from_uri(uri), encrypt=False, overwrite=True
    )
    signing = ("--wallet-path", str(wallets), "-w", uri.strip("/"))
    return json.loads(dendrite("query", "-q", *signing, "-a", miner, "text=hello").stdout)


def test_a_validators_request_is_answered(miner, tmp_path):
    record = ask(miner, "//Alice", tmp_path)

    assert (record["outcome"], record["http_status"], record["body"]) == ("ok", 200, {"result": "HELLO"})


def test_a_stranger_is_refused_in_its_words(miner, tmp_path):
    record = ask(miner, "//Dave", tmp_path)

    assert (record["outcome"], record["http_status"]) == ("forbidden", 403)
    assert record["status_message"]
    assert record["hint"]
