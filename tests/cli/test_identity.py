"""Who is really there: proofs of keys, clocks, hotkeys that axons name, and what they serve."""

import json
from dataclasses import replace

import pytest
from bittensor_wallet import Keypair
from ground.cli import dendrite
from ground.mocks import mock_axons
from ground.relay import relaying
from ground.subnet import metagraph
from ground.terminal import Terminal

from dendrite_cli.axons.snapshot import save
from dendrite_cli.mock.behaviour import Behaviour

OTHER = Keypair.create_from_uri("//somebody-else").ss58_address
PLAIN = {"request_signed": False, "body_covered": False}


def ping(*arguments):
    """Return the records of a ping, and the process."""
    done = dendrite("ping", "--ephemeral", *arguments)
    assert done.stdout, done.stderr
    return sorted(map(json.loads, done.stdout.splitlines()), key=lambda record: record["index"]), done


def parts(address):
    hotkey, _, endpoint = address.partition("@")
    host, _, port = endpoint.partition(":")
    return hotkey, host, int(port)


def announcing(tmp_path, *announced):
    """Write a snapshot in which these hotkeys announce these endpoints; return the options that read it."""
    plain = metagraph(*[(host, port) for _, host, port in announced])
    axons = tuple(replace(axon, hotkey=hotkey) for axon, (hotkey, *_) in zip(plain.axons, announced, strict=True))
    save(replace(plain, axons=axons), tmp_path / "sn.json")
    return "--snapshot", str(tmp_path / "sn.json")


def test_a_real_axon_proves_its_key_and_tells_its_version_and_clock(sdk10):
    axon = sdk10["good"]

    (record,), done = ping("--identity", f"{axon['hotkey']}@{axon['host']}:{axon['port']}")

    assert (done.returncode, record["outcome"], record["trust"]["identity"]) == (0, "ok", "proven")
    assert record["trust"]["request_signed"]
    assert record["claimed"]["version"] == 10_005_000
    assert abs(record["trust"]["clock_skew_ms"]) < 250
    assert 0 < record["trust"]["clock_error_ms"] < record["timing"]["total_ms"] + 250


def test_an_impostor_is_caught_before_anything_is_signed_for_it(sdk10):
    axon = sdk10["good"]
    with relaying(axon["host"], axon["port"]) as relay:
        (record,), done = ping("--identity", f"{OTHER}@127.0.0.1:{relay.port}")

    assert (done.returncode, record["outcome"], record["trust"]) == (
        1,
        "identity_mismatch",
        PLAIN | {"identity": "mismatch"} | {key: record["trust"][key] for key in ("clock_skew_ms", "clock_error_ms")},
    )
    assert (len(relay.heard), relay.signatures) == (1, [])


@pytest.mark.parametrize("clock", [16.0, -16.0])
def test_a_clock_that_is_off_is_measured(clock):
    with mock_axons([Behaviour(clock=clock)]) as (address,):
        (record,), _ = ping("--identity", address)

    assert record["trust"]["identity"] == "proven"
    assert abs(record["trust"]["clock_skew_ms"] / 1000 - clock) < 0.2


def test_what_is_no_v10_axon_is_unproven_and_pinged_all_the_same():
    with mock_axons([Behaviour()], protocol="btauth") as (address,):
        (record,), _ = ping("--identity", address)

    assert (record["trust"]["identity"], record["http_status"]) == ("unproven", 401)


def test_a_key_is_challenged_once_however_many_rounds_there_are():
    with mock_axons([Behaviour()]) as (address,):
        hotkey, host, port = parts(address)
        with relaying(host, port) as relay:
            records, _ = ping("--identity", "-c", "3", "-i", "0", f"{hotkey}@127.0.0.1:{relay.port}")

    assert [record["trust"]["identity"] for record in records] == ["proven"] * 3
    assert (len(relay.heard), len(relay.signatures)) == (4, 3)


def test_an_axon_that_is_not_there_has_its_own_outcome(closed_port):
    (record,), _ = ping("--identity", f"{OTHER}@127.0.0.1:{closed_port}")

    assert (record["outcome"], record["trust"]["identity"]) == ("connect_refused", "not_checked")


def test_the_table_has_a_column_for_it():
    with mock_axons([Behaviour(), Behaviour(clock=-3)]) as addresses:
        shown = dendrite("ping", "--ephemeral", "--identity", *addresses, "-o", "table").stdout

    assert "KEY" in shown
    assert "proven 10.5.0 clock -3.0 s" in shown


@pytest.mark.parametrize("clock", [0.0, 30.0, -30.0])
def test_a_bare_endpoints_hotkey_is_found_and_shown_and_nothing_is_signed_for_it(clock):
    with mock_axons([Behaviour(clock=clock)]) as (address,):
        hotkey, host, port = parts(address)
        with relaying(host, port) as relay:
            (record,), done = ping("--discover-hotkey", f"127.0.0.1:{relay.port}")
            shown = dendrite("ping", "--discover-hotkey", f"127.0.0.1:{relay.port}", "-o", "table").stdout

    assert (done.returncode, record["protocol"], record["axon"]["hotkey"]) == (0, "http", None)
    assert (record["claimed"]["hotkey"], relay.signatures) == (hotkey, [])
    assert f"says {hotkey}" in shown


