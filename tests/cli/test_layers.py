"""ping -v of one axon: how far it came, layer by layer, and one line of advice where it ended."""

import re
import socket

import pytest
from ground.cli import dendrite
from ground.mocks import answering_once, mock_axons

from dendrite_cli.mock.behaviour import Behaviour

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
HERE = "note: 127.0.0.1 is this machine: what answers here need not be reachable for others"


def explained(*arguments):
    """Return what is said of each layer, its sign first, the advice, and all that was said."""
    done = dendrite("ping", *arguments, "-v", "-o", "table")
    lines = re.findall(r"(?m)^ ([●✗○]) (\w+) +(.*)$", done.stderr)
    advice = re.findall(r"(?m)^ ✗ .*\n {14}(.*)$", done.stderr)
    return {name: (sign, said) for sign, name, said in lines}, advice, done.stderr


def signs(layers):
    return "".join(sign for sign, _ in layers.values())


def test_an_axon_that_answers_has_passed_every_layer_and_is_on_this_machine():
    with mock_axons([Behaviour()]) as (address,):
        layers, advice, said = explained(address, "--ephemeral")

    assert list(layers) == ["name", "tcp", "http", "route", "access", "key", "signature", "answer"]
    assert signs(layers) == "●●●●●○●●"
    assert layers["name"][1] == "127.0.0.1 is an address, there is nothing to look up"
    assert re.fullmatch(r"port \d+ accepts connections in .* ms", layers["tcp"][1])
    assert layers["key"][1].startswith("not checked; it says it is 5D5LLf…PLh")
    assert advice == []
    assert HERE in said


@pytest.mark.parametrize(
    ("behaviour", "end", "advice"),
    [
        (Behaviour(refuse="Not enough stake"), "access", "more stake"),
        (Behaviour(clock=40), "signature", "its clock is 40 s ahead of ours"),
        (Behaviour(drop=True), "http", "closed the connection instead of answering"),
        (Behaviour(garbage="http"), "http", "does not speak HTTP"),
        (Behaviour(garbage="json"), "answer", "not what was asked for"),
        (Behaviour(status=500), "answer", "its handler failed"),
        (Behaviour(status=404), "route", "no route 'Synapse'"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_a_failure_is_told_at_its_layer_with_one_line_of_advice(behaviour, end, advice):
    with mock_axons([behaviour]) as (address,):
        layers, given, _ = explained(address, "--ephemeral")

    place = list(layers).index(end)
    assert layers[end][0] == "✗"
    assert "✗" not in signs(layers).replace("✗", "", 1)
    assert {said for _, said in list(layers.values())[place + 1 :]} <= {"not reached"}
    assert len(given) == 1
    assert advice in given[0]


def test_a_port_where_nobody_listens_ends_at_tcp():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        layers, advice, _ = explained(f"{ALICE}@127.0.0.1:{closed.getsockname()[1]}", "--ephemeral")

    assert signs(layers) == "●✗○○○○○○"
    assert advice == ["nobody listens there; check that the axon runs and that this is its port"]


def test_a_name_that_is_looked_up_is_told_and_one_that_is_none_ends_there():
    with mock_axons([Behaviour()]) as (address,):
        layers, _, said = explained(address.replace("127.0.0.1", "localhost"), "--ephemeral", "-4")
    assert re.fullmatch(r"localhost is 127\.0\.0\.1 in .* ms", layers["name"][1])
    assert HERE in said

    layers, advice, said = explained(f"{ALICE}@dendrite.invalid:80", "--ephemeral")
    assert signs(layers) == "✗○○○○○○○"
    assert advice == ["no address for that name; check its spelling"]
    assert "is this machine" not in said


def test_another_key_than_was_asked_for_ends_at_the_key():
    with mock_axons([Behaviour()]) as (address,):
        hotkey, _, endpoint = address.partition("@")
        layers, advice, _ = explained(f"{ALICE}@{endpoint}", "--ephemeral")

    assert signs(layers) == "●●●●●✗○○"
    assert f"its hotkey is {hotkey}" in advice[0]


def test_a_challenge_that_another_key_answers_says_nothing_of_who_is_let_in():
    with mock_axons([Behaviour()]) as (address,):
        endpoint = address.partition("@")[2]
        layers, advice, _ = explained(f"{ALICE}@{endpoint}", "--ephemeral", "--identity")

    assert "".join(f" {name} {sign}" for name, (sign, _) in layers.items()).endswith(
        "route ● key ✗ access ○ signature ○ answer ○"
    )
    assert advice == ["another key answered there; do not trust this endpoint"]


@pytest.mark.parametrize("protocol", ["btauth", "epistula"])
def test_a_signature_that_another_protocol_refuses_says_nothing_of_who_is_let_in(protocol):
    with mock_axons([Behaviour(clock=40)], protocol=protocol) as (address,):
        layers, advice, _ = explained(address, "--ephemeral", "--proto", protocol, "--path", "/")

    assert "".join(f" {name} {sign}" for name, (sign, _) in layers.items()).endswith(
        "route ○ key ○ signature ✗ access ○ answer ○"
    )
    assert "ahead of ours" in advice[0]


def test_an_axon_with_a_hotkey_is_told_what_else_could_be_asked():
    with mock_axons([Behaviour()], protocol="btauth") as (address,):
        layers, _, _ = explained(address, "--ephemeral", "--proto", "btauth")

    assert layers["further"] == ("○", "not asked: a signed request is sent by --layer synapse, or to a --path")


@pytest.mark.parametrize(("layer", "deepest"), [("tcp", "tcp"), ("http", "http")])
def test_an_unsigned_ping_says_that_more_could_be_asked(layer, deepest):
    with answering_once(b"{}") as port:
        layers, _, _ = explained(f"127.0.0.1:{port}", "--layer", layer)
        if layer == "tcp":
            socket.create_connection(("127.0.0.1", port)).close()

    assert list(layers)[-2:] == [deepest, "further"]
    assert layers["further"] == ("○", "not asked: HOTKEY@HOST:PORT is sent a signed request")


def test_several_axons_have_their_facts_each_and_no_layers():
    with mock_axons([Behaviour()] * 2) as addresses:
        layers, _, said = explained(*addresses, "--ephemeral")

    assert layers == {}
    assert said.count("claims hotkey: ") == 2
