"""Every example of every help page and man page, and of the README, works as it stands."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from bittensor_wallet import Keyfile, Keypair
from ground.cli import environment
from ground.mocks import mock_axons
from ground.need import need
from ground.schema import check_lines
from ground.subnet import metagraph

from dendrite_cli.axons.cache import Cache
from dendrite_cli.cli import examples
from dendrite_cli.cli.declared import program
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.synapse.model import Synapse

LINES = [pytest.param(path, example.line, id=example.line) for path in program() for example in examples.of(path)]
README = re.sub(
    r"(?s)<!-- five-minutes -->.*<!-- /five-minutes -->",
    "",
    Path(__file__).parents[2].joinpath("README.md").read_text(),
)
TYPED = [
    re.split(r" {2,}# ", line)[0].rstrip()
    for block in re.findall(r"(?s)```sh\n(.*?)```", README)
    for line in block.splitlines()
    if line.startswith("dendrite ")
]
"""What the README has one type beside the first five minutes."""
MODULE = """
from dendrite_cli import StreamingSynapse, Synapse

class MySynapse(Synapse):
    prompt: str
    size: int = 1
    max_tokens: int = 1
    roles: list[str] = []

class ChatStream(StreamingSynapse):
    prompt: str

    async def process_streaming_response(self, response):
        async for piece in response.content.iter_any():
            yield piece.decode()

    def extract_response_json(self, response):
        return {"prompt": self.prompt}
"""
ROUTES = ("MySynapse", "ChatStream", "Chat")
CHAIN = {"snapshot save sn1.json.xz --netuid 1"}
"""What asks the chain, whatever is cached: here there is none."""
ENDLESS = ("dendrite mock", " --watch")
_LONG = 2.0
"""Seconds after which what has no end is ended."""


class Any(Synapse):
    prompt: str = ""
    size: int = 1


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A home with all that the examples speak of; return a shell there, and what HOTKEY and its endpoint are."""
    need(shutil.which("bash"), "bash")
    home = tmp_path_factory.mktemp("desk")
    hotkeys = home / ".bittensor" / "wallets" / "validator" / "hotkeys"
    hotkeys.mkdir(parents=True)
    shutil.copytree(hotkeys, home / ".bittensor" / "wallets" / "default" / "hotkeys")
    for wallet, name in (("validator", "default"), ("validator", "main"), ("default", "default")):
        path = home / ".bittensor" / "wallets" / wallet / "hotkeys" / name
        Keyfile(str(path), name=name).set_keypair(Keypair.create_from_uri("//Alice"), encrypt=False, overwrite=True)
    work = home / "work"
    work.mkdir()
    (work / "mypkg").mkdir()
    (work / "mypkg" / "__init__.py").write_text(MODULE)
    (work / "mypkg" / "protocol.py").write_text(MODULE)
    (work / "image.png").write_bytes(bytes(range(256)))
    (work / "protocol.py").write_text(MODULE)
    (work / "body.json").write_text('{"prompt": "from a file"}')
    script = home / "bin" / "dendrite"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m dendrite_cli "$@"\n')
    script.chmod(0o755)
    assert Cache(home / ".cache" / "dendrite").store(metagraph(*[("192.0.2.1", 1)] * 32)) is None
    with mock_axons([Behaviour()] * 3, served=lambda _: Any, routes=ROUTES) as addresses:
        (work / "axons.txt").write_text("\n".join(addresses))
        hotkey, _, endpoint = addresses[0].partition("@")

        def run(line: str) -> tuple[int, str, str]:
            typed = line.replace("HOTKEY", hotkey).replace("192.0.2.17:8091", endpoint)
            return _type(typed, home, work)

        for _ in range(2):
            run("dendrite query -a @axons.txt -s MySynapse prompt='slow start' --tag nightly")
        run("dendrite snapshot save sn1.json.xz --netuid 1 --offline")
        yield run


def _type(line: str, home: Path, work: Path) -> tuple[int, str, str]:
    """Run a line in a shell; end by Ctrl-C what does not end by itself."""
    env = environment(HOME=str(home), PATH=f"{home / 'bin'}:{os.environ['PATH']}")
    with subprocess.Popen(
        ["bash", "-c", line], cwd=work, env=env, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as shell:  # fmt: skip
        if any(mark in line for mark in ENDLESS):
            time.sleep(_LONG)
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGINT)
        out, err = shell.communicate(timeout=60)
    return shell.returncode, out, err


@pytest.mark.parametrize(("path", "line"), LINES)
def test_an_example_works_as_it_stands(path, line, desk):
    code, out, err = desk(line)

    check_lines(out)
    assert code in _codes(line), err
    assert code in {4, 5} or "error" not in err
    assert path == () or f"dendrite {path[0]}" in line


def _codes(line):
    """Return the exit codes that a line may have here."""
    if line.removeprefix("dendrite ") in CHAIN:
        return {0, 5}
    if "replay last --only failed" in line:
        return {0, 1, 4}  # whether one has failed is the line's before
    if any(mark in line for mark in ENDLESS):
        return {0, 130}
    # axons of the subnet announce addresses at which nobody is
    return {0, 1} if "--netuid 1" in line else {0}


@pytest.mark.parametrize("line", [line for line in TYPED if line not in {param.values[1] for param in LINES}])
def test_a_line_of_the_readme_works_as_it_stands(line, desk):
    typed = line.replace("5F3s…", "HOTKEY").replace("01KAPX3M9Q", "last")
    typed += " -o table" if "--watch --sort" in line else ""  # as it is on a terminal, which nobody has here
    # no neuron of this subnet announces what stands for the endpoint here, and no axon may have failed before
    nobody = "--netuid 1 -a" in line or "replay 01KAPX3M9Q --only failed" in line

    code, out, err = desk(typed)

    check_lines(out if "jq" not in line else "")
    # some of these axons are not there, or speak another protocol, and none is asked wrongly
    assert code in {0, 1, 130, *({4} if nobody else ()), *_codes(line)}, err
    assert code in {4, 5} or "dendrite.error/1" not in err


def test_the_readme_has_lines_to_type():
    assert len(TYPED) > 50
