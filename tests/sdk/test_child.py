"""The child process that asks: what it says, what it must not say, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import venv
from pathlib import Path

import pytest
from ground.node import SUBNETS, serving_node
from ground.processes import alive, children, command_line, gone

import dendrite_cli
from dendrite_cli.errors import ChainError
from dendrite_cli.sdk import child
from dendrite_cli.sdk.base import fetch

STARTS = "import subprocess; open({path!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))\n"
"""Has an SDK start a process, which has all of the SDK's streams, and writes its number."""


@pytest.fixture
def silent():
    """A node that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        yield f"ws://127.0.0.1:{server.getsockname()[1]}", server


def test_without_bittensor_the_way_to_get_it_is_told(tmp_path):
    venv.create(tmp_path / "bare")
    (tmp_path / "dendrite_cli").symlink_to(Path(dendrite_cli.__file__).parent)
    code = (
        "from dendrite_cli.errors import ChainError\n"
        "from dendrite_cli.sdk.base import fetch\n"
        "try: fetch('ws://127.0.0.1:1', 1, 60)\n"
        "except ChainError as problem: print(problem.message, problem.help, sep='|')"
    )
    command = [tmp_path / "bare" / "bin" / "python", "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)

    assert done.stdout.startswith("bittensor is not installed|pip install 'bittensor>=10,<12'; ")


@pytest.mark.parametrize("version", ["12.0.0", "9.11.0"])
def test_a_bittensor_of_another_major_is_told(version, installed):
    installed(version)

    with pytest.raises(ChainError, match=f"bittensor {version} cannot be used") as problem:
        fetch("ws://127.0.0.1:1", 1, 60)
    assert "pip install 'bittensor>=10,<12'" in str(problem.value.help)


def test_a_bittensor_that_cannot_be_imported_is_told_with_its_reason(installed):
    installed("11.9.0", "raise ImportError('no libsomething')")

    with pytest.raises(ChainError, match=r"bittensor 11\.9\.0 cannot be used.*no libsomething"):
        fetch("ws://127.0.0.1:1", 1, 60)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("raise AttributeError('no such field')", "no such field"),
        ("class A: pass\nA.b", "no attribute 'b'"),
        ("1/0", "zero"),
    ],
)
def test_a_bittensor_that_breaks_at_its_import_is_told_with_its_reason(ending, words, installed):
    installed("11.9.0", ending)

    with pytest.raises(ChainError, match=rf"bittensor 11\.9\.0 cannot be used.*{words}") as problem:
        fetch("ws://127.0.0.1:1", 1, 60)
    assert "pip install" in str(problem.value.help)


def test_a_bittensor_10_without_its_chain_library_is_told(installed):
    folder = installed("10.9.0")
    (folder / "async_substrate_interface.py").write_text("raise ImportError('no cyscale')")

    with pytest.raises(ChainError, match=r"bittensor 10\.9\.0 cannot be used.*no cyscale"):
        fetch("ws://127.0.0.1:1", 1, 60)


def test_a_child_that_is_killed_is_an_error_with_its_signal(installed):
    installed("11.9.0", "import os; os.kill(os.getpid(), 9)")

    with pytest.raises(ChainError, match=r"ended without an answer \(signal 9\)"):
        fetch("ws://127.0.0.1:1", 1, 60)


def test_a_child_that_dies_is_an_error_with_its_last_words(installed):
    installed("11.9.0", "import os, sys; print('oh no', file=sys.stderr, flush=True); os._exit(7)")

    with pytest.raises(ChainError, match=r"ended without an answer \(code 7\)") as problem:
        fetch("ws://127.0.0.1:1", 1, 60)
    assert "oh no" in " ".join(problem.value.details)


def test_what_an_sdk_prints_reaches_none_of_our_streams(installed, capfd):
    code = "import os, sys; print('A'); os.write(1, b'{}\\n'); print('B', file=sys.stderr); os.system('echo C')"
    installed("11.9.0", code)

    with pytest.raises(ChainError, match="cannot be used"):
        fetch("ws://127.0.0.1:1", 1, 60)

    assert capfd.readouterr() == ("", "")


def test_a_real_fetch_prints_nothing(tmp_path, capfd):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        fetch(url, 1, 60)

    assert capfd.readouterr() == ("", "")


def test_a_child_that_is_not_done_in_time_is_killed(silent):
    url, _ = silent
    before, threads = children(os.getpid()), threading.active_count()

    assert child.ask(url, 1, 1.5) is None

    assert children(os.getpid()) == before
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    "ending",
    [
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); time.sleep(600)",
        "raise ImportError",
        "raise SystemExit",
        "import os; os.abort()",
    ],
)
def test_what_an_sdk_has_started_ends_with_it(ending, installed, tmp_path):
    started = tmp_path / "started"
    installed("11.9.0", STARTS.format(path=str(started)) + ending)

    with pytest.raises(ChainError):
        fetch("ws://127.0.0.1:1", 1, 3)

    assert gone({int(started.read_text())})


def test_an_answer_does_not_wait_for_what_an_sdk_has_started(installed, tmp_path):
    started = tmp_path / "started"
    installed("11.9.0", STARTS.format(path=str(started)) + "raise ImportError('and this')")

    began = time.monotonic()
    with pytest.raises(ChainError, match="and this"):
        fetch("ws://127.0.0.1:1", 1, 60)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("ending", ["raise ChainError(words)", "print(words, file=sys.stderr); os._exit(7)"])
def test_an_sdk_that_says_a_secret_is_not_repeated(ending, installed, capfd):
    code = (
        "import os, sys\n"
        "class ChainError(Exception): pass\n"
        "class RpcConnectionError(Exception): pass\n"
        "class RpcSubstrate:\n"
        "    def __init__(self, url): self.url = url\n"
        "    async def connect(self):\n"
        "        words = f'no luck at {self.url}, nor at ws://me:hunter22@x; is t0ken99 right?'\n"
        f"        {ending}\n"
    )
    installed("11.9.0", code)

    with pytest.raises(ChainError) as problem:
        fetch("ws://somebody:hunter22@127.0.0.1:1/cafe0123?key=t0ken99", 1, 20)

    told = f"{problem.value.message} {problem.value.details}"
    assert "no luck at ws://127.0.0.1:1, nor at ws://x; is … right?" in told
    assert capfd.readouterr() == ("", "")


def test_a_secret_in_the_url_is_on_no_command_line(silent):
    url, server = silent
    secret = url.replace("ws://", "ws://user:hunter22@")
    code = f"from dendrite_cli.sdk import child; child.ask({secret!r}, 1, 60)"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        connection, _ = server.accept()
        seen = [command_line(number) for number in children(parent.pid)]
        parent.kill()
    connection.close()

    assert len(seen) == 1
    assert b"hunter22" not in seen[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_child_does_not_outlive_its_parent(silent, number):
    url, server = silent
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"from dendrite_cli.sdk import child; child.ask({url!r}, 1, 600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        connection, _ = server.accept()
        asking = children(parent.pid)
        assert len(asking) == 1
        assert all(alive(each) for each in asking)
        os.kill(parent.pid, number)
        assert parent.wait(10) == -number
    connection.close()

    assert gone(asking)


def test_what_a_child_has_started_does_not_outlive_the_parent_either(installed, tmp_path):
    started = tmp_path / "started"
    installed("11.9.0", STARTS.format(path=str(started)) + "import time; time.sleep(600)")
    code = "from dendrite_cli.sdk import child; child.ask('ws://127.0.0.1:1', 1, 600)"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        end = time.monotonic() + 20
        while not (started.exists() and started.read_text()) and time.monotonic() < end:
            time.sleep(0.02)
        sleeper = int(started.read_text())
        assert alive(sleeper)
        parent.kill()

    assert gone({sleeper})


def test_a_ctrl_c_ends_the_wait_at_once_and_the_child_with_it(silent):
    url, _ = silent
    before = children(os.getpid())
    threading.Timer(1.0, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        child.ask(url, 1, 600)

    assert time.monotonic() - began < 10
    assert children(os.getpid()) == before
