"""Whom a command asks, from a snapshot or the cache: no chain, and no SDK."""

import json
import re
from pathlib import Path

import pytest
from ground.cli import dendrite
from ground.subnet import BLOCK, metagraph

from dendrite_cli.axons.cache import Cache
from dendrite_cli.axons.snapshot import load, save
from dendrite_cli.errors import ExitCode

EIGHT = metagraph(*((f"192.0.2.{uid + 1}", 8091) if uid != 5 else None for uid in range(8)))
HOTKEY = [str(axon.hotkey) for axon in EIGHT.axons]


@pytest.fixture
def snapshot(tmp_path) -> str:
    save(EIGHT, tmp_path / "sn1.json")
    return str(tmp_path / "sn1.json")


@pytest.fixture
def cached(tmp_path):
    """Keep a metagraph of this age where the program looks for it; the environment that says where."""

    def keep(age: float, network: str = "finney") -> dict[str, str]:
        assert Cache(tmp_path / "dendrite").store(metagraph(*[("8.8.8.8", 1)] * 4, network=network, age=age)) is None
        return {"XDG_CACHE_HOME": str(tmp_path)}

    return keep


def records(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def uids(*arguments: str, **run) -> list[int]:
    return [record["uid"] for record in records(dendrite("axons", *arguments, **run))]


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ([], [0, 1, 2, 3, 4, 5, 6, 7]),
        (["-u", "1,5-6"], [1, 5, 6]),
        (["-u", "1", "-u", "3"], [1, 3]),
        (["--hotkey", HOTKEY[4]], [4]),
        (["--coldkey", str(EIGHT.axons[1].coldkey)], [1, 4, 7]),
        (["--role", "validator"], [0, 4]),
        (["--role", "miner", "--limit", "2"], [1, 2]),
        (["--min-stake", "998"], [0, 1, 2]),
        (["--top", "3"], [7, 6, 5]),
        (["--top", "2", "--by", "stake"], [0, 1]),
        (["--unique", "coldkey"], [0, 1, 2]),
        (["--exclude", "0-2", "--exclude", HOTKEY[7], "--exclude", "192.0.2.5"], [3, 5, 6]),
        (["--unique", "coldkey", "--top", "2", "--exclude", "7"], [6, 5]),
    ],
)
def test_selectors_narrow_a_subnet_down(snapshot, options, chosen):
    assert uids("--snapshot", snapshot, *options) == chosen


def test_a_sample_is_drawn_again_by_its_seed(snapshot):
    drawn = uids("--snapshot", snapshot, "--sample", "3", "--seed", "7")

    assert len(drawn) == 3
    assert uids("--snapshot", snapshot, "--sample", "3", "--seed", "7") == drawn


def test_a_run_records_how_its_axons_were_selected_with_the_seed_that_was_drawn(snapshot):
    options = ("--snapshot", snapshot, "--ephemeral", "--role", "miner", "-o", "json")

    first = json.loads(dendrite("ping", *options, "--sample", "3").stdout)
    selection = first["run"]["selection"]
    again = json.loads(dendrite("ping", *options, "--sample", "3", "--seed", str(selection["seed"])).stdout)

    assert selection == {"sample": 3, "role": "miner", "seed": selection["seed"]}
    chosen = [sorted(result["axon"]["uid"] for result in document["results"]) for document in (first, again)]
    assert chosen[0] == chosen[1]


def test_an_axon_record_says_what_the_subnet_knows_and_why_it_is_not_dialled(snapshot):
    first, fifth = records(dendrite("axons", "--snapshot", snapshot, "-u", "0,5"))

    assert first == {
        "schema": "dendrite.axon/1", "type": "axon", "index": 0, "netuid": 1, "uid": 0, "hotkey": HOTKEY[0],
        "coldkey": EIGHT.axons[0].coldkey, "host": "192.0.2.1", "port": 8091, "address": None, "block": BLOCK,
        "source": "metagraph", "scheme": None, "path": None, "stake": 1000.0, "incentive": 0.0, "emission": 0.5,
        "validator_permit": True, "active": True, "barred": "private_addr",
    }  # fmt: skip
    assert (fifth["host"], fifth["port"], fifth["barred"]) == (None, None, "not_serving")


def test_a_table_of_axons_is_headed_by_its_subnet_and_its_age(snapshot):
    done = dendrite("axons", "--snapshot", snapshot, "-o", "table")

    assert f"netuid 1 · finney · block {BLOCK:,} (" in done.stderr
    assert "8 uids · 7 serving" in done.stderr
    header, first, *_ = done.stdout.splitlines()
    assert header.split() == ["UID", "HOTKEY", "ENDPOINT", "STAKE", "INCENTIVE", "EMISSION", "PERMIT", "NOT", "DIALLED"]
    facts = ["0", HOTKEY[0], "192.0.2.1:8091", "1,000.0", "0", "0.5", "validator", "private", "addr"]
    assert first.split() == facts


