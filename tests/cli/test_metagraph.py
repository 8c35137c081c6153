"""`--netuid` against a node: through the SDK of this environment, to mock axons."""

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.node import SUBNETS, serving_node
from ground.subnet import Neuron, fleet, subnet_file

SDKS = {"bittensor", "async_substrate_interface", "websockets", "scalecodec", "bittensor_core"}


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    """An environment of one's own: cache and whatever an SDK writes."""
    return {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def records(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("size", [4, 256, 1024])
def test_a_subnet_is_pinged_and_every_neuron_has_its_row(size, home, tmp_path):
    with (
        fleet(size) as neurons,
        serving_node(subnet_file(tmp_path / "sn1.json", neurons), home=tmp_path) as url,
    ):
        done = dendrite("ping", "--netuid", "1", "-n", url, "--ephemeral", "-o", "ndjson", env=home)

    by_uid = {record["axon"]["uid"]: record for record in records(done)}
    assert sorted(by_uid) == list(range(size)), done.stderr
    assert {uid: record["outcome"] for uid, record in by_uid.items()} == {
        uid: neuron.outcome for uid, neuron in enumerate(neurons)
    }
    for uid, neuron in enumerate(neurons):
        axon = by_uid[uid]["axon"]
        served = (neuron.host, neuron.port) if neuron.host else (None, None)
        assert (axon["hotkey"], axon["host"], axon["port"]) == (neuron.hotkey, *served)
        assert (axon["netuid"], axon["source"]) == (1, "metagraph")
        assert axon["block"] > 0
    assert done.returncode == 1
    assert f"{size} of {size} uids" in done.stderr
    count = Counter(neuron.outcome for neuron in neurons)
    assert f"{size} uids · {size - count['not_serving']} dialled" in done.stderr
    assert f"{count['ok']} ok" in done.stderr
    if size > 8:
        assert f'403  {count["forbidden"]} axons: "Not enough stake"' in done.stderr


def test_ipv6_unserved_neurons_and_empty_columns_are_told_as_they_are(home, tmp_path):
    with serving_node(SUBNETS / "edge.json", home=tmp_path) as url:
        done = dendrite("axons", "--netuid", "1", "-n", url, env=home)
        empty = dendrite("ping", "--netuid", "2", "-n", url, "--ephemeral", env=home)

    rows = [(row["uid"], row["host"], row["port"], row["barred"]) for row in records(done)]
    assert rows == [
        (0, "::1", 8091, None),
        (1, "2001:db8::7", 65535, None),
        (2, None, None, "not_serving"),
        (3, "127.0.0.4", 8091, None),
    ]
    assert (empty.returncode, empty.stdout) == (4, "")
    assert "netuid 2 has no neurons" in empty.stderr


def test_a_second_run_needs_neither_the_chain_nor_an_sdk(home, tmp_path):
    neurons = [Neuron("one", "connect_refused", "127.0.0.2", 1)]
    ping = ("ping", "--netuid", "1", "--layer", "tcp", "-o", "json")
    with serving_node(subnet_file(tmp_path / "sn1.json", neurons), home=tmp_path) as url:
        first = dendrite(*ping, "-n", url, env=home)
    # the node is gone: whoever asked it would fail
    second = dendrite(*ping, "-n", url, env=home | {"PYTHONPROFILEIMPORTTIME": "1"})

    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in second.stderr.splitlines() if "|" in line}
    runs = [json.loads(done.stdout) for done in (first, second)]
    assert [run["results"][0]["outcome"] for run in runs] == ["connect_refused"] * 2
    assert runs[0]["run"]["block"] == runs[1]["run"]["block"]
    assert "dendrite_cli" in loaded
    assert loaded & SDKS == set()


def test_refresh_asks_the_chain_however_fresh_the_cache_is(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        assert dendrite("axons", "--netuid", "1", "-n", url, env=home).returncode == 0
    done = dendrite("axons", "--netuid", "1", "-n", url, "--refresh", env=home)

    assert done.returncode == 5


def test_both_sdks_tell_the_same(sdk10_python, home, tmp_path):
    if version("bittensor").startswith("10."):
        pytest.skip("compares SDK 11's with SDK 10's, and is run under SDK 11")
    with serving_node(SUBNETS / "finney_sn1_loopback.json.xz", home=tmp_path) as url:
        program = [sdk10_python, *PROGRAM[1:]]
        asked = ("axons", "--netuid", "1", "-n", url, "--refresh", "-o", "ndjson")
        theirs = subprocess.run(
            [*program, *asked], capture_output=True, text=True, env=environment(**home), check=False, timeout=60
        )
        ours = dendrite(*asked, env=home)
        sample = (*asked, "--sample", "16", "--seed", "7")
        drawn = subprocess.run(
            [*program, *sample], capture_output=True, text=True, env=environment(**home), check=False, timeout=60
        )

        assert len(records(ours)) == 1024, theirs.stderr
        assert theirs.stdout == ours.stdout
        assert drawn.stdout == dendrite(*sample, env=home).stdout
        assert len(records(drawn)) == 16


def test_a_node_that_is_down_is_exit_5_and_the_cache_is_offered(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        assert dendrite("axons", "--netuid", "1", "-n", url, env=home).returncode == 0
    down = dendrite("ping", "--netuid", "1", "-n", url, "--refresh", "--ephemeral", env=home)
    other = dendrite("ping", "--netuid", "7", "-n", url, "--ephemeral", env=home)
    offline = dendrite("axons", "--netuid", "1", "-n", url, "--offline", env=home)

    assert (down.returncode, down.stdout) == (5, "")
    assert f"nothing listens at {url}" in down.stderr
    assert "--offline takes the cached metagraph" in down.stderr
    assert other.returncode == 5
    assert "--snapshot FILE" in other.stderr
    assert "cached" not in other.stderr
    assert len(records(offline)) == 4


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (["hang"], "within 2 s"),
        (["hang-connect"], "within 2 s"),
        (["drop:state_call"], "cut the connection"),
        (["garbage:state_call"], "cannot read the answer"),
        (["http:503"], "HTTP 503"),
    ],
)
def test_a_node_that_misbehaves_is_exit_5_within_the_time(faults, words, home, tmp_path):
    limit = 2.0 if "within" in words else 20.0
    with serving_node(SUBNETS / "sn1_4.json", faults=tuple(faults), home=tmp_path) as url:
        began = time.monotonic()
        done = dendrite(
            "ping", "--netuid", "1", "-n", url, "--ephemeral", "--chain-timeout", f"{limit:g}", "-o", "json", env=home
        )
        took = time.monotonic() - began

    error = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode, done.stdout) == (5, "")
    assert words in error["message"]
    assert error["help"]
    assert took < limit + 5


