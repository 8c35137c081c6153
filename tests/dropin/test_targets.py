"""Whom a program may ask: what each package calls an axon."""

import json
import sys
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from ground.need import beside_sdk10
from ground.programs import run_python

from dendrite_cli import AxonInfo
from dendrite_cli.dropin.targets import target_of, targets_of
from dendrite_cli.model import Axon

INFO = AxonInfo(10_005_000, "192.0.2.9", 8091, 4, "5Hot", "5Cold")
SHOW = """
import json
from dendrite_cli.dropin.targets import target_of, targets_of
def show(*given):
    found = [target_of(one) for one in given]
    print(json.dumps([[axon.host, axon.port, axon.hotkey, axon.coldkey, axon.is_serving] for axon in found]))
"""
SDK10 = """
import sys
del sys.argv[1:]
from types import SimpleNamespace
import bittensor as bt
from bittensor_wallet import Keypair
key = Keypair.create_from_uri("//axon")
wallet = SimpleNamespace(hotkey=key, coldkeypub=key)
listening = bt.Axon(wallet=wallet, port=8091, ip="127.0.0.1", external_ip="192.0.2.9", external_port=9000)
announced = bt.AxonInfo(version=1, ip="192.0.2.9", port=9000, ip_type=4, hotkey=key.ss58_address, coldkey="5Cold")
nobody = bt.AxonInfo(version=0, ip="0.0.0.0", port=0, ip_type=4, hotkey="5Hot", coldkey="5Cold")
assert targets_of(listening) == ([listening], False)
show(listening, announced, nobody)
"""
SDK11 = """
import dataclasses, sys
del sys.argv[1:]
from bittensor import MetagraphNeuron
def neuron(axon):
    known = {field.name: None for field in dataclasses.fields(MetagraphNeuron)}
    return MetagraphNeuron(**known | {"uid": 1, "hotkey": "5Hot", "coldkey": "5Cold", "axon": axon})
show(neuron("192.0.2.9:8091"), neuron("[2001:db8::9]:8091"), neuron(None))
"""


@pytest.mark.parametrize(
    "given",
    [INFO, Axon("192.0.2.9", 8091, "5Hot"), SimpleNamespace(ip="192.0.2.9", port="8091", hotkey="5Hot")],
    ids=["AxonInfo", "Axon", "anything"],
)
def test_what_has_ip_port_and_hotkey_is_an_axon(given):
    found = target_of(given)

    assert (found.host, found.port, found.hotkey) == ("192.0.2.9", 8091, "5Hot")
    assert targets_of(given) == ([given], False)
    assert targets_of([given]) == targets_of((given,)) == targets_of(iter([given])) == ([given], True)


@pytest.mark.parametrize("given", ["192.0.2.9:8091", None, 5, SimpleNamespace(ip="192.0.2.9", port=8091), {"ip": "x"}])
def test_what_has_not_is_none(given):
    with pytest.raises(TypeError, match="is no axon: it needs ip, port and hotkey"):
        target_of(given)


@beside_sdk10
def test_axons_of_bittensor_10_are_asked_where_they_announce(tmp_path):
    listening, announced, nobody = json.loads(run_python(sys.executable, SHOW + SDK10, tmp_path).splitlines()[-1])

    assert listening[:2] == announced[:2] == ["192.0.2.9", 9000]
    assert listening[2] == announced[2]
    assert (nobody[0], nobody[4]) == ("0.0.0.0", False)  # noqa: S104 - nobody's address


@pytest.mark.skipif(version("bittensor").startswith("10."), reason="needs bittensor 11")
def test_neurons_of_bittensor_11_are_asked_where_they_announce(tmp_path):
    found = json.loads(run_python(sys.executable, SHOW + SDK11, tmp_path).splitlines()[-1])

    assert found == [
        ["192.0.2.9", 8091, "5Hot", "5Cold", True],
        ["2001:db8::9", 8091, "5Hot", "5Cold", True],
        ["", 0, "5Hot", "5Cold", False],
    ]


def test_an_axon_info_is_text_and_back():
    assert AxonInfo.from_string(INFO.to_string()) == INFO
    assert AxonInfo.from_parameter_dict(INFO.to_parameter_dict()) == INFO
    assert str(INFO) == repr(INFO) == "AxonInfo( /ipv4/192.0.2.9:8091, 5Hot, 5Cold, 10005000 )"
    assert INFO.is_serving


def test_an_axon_info_is_read_from_the_chains_own_fields():
    chain = {"version": 1, "ip": 3221225993, "port": 8091, "ip_type": 4, "protocol": 4}
    keys = {"hotkey": "5Hot", "coldkey": "5Cold", "placeholder1": 0, "placeholder2": 0}

    found = AxonInfo.from_dict(chain | keys)

    assert (found.ip, found.hotkey) == ("192.0.2.9", "5Hot")
    assert AxonInfo.list_from_dicts([chain | keys]) == [found]
    assert AxonInfo.from_neuron_info({"axon_info": chain, **keys}) == found
    assert found != AxonInfo(1, "192.0.2.9", 8092, 4, "5Hot", "5Cold")
    with pytest.raises(ValueError, match="missing 'coldkey'"):
        AxonInfo.from_dict(chain | {"hotkey": "x", "placeholder1": 0, "placeholder2": 0})


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"ip": 1}'])
def test_what_is_no_axon_info_is_an_empty_one(text, caplog):
    assert AxonInfo.from_string(text) == AxonInfo(0, "", 0, 0, "", "")
    assert "Error decoding JSON" in caplog.text
