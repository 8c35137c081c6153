import json

import pytest
from bittensor_wallet import Keypair

from dendrite_cli import records
from dendrite_cli.axons.literal import parse, select
from dendrite_cli.errors import TargetError
from dendrite_cli.history.kept import axon_of, target

KEY = Keypair.create_from_uri("//miner").ss58_address


@pytest.mark.parametrize(
    ("text", "protocol", "tls", "endpoint", "path"),
    [
        (f"btauth://{KEY}@192.0.2.1:80/v1/x?n=1", "btauth", False, "192.0.2.1:80", "/v1/x?n=1"),
        (f"EPISTULA+HTTPS://{KEY}@example.org", "epistula", True, "example.org:443", None),
        ("https+btauth://[2001:db8::1]", "btauth", True, "[2001:db8::1]:443", None),
        ("https://192.0.2.1:8091/", None, True, "192.0.2.1:8091", None),
        ("http://192.0.2.1:8091", None, False, "192.0.2.1:8091", None),
        ("synapse://192.0.2.1:8091", "synapse", False, "192.0.2.1:8091", None),
    ],
)
def test_what_an_axon_speaks_stands_before_it(text, protocol, tls, endpoint, path):
    axon = parse(text)

    assert (axon.protocol, axon.tls, axon.endpoint, axon.path) == (protocol, tls, endpoint, path)


@pytest.mark.parametrize(
    "text", ["btauth://192.0.2.1", "https://", "http://example.org", "https://[::1", "btauth:///x", "wss://192.0.2.1:1"]
)
def test_what_is_no_axon_is_refused(text):
    with pytest.raises(TargetError):
        parse(text)


def test_one_endpoint_with_two_paths_is_two_axons():
    chosen = select(["btauth://192.0.2.1:1/a", "btauth://192.0.2.1:1/b", "btauth://192.0.2.1:1/a"], str)

    assert ([axon.path for axon in chosen.axons], len(chosen.duplicates)) == (["/a", "/b"], 1)


@pytest.mark.parametrize("text", [f"btauth+https://{KEY}@192.0.2.1:1/a?b", "192.0.2.1:1", f"epistula://{KEY}@[::2]:1"])
def test_records_and_the_history_keep_it(text):
    axon = parse(text)
    fed_back = select(["-"], lambda: json.dumps(records.axon(0, axon))).axons

    assert fed_back == (axon,)
    assert axon_of(json.loads(json.dumps(target(axon)))) == axon


def test_a_record_of_an_axon_without_a_scheme_has_its_key_and_no_value():
    record = records.axon(0, parse("192.0.2.1:1"))

    assert (record["scheme"], record["path"]) == (None, None)
