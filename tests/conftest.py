"""What the tests stand on: real axons of the SDK 10, a slow way to them, and wallets."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import pytest
from bittensor_wallet import Keyfile, Keypair
from ground.asking import HOTKEY
from ground.jitter import JitterProxy
from ground.need import need

from dendrite_cli.model import Axon

GROUND = Path(__file__).parent / "ground"
PASSWORD = "Correct-horse-9"  # noqa: S105 - of a key made for the tests


@pytest.fixture(scope="session")
def sdk10_python() -> str:
    """The interpreter of an environment with bittensor 10."""
    own = sys.executable if version("bittensor").startswith("10.") else None
    found = os.environ.get("DENDRITE_SDK10_PYTHON", own)
    need(found, "an interpreter with bittensor 10, named by DENDRITE_SDK10_PYTHON")
    return str(found)


@pytest.fixture(scope="session")
def sdk10(sdk10_python, tmp_path_factory) -> Iterator[dict[str, dict]]:
    """Unmodified 10.5.0 axons: good, blacklist, picky, slow, priority; each with host, port and hotkey."""
    home = tmp_path_factory.mktemp("sdk10")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "BT_NO_PARSE_CLI_ARGS": "1", "READ_ONLY": "1"}
    complaints = home / "stderr"
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            [sdk10_python, "-W", "ignore", str(GROUND / "sdk10_axons.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            text=True,
        ) as program,
    ):
        assert program.stdout
        listening = program.stdout.readline()
        # nothing at all means that it has ended, and then it said why
        assert listening, complaints.read_text()
        yield json.loads(listening)
        program.kill()


@pytest.fixture
def jq() -> None:
    """The program; where it is missing, the test is skipped."""
    need(shutil.which("jq"), "jq")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is bound and does not listen."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def jitter_proxy() -> Iterator[Callable[..., tuple[str, int]]]:
    """Start proxies in front of an axon; each request through one is 0 to `max_ms` late."""
    with ExitStack() as stack:
        yield lambda host, port, max_ms: (
            "127.0.0.1",
            stack.enter_context(JitterProxy(host, port, max_ms / 1000)).port,
        )


@pytest.fixture(scope="session")
def made_wallets(tmp_path_factory) -> Path:
    """Made once, because encryption takes seconds: a plain hotkey, a locked one, a corrupt one, and a coldkey."""
    directory = tmp_path_factory.mktemp("made") / "wallets"
    hotkeys = directory / "validator" / "hotkeys"
    hotkeys.mkdir(parents=True)
    plain = Keypair.create_from_uri("//plain")
    Keyfile(str(hotkeys / "default"), "default").set_keypair(plain, encrypt=False, overwrite=True)
    (hotkeys / "defaultpub.txt").write_text(json.dumps({"ss58Address": plain.ss58_address}))
    Keyfile(str(hotkeys / "locked"), "locked").set_keypair(
        Keypair.create_from_mnemonic(Keypair.generate_mnemonic()), encrypt=True, overwrite=True, password=PASSWORD
    )
    (hotkeys / "corrupt").write_bytes(b"garbage")
    (hotkeys.parent / "coldkey").write_text("not yours")
    return directory


@pytest.fixture
def wallets(made_wallets, tmp_path) -> Path:
    """A wallet directory of the test's own."""
    return shutil.copytree(made_wallets, tmp_path / "wallets")


@pytest.fixture
def password_file(tmp_path) -> Path:
    """A file that opens the locked hotkey."""
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\nsecond line\n")
    return path


@pytest.fixture
def far_axons() -> Iterator[Callable[..., list[Axon]]]:
    """Return axons on as many loopback addresses; their server has a process, and descriptors, of its own."""
    servers = []

    def start(number: int, *, silent: int = 0, seconds: float = 0.0) -> list[Axon]:
        nature = {"every": number // silent if silent else 0, "wait": seconds}
        command = [sys.executable, str(GROUND / "crowd.py"), json.dumps(nature)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        servers.append(server)
        port = int(server.stdout.readline())
        return [Axon(f"127.1.{place // 250}.{place % 250 + 1}", port, HOTKEY) for place in range(number)]

    yield start
    for server in servers:
        server.kill()
        server.communicate()