def test_a_netuid_that_is_not_there_is_exit_4(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        done = dendrite("ping", "--netuid", "77", "-n", url, "--ephemeral", env=home)

    assert done.returncode == 4
    assert f"there is no netuid 77 on {url}" in done.stderr


def test_a_password_in_a_node_s_url_is_nowhere(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=tmp_path) as url:
        secret = url.replace("ws://", "ws://user:hunter22@") + "/key-4711?token=hunter22"
        done = dendrite("ping", "--netuid", "1", "-n", secret, "--ephemeral", "--layer", "tcp", "-vv", env=home)
        document = dendrite("ping", "--netuid", "1", "-n", secret, "--layer", "tcp", "-o", "json", env=home)
    down = dendrite("ping", "--netuid", "2", "-n", secret, "--ephemeral", env=home)

    said = done.stdout + done.stderr + document.stdout + document.stderr + down.stdout + down.stderr
    kept = "".join(
        str(path) + path.read_text(errors="replace") for path in Path(home["XDG_CACHE_HOME"]).rglob("*.json")
    )
    assert url in said
    assert "hunter22" not in said + kept
    assert "key-4711" not in said + kept


def test_ctrl_c_while_the_chain_is_asked_leaves_nothing_behind(home):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        arguments = ("ping", "--netuid", "1", "-n", f"ws://127.0.0.1:{silent.getsockname()[1]}", "--ephemeral")
        program = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(**home),
            start_new_session=True,
        )
        connection, _ = silent.accept()
        os.kill(program.pid, signal.SIGINT)
        stdout, stderr = program.communicate(timeout=10)

        assert (program.returncode, stdout, stderr) == (130, b"", b"")
        connection.settimeout(10)
        with connection:
            while connection.recv(1 << 16):
                """The child's request, until it is gone."""