def test_a_narrow_terminal_shows_what_was_asked_for_first():
    with mock_axons([Behaviour(clock=16)]) as (address,):
        hotkey, host, port = parts(address)
        with Terminal("ping", "--identity", "--ephemeral", address, columns=80) as terminal:
            terminal.wait()
            proven = terminal.text
        with Terminal("ping", "--discover-hotkey", f"{host}:{port}", columns=80) as terminal:
            terminal.wait()
            found = terminal.text

    assert "proven 10.5.0 clock +16.0 s ±0.1" in proven
    assert "anybody can name another's" in found
    assert f"  {hotkey}@{host}:{port}" in found


def test_a_real_axons_hotkey_is_found(sdk10):
    axon = sdk10["good"]

    (record,), _ = ping("--discover-hotkey", f"{axon['host']}:{axon['port']}")

    assert record["claimed"]["hotkey"] == axon["hotkey"]


def test_a_relay_that_names_anothers_hotkey_gets_no_signed_request(sdk10, tmp_path):
    axon = sdk10["good"]
    chain = announcing(tmp_path, (axon["hotkey"], axon["host"], axon["port"]))
    with relaying(axon["host"], axon["port"]) as relay:
        (record,), _ = ping("--discover-hotkey", *chain, f"127.0.0.1:{relay.port}")

    assert (record["claimed"]["hotkey"], record["axon"]["hotkey"]) == (axon["hotkey"], None)
    assert (record["trust"]["request_signed"], relay.signatures) == (False, [])


def test_of_several_hotkeys_that_the_chain_announces_there_the_one_it_names_is_asked(tmp_path):
    with mock_axons([Behaviour()]) as (address,):
        hotkey, host, port = parts(address)
        chain = announcing(tmp_path, (OTHER, host, port), (hotkey, host, port))
        (record,), done = ping("--discover-hotkey", *chain, f"{host}:{port}")

    assert (done.returncode, record["axon"]["hotkey"], record["axon"]["uid"]) == (0, hotkey, 1)
    assert (record["protocol"], record["trust"]["request_signed"]) == ("synapse", True)


@pytest.mark.parametrize("layer", ["tcp", "http"])
@pytest.mark.parametrize("option", ["--identity", "--discover-hotkey"])
def test_a_layer_that_says_nothing_to_an_axon_proves_nothing(layer, option):
    done = dendrite("ping", option, "--layer", layer, "127.0.0.1:1")

    assert (done.returncode, "leave --layer out" in done.stderr) == (2, True)


def test_a_real_axon_names_its_routes(sdk10):
    axon = sdk10["good"]

    done = dendrite("synapse", "list", "-a", f"{axon['host']}:{axon['port']}")

    record = json.loads(done.stdout)
    assert done.returncode == 0
    assert {"Synapse", "EchoSynapse"} <= set(record["synapses"])


def test_axons_that_name_none_say_why(closed_port):
    with mock_axons([Behaviour()]) as (v10,), mock_axons([Behaviour()], protocol="btauth") as (plain,):
        targets = ("-a", v10, "-a", plain, "-a", f"127.0.0.1:{closed_port}")
        done = dendrite("synapse", "list", *targets)
        shown = dendrite("synapse", "list", *targets, "-o", "table").stdout

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["synapses"] for record in records] == [["Synapse", "Echo"], None, None]
    assert [record["outcome"] for record in records] == ["ok", "ok", "connect_refused"]
    assert done.returncode == 1
    assert "it names none" in shown


@pytest.mark.parametrize(
    ("permit", "told"),
    [
        (None, "is not registered on netuid 1"),
        (False, "uid 1 with a stake of 999 and no validator permit"),
        (True, None),
    ],
)
def test_who_is_refused_by_axons_of_a_subnet_is_told_how_it_stands_there(made_wallets, tmp_path, permit, told):
    signing = ("--wallet-path", str(made_wallets), "-w", "validator")
    ours = Keypair.create_from_uri("//plain").ss58_address
    with mock_axons([Behaviour(refuse="No")]) as (address,):
        hotkey, host, port = parts(address)
        plain = metagraph((host, port), ("192.0.2.1", 1))
        first, second = plain.axons
        second = replace(second, standing=replace(second.standing, validator_permit=bool(permit)))
        if permit is not None:
            second = replace(second, hotkey=ours)
        save(replace(plain, axons=(replace(first, hotkey=hotkey), second)), tmp_path / "sn.json")
        chain = ("--snapshot", str(tmp_path / "sn.json"), "--allow-private", "-u", "0")
        done = dendrite("ping", *signing, *chain)

    assert json.loads(done.stdout)["outcome"] == "forbidden"
    notes = [line for line in done.stderr.splitlines() if "hotkey that signs" in line and line.startswith("note")]
    assert [told in note for note in notes] == ([True] if told else [])
