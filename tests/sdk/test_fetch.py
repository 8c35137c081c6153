"""Through the unmodified SDK of this environment, from a node that speaks the real chain's protocol."""

import json
import socket
import time

import pytest
from ground.chain import neurons, row
from ground.need import need
from ground.node import SUBNETS, serving_node
from websockets.sync.client import connect

from dendrite_cli.errors import ChainError, ExitCode, TargetError
from dendrite_cli.sdk.base import fetch

EVERY = ["sn1_4.json", "sn1_256.json", "sn1_1024.json", "edge.json", "finney_sn1_loopback.json.xz"]


def said(url: str, method: str, *params: object) -> object:
    """Ask the node itself, without an SDK."""
    with connect(url, proxy=None) as node:
        node.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        return json.loads(node.recv())["result"]


@pytest.mark.parametrize("name", EVERY)
def test_every_neuron_is_what_its_chain_says(name, home):
    with serving_node(SUBNETS / name, home=home) as url:
        found = fetch(url, 1, 60)
        genesis = said(url, "chain_getBlockHash", 0)
        block = int(said(url, "chain_getHeader")["number"], 16)

    assert (found.network, found.netuid, found.block, found.genesis) == (url, 1, block, genesis)
    assert abs(found.fetched_at - time.time()) < 60
    # whole and exact, so that what one SDK makes of a node is what the other makes of it
    assert [
        (
            *(axon.uid, axon.hotkey, axon.coldkey, axon.host, axon.port),
            *(axon.standing.stake, axon.standing.incentive, axon.standing.emission),
            *(axon.standing.validator_permit, axon.standing.active),
        )
        for axon in found.axons
    ] == [row(neuron) for neuron in neurons(SUBNETS / name)]
    assert {(axon.netuid, axon.block, axon.source, axon.address) for axon in found.axons} == {
        (1, block, "metagraph", None)
    }


def test_ipv6_and_unserved_neurons_are_told_apart(home):
    with serving_node(SUBNETS / "edge.json", home=home) as url:
        found = fetch(url, 1, 60)

    assert [(axon.endpoint, axon.is_serving) for axon in found.axons] == [
        ("[::1]:8091", True),
        ("[2001:db8::7]:65535", True),
        ("0.0.0.0:0", False),
        ("127.0.0.4:8091", True),
    ]


def test_a_subnet_without_neurons_is_empty_and_one_that_is_not_there_is_an_error(home):
    with serving_node(SUBNETS / "edge.json", home=home) as url:
        assert fetch(url, 2, 60).axons == ()
        with pytest.raises(TargetError, match="there is no netuid 77") as problem:
            fetch(url, 77, 60)
    assert problem.value.exit_code is ExitCode.TARGET
    assert "--netuid" in str(problem.value.help)


@pytest.mark.parametrize("netuid", [-1, 65_536])
def test_a_netuid_that_cannot_be_is_known_without_the_chain(netuid):
    with pytest.raises(TargetError, match=f"there is no netuid {netuid}"):
        fetch("ws://127.0.0.1:1", netuid, 5)


@pytest.mark.parametrize("fault", ["drop-once", "drop-once:state_call", "truncate-once:state_call"])
def test_a_connection_that_is_cut_once_is_made_again(fault, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        assert len(fetch(url, 1, 60).axons) == 4


def test_a_slow_node_is_waited_for(home):
    with serving_node(SUBNETS / "sn1_4.json", faults=("slow:300",), home=home) as url:
        assert len(fetch(url, 1, 60).axons) == 4


@pytest.mark.parametrize("name", ["BT_SUBTENSOR_CHAIN_ENDPOINT", "BT_CHAIN_ENDPOINT", "BT_NETWORK"])
def test_the_sdk_s_own_settings_do_not_move_a_network(name, home, monkeypatch):
    with socket.socket() as bound, serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        try:
            bound.bind(("127.0.0.1", 9944))
        except OSError:
            need(None, "the port of a local node, 9944, to itself")
        monkeypatch.setenv(name, url)

        with pytest.raises(ChainError, match=r"nothing listens at ws://127\.0\.0\.1:9944"):
            fetch("local", 1, 60)


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "socks_proxy"])
def test_a_node_of_this_machine_is_asked_without_the_environment_s_proxy(name, home, monkeypatch, closed_port):
    monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")

    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        assert len(fetch(url, 1, 60).axons) == 4


def test_nothing_is_written_at_home_but_an_sdk_s_cache(home):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        fetch(url, 1, 60)

    written = {entry.relative_to(home) for entry in home.rglob("*") if entry.is_file()}
    assert {path.parts[:2] for path in written} <= {(".bittensor", "runtime-cache")}


@pytest.mark.parametrize("place", ["/dev/null", None])
def test_a_home_that_nothing_can_be_written_to_does_not_matter(place, home, monkeypatch):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        if place:
            monkeypatch.setenv("HOME", place)
        else:
            monkeypatch.delenv("HOME")

        assert len(fetch(url, 1, 60).axons) == 4