def test_endpoints_that_several_hotkeys_announce_are_shown(tmp_path):
    save(metagraph(("8.8.8.8", 1), ("8.8.4.4", 1), ("8.8.8.8", 1), ("8.8.8.8", 2)), tmp_path / "sn1.json")

    (shared,) = records(dendrite("axons", "--snapshot", str(tmp_path / "sn1.json"), "--shared"))

    assert (shared["schema"], shared["host"], shared["port"]) == ("dendrite.endpoint/1", "8.8.8.8", 1)
    assert (shared["neurons"], shared["uids"], shared["hotkeys"]) == (2, [0, 2], [HOTKEY[0], HOTKEY[2]])


def test_without_a_shared_endpoint_that_is_what_is_said(snapshot):
    done = dendrite("axons", "--snapshot", snapshot, "--shared")

    assert (done.returncode, done.stdout) == (0, "")
    assert "no endpoint is announced by several" in done.stderr


def test_selectors_also_narrow_a_list_down(snapshot):
    listed = dendrite("axons", "--snapshot", snapshot, "--top", "5").stdout

    assert uids("-a", "-", "--limit", "2", stdin=listed) == [7, 6]
    assert uids("-a", "-", "--exclude", "7,6", stdin=listed) == [5, 4, 3]


def test_what_only_a_metagraph_tells_of_a_list_is_looked_up_there(snapshot):
    listed = f"{HOTKEY[3]}@192.0.2.77:1\n{HOTKEY[2]}@192.0.2.3:8091\n"

    plain = dendrite("axons", "-a", "-", "--top", "1", stdin=listed)
    (best,) = records(dendrite("axons", "-a", "-", "--top", "1", "--snapshot", snapshot, stdin=listed))

    assert plain.returncode == ExitCode.USAGE
    assert "add --netuid N" in plain.stderr
    assert (best["uid"], best["host"], best["port"], best["source"]) == (3, "192.0.2.77", 1, "literal")


def test_the_hotkey_of_a_typed_endpoint_is_looked_up_on_its_subnet(snapshot):
    (axon,) = records(dendrite("axons", "192.0.2.3:8091", "--snapshot", snapshot))

    assert (axon["uid"], axon["hotkey"], axon["source"], axon["barred"]) == (2, HOTKEY[2], "literal", None)


def test_an_endpoint_of_several_hotkeys_is_nobody_s(tmp_path):
    save(metagraph(("8.8.8.8", 1), ("8.8.8.8", 1)), tmp_path / "sn1.json")

    done = dendrite("query", "-s", "Echo", "-a", "8.8.8.8:1", "--snapshot", str(tmp_path / "sn1.json"), "--ephemeral")

    assert done.returncode == ExitCode.TARGET
    assert "2 hotkeys announce 8.8.8.8:1 on netuid 1" in done.stderr
    assert f"uid 1: {HOTKEY[1]}" in done.stderr


def test_an_endpoint_that_nobody_announces_has_no_receiver(snapshot):
    done = dendrite("query", "-s", "Echo", "-a", "192.0.2.99:1", "--snapshot", snapshot, "--ephemeral")

    assert done.returncode == ExitCode.TARGET
    assert "no neuron of netuid 1 announces it" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["-u", "5,99"], 4, "netuid 1 has no uid 99; uids there: 0-7"),
        (["--hotkey", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"], 4, "netuid 1 has no hotkey 5Grwva"),
        (["--hotkey", "5Grwva"], 4, "'5Grwva' is no hotkey"),
        (["-u", "9-5"], 2, "write 5-9"),
        (["--min-stake", "5000"], 4, "no axon is selected: --min-stake leaves none of 8"),
        (["--seed", "7"], 2, "add --sample N"),
        (["--netuid", "2"], 4, "is of netuid 1, not of netuid 2"),
        (["--refresh"], 2, "--snapshot asks no chain"),
        (["-a", "192.0.2.1:1", "-u", "1"], 2, "both -a and --uid name axons"),
        (["--sample", "0"], 2, "--sample"),
        (["--by", "luck"], 2, "--by"),
    ],
)
def test_what_cannot_be_selected_is_an_error_that_says_what_to_do(snapshot, options, code, words):
    done = dendrite("axons", "--snapshot", snapshot, *options)

    assert (done.returncode, done.stdout) == (code, "")
    assert words in " ".join(done.stderr.split())


