"""Through the unmodified SDK of this environment, from a node that speaks the real chain's protocol."""

import json
import lzma
import os
import socket
import threading
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from ground.node import SUBNETS, serving_node

from dendrite_cli.errors import ChainError, ExitCode, TargetError
from dendrite_cli.sdk.base import fetch


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def described(path: Path) -> list[dict]:
    text = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    document = json.loads(text)
    return (document["subnets"][0] if "subnets" in document else document)["neurons"]


@pytest.mark.parametrize(
    "name", ["sn1_4.json", "sn1_256.json", "sn1_1024.json", "edge.json", "finney_sn1_loopback.json.xz"]
)
def test_a_subnet_is_what_its_chain_says(name, home):
    with serving_node(SUBNETS / name, home=home) as url:
        found = fetch(url, 1, 20)

    listed = described(SUBNETS / name)
    assert (found.network, found.netuid, len(found.axons)) == (url, 1, len(listed))
    assert found.genesis.startswith("0x")
    assert abs(found.fetched_at - time.time()) < 60
    for neuron, axon in zip(listed, found.axons, strict=True):
        assert axon.uid == neuron["uid"]
        assert axon.is_serving == ("ip" in neuron and neuron.get("port", 0) > 0)
        if axon.is_serving:
            assert (ip_address(axon.host), axon.port) == (ip_address(neuron["ip"]), neuron["port"])
        assert axon.standing.validator_permit == neuron.get("validator_permit", False)
        assert axon.standing.active == neuron.get("active", True)
        if isinstance(neuron.get("incentive"), float):
            assert abs(axon.standing.incentive - neuron["incentive"]) < 1e-4
        if "stake" in neuron and "tao_stake" not in neuron:
            assert abs(axon.standing.stake - neuron["stake"]) < 1e-3


def test_a_subnet_without_neurons_is_empty_and_one_that_is_not_there_is_an_error(home):
    with serving_node(SUBNETS / "edge.json", home=home) as url:
        assert fetch(url, 2, 20).axons == ()
        with pytest.raises(TargetError, match="there is no netuid 77") as problem:
            fetch(url, 77, 20)
    assert problem.value.exit_code is ExitCode.TARGET


@pytest.mark.parametrize("netuid", [-1, 65_536])
def test_a_netuid_that_cannot_be_is_known_without_the_chain(netuid):
    with pytest.raises(TargetError, match=f"there is no netuid {netuid}"):
        fetch("ws://127.0.0.1:1", netuid, 5)


def failing(url: str, seconds: float = 15) -> tuple[ChainError, float]:
    began = time.monotonic()
    with pytest.raises(ChainError) as problem:
        fetch(url, 1, seconds)
    assert problem.value.exit_code is ExitCode.CHAIN
    assert "--snapshot FILE" in str(problem.value.help)
    return problem.value, time.monotonic() - began


def test_a_port_at_which_nobody_listens(closed_port):
    problem, took = failing(f"ws://127.0.0.1:{closed_port}")

    assert problem.message == f"nothing listens at ws://127.0.0.1:{closed_port}"
    assert took < 15


def test_a_name_that_does_not_exist():
    problem, _ = failing("wss://no-such-node.invalid")

    assert problem.message.startswith("the name of wss://no-such-node.invalid was not found")


def test_tls_with_a_node_that_has_none(home):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        problem, _ = failing(url.replace("ws://", "wss://"))

    assert problem.message.startswith("no TLS with wss://127.0.0.1")
    assert url in str(problem.help)


def test_a_node_that_accepts_and_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        problem, took = failing(f"ws://127.0.0.1:{silent.getsockname()[1]}", 2)

    assert "did not tell netuid 1 within 2 s" in problem.message
    assert took < 4


def test_what_is_no_node_at_all():
    def answer(server: socket.socket) -> None:
        try:
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        problem, _ = failing(f"ws://127.0.0.1:{server.getsockname()[1]}")

    assert "HTTP 200" in problem.message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("hang", "within 3 s"),
        ("hang:state_call", "within 3 s"),
        ("hang-connect", "within 3 s"),
        ("drop", "cut the connection"),
        ("drop:state_call", "cut the connection"),
        ("garbage", "answer"),  # what is asked with a garbage hash, the node refuses
        ("garbage:state_call", "cannot read the answer"),
        ("error:state_call", "answered with an error"),
        ("http:429", "HTTP 429"),
        ("http:503", "HTTP 503"),
    ],
)
def test_a_node_with_a_fault_is_told_by_it_in_time(fault, words, home):
    seconds = 3 if "within" in words else 15
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        problem, took = failing(url, seconds)

    assert words in problem.message
    assert took < seconds + 3


@pytest.mark.parametrize("fault", ["close:1001:state_call", "truncate:state_call", "slow:400"])
def test_a_node_with_any_other_fault_is_an_error_or_an_answer_in_time(fault, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        began = time.monotonic()
        try:
            size = len(fetch(url, 1, 6).axons)
        except ChainError as problem:
            size = 4 if url in problem.message else 0
        took = time.monotonic() - began

    assert size == 4
    assert took < 12


@pytest.mark.parametrize("fault", ["drop-once:state_call", "drop-once"])
def test_a_connection_that_is_cut_once_is_made_again(fault, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        assert len(fetch(url, 1, 20).axons) == 4


@pytest.mark.parametrize("name", ["BT_SUBTENSOR_CHAIN_ENDPOINT", "BT_CHAIN_ENDPOINT", "BT_NETWORK"])
def test_the_sdk_s_own_settings_do_not_move_a_network(name, home, monkeypatch, closed_port):
    monkeypatch.setenv(name, f"ws://127.0.0.1:{closed_port}")

    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        assert len(fetch(url, 1, 20).axons) == 4


def test_nothing_is_written_at_home_but_an_sdk_s_cache(home):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        fetch(url, 1, 20)

    assert {entry.name for entry in home.rglob("*") if entry.is_file()} <= {
        entry.name for entry in home.glob(".bittensor/runtime-cache/**/*") if entry.is_file()
    }
    assert os.environ["HOME"] == str(home)
