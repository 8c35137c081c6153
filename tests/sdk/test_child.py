"""The child process that asks: what it says, what it must not say, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from ground.node import SUBNETS, serving_node

from dendrite_cli.errors import ChainError
from dendrite_cli.sdk import child
from dendrite_cli.sdk.base import fetch


@pytest.fixture
def silent():
    """A node that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ws://127.0.0.1:{server.getsockname()[1]}", server


def children() -> set[int]:
    """Return the processes that ask."""
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and b"-m\0dendrite_cli.sdk\0" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found


def gone(pids: set[int], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not pids & children():
            return True
        time.sleep(0.05)
    return False


def installed(folder: Path, version: str, code: str = "") -> None:
    """Put a bittensor of this version where Python looks first."""
    (folder / f"bittensor-{version}.dist-info").mkdir()
    (folder / f"bittensor-{version}.dist-info" / "METADATA").write_text(f"Name: bittensor\nVersion: {version}\n")
    (folder / "bittensor").mkdir()
    (folder / "bittensor" / "__init__.py").write_text(code)


def test_without_bittensor_the_way_to_get_it_is_told(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata\n"
        "real = metadata.version\n"
        "def version(name):\n"
        "    if name == 'bittensor': raise metadata.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "metadata.version = version\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ChainError, match="bittensor is not installed") as problem:
        fetch("ws://127.0.0.1:1", 1, 10)
    assert "pip install 'bittensor>=10,<12'" in str(problem.value.help)


@pytest.mark.parametrize("version", ["12.0.0", "9.11.0"])
def test_a_bittensor_of_another_major_is_told(version, tmp_path, monkeypatch):
    installed(tmp_path, version)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ChainError, match=f"bittensor {version} cannot be used"):
        fetch("ws://127.0.0.1:1", 1, 10)


def test_a_bittensor_that_cannot_be_imported_is_told_with_its_reason(tmp_path, monkeypatch):
    installed(tmp_path, "11.9.0", "raise ImportError('no libsomething')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ChainError, match=r"bittensor 11\.9\.0 cannot be used.*no libsomething"):
        fetch("ws://127.0.0.1:1", 1, 10)


def test_a_child_that_dies_is_an_error_with_its_last_words(tmp_path, monkeypatch):
    installed(tmp_path, "11.9.0", "import os, sys; print('oh no', file=sys.stderr, flush=True); os._exit(7)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ChainError, match=r"ended without an answer \(code 7\)") as problem:
        fetch("ws://127.0.0.1:1", 1, 10)
    assert "oh no" in " ".join(problem.value.details)


def test_what_an_sdk_prints_reaches_none_of_our_streams(tmp_path, monkeypatch, capfd):
    code = "import os, sys; print('A'); os.write(1, b'{}\\n'); print('B', file=sys.stderr); os.system('echo C')"
    installed(tmp_path, "11.9.0", code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(ChainError, match="cannot be used"):
        fetch("ws://127.0.0.1:1", 1, 10)

    assert capfd.readouterr() == ("", "")


def test_a_real_fetch_prints_nothing(tmp_path, capfd):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        fetch(url, 1, 20)

    assert capfd.readouterr() == ("", "")


def test_a_child_that_is_not_done_in_time_is_killed(silent):
    url, _ = silent
    before = children()

    assert child.ask(url, 1, 1.5) is None

    assert gone(children() - before, 1)


def test_a_secret_in_the_url_is_on_no_command_line(silent):
    url, server = silent
    secret = url.replace("ws://", "ws://user:hunter22@")
    code = f"from dendrite_cli.sdk import child; child.ask({secret!r}, 1, 10)"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        server.settimeout(20)
        connection, _ = server.accept()
        seen = [(Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in children()]
        parent.kill()
    connection.close()

    assert seen
    assert not any(b"hunter22" in line for line in seen)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_child_does_not_outlive_its_parent(silent, number):
    url, server = silent
    before = children()
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"from dendrite_cli.sdk import child; child.ask({url!r}, 1, 60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        server.settimeout(20)
        connection, _ = server.accept()
        asking = children() - before
        assert asking
        os.kill(parent.pid, number)
        parent.wait(10)
    connection.close()

    assert gone(asking)