def test_a_coldkey_that_fits_nobody_is_told(snapshot):
    gone = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

    done = dendrite("axons", "--snapshot", snapshot, "--exclude", gone)

    assert done.returncode == 0
    assert f"{gone} fits none of the 8 axons" in done.stderr


def test_a_snapshot_is_written_and_shown(cached, tmp_path):
    file = tmp_path / "kept.json.xz"

    saved = dendrite("snapshot", "save", str(file), "--netuid", "1", env=cached(60))
    shown = dendrite("snapshot", "show", str(file))

    assert (saved.returncode, saved.stdout) == (0, ""), saved.stderr
    assert f"block {BLOCK:,}" in saved.stderr
    assert [record["uid"] for record in records(shown)] == [0, 1, 2, 3]
    assert load(file).netuid == 1


def test_a_file_that_is_no_snapshot_is_exit_4(tmp_path):
    (tmp_path / "x").write_text("{}")

    done = dendrite("ping", "--snapshot", str(tmp_path / "x"), "--ephemeral")

    assert done.returncode == ExitCode.TARGET
    assert "is no usable snapshot" in done.stderr


def test_a_fresh_cache_is_enough(cached):
    done = dendrite("axons", "--netuid", "1", env=cached(150))

    assert len(records(done)) == 4
    assert re.search(r"\([23] min old\)", done.stderr)


def test_offline_takes_the_cache_however_old_it_is(cached):
    done = dendrite("axons", "--netuid", "1", "--offline", env=cached(3 * 86_400))

    assert len(records(done)) == 4
    assert "(3 d old)" in done.stderr


def test_offline_without_a_cache_is_exit_5_and_says_what_would_do(tmp_path):
    done = dendrite("axons", "--netuid", "1", "--offline", env={"XDG_CACHE_HOME": str(tmp_path)})

    assert done.returncode == ExitCode.CHAIN
    assert "no metagraph of netuid 1 on finney is cached" in done.stderr
    assert "--snapshot FILE" in done.stderr


def test_a_broken_cache_is_a_note_and_not_used(cached, tmp_path):
    environment = cached(10)
    (file,) = (tmp_path / "dendrite").iterdir()
    file.write_text("{")

    done = dendrite("axons", "--netuid", "1", "--offline", env=environment)

    assert done.returncode == ExitCode.CHAIN
    assert "is of no use" in done.stderr


@pytest.mark.parametrize("name", ["BT_NETWORK", "BT_SUBTENSOR_NETWORK", "DENDRITE_NETWORK"])
def test_the_network_comes_from_the_environment_too(cached, name):
    environment = cached(10, network="test")

    assert uids("--netuid", "1", env=environment | {name: "test"}) == [0, 1, 2, 3]
    assert dendrite("axons", "--netuid", "1", "--offline", env=environment).returncode == ExitCode.CHAIN


@pytest.mark.parametrize("option", ["--offline", "--refresh"])
def test_options_about_a_metagraph_need_a_subnet(option):
    done = dendrite("ping", "192.0.2.1:1", option)

    assert done.returncode == ExitCode.USAGE
    assert "add --netuid N" in done.stderr


def test_without_any_target_both_ways_to_name_one_are_told():
    done = dendrite("ping", "--ephemeral")

    assert done.returncode == ExitCode.TARGET
    assert "--netuid N" in done.stderr
    assert "HOST:PORT" in done.stderr


def test_a_network_that_is_none_is_exit_2(tmp_path):
    done = dendrite("ping", "--netuid", "1", "-n", "finey", "--ephemeral", env={"XDG_CACHE_HOME": str(tmp_path)})

    assert done.returncode == ExitCode.USAGE
    assert "did you mean finney" in done.stderr


def test_a_csv_of_axons_has_a_row_each(snapshot):
    header, *rows = dendrite("axons", "--snapshot", snapshot, "-o", "csv").stdout.splitlines()

    assert header.startswith("schema,type,index,netuid,uid,hotkey,coldkey,host,port")
    assert len(rows) == 8


def test_what_is_not_dialled_has_no_curl_line(snapshot):
    done = dendrite("ping", "--snapshot", snapshot, "--ephemeral", "--curl", "-u", "0,5")

    assert (done.returncode, done.stdout) == (0, "")
    assert "1 private_addr, 1 not_serving" in done.stderr


def test_the_cache_file_is_the_user_s_own(cached, tmp_path):
    cached(1)

    (file,) = (tmp_path / "dendrite").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Path(file.parent).stat().st_mode & 0o777 == 0o700
