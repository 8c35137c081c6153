import gzip
import json
import lzma
import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.axons import snapshot
from dendrite_cli.axons.snapshot import decode, encode, load, save
from dendrite_cli.errors import ExitCode, TargetError, UsageError
from dendrite_cli.model import Axon, Metagraph, Standing

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
GENESIS = "0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03"


def axon(uid: int, host: str = "192.0.2.17", port: int = 8091, stake: float = 1234.5) -> Axon:
    standing = Standing(stake, 0.25, 1.5, validator_permit=uid % 2 == 0, active=True)
    return Axon(host, port, ALICE, 1, uid, BOB, 7811204, "metagraph", None, standing)


FINNEY = Metagraph(
    "finney",
    1,
    7811204,
    1795372218.412345,
    GENESIS,
    (axon(0), axon(1, "2001:db8::1"), axon(2, "0.0.0.0", 0), axon(7, "", 0, stake=0.0)),  # noqa: S104 - as on chain
)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def changed(**fields: object) -> bytes:
    """Return the document with other values at its top."""
    return json.dumps(json.loads(encode(FINNEY)) | fields).encode()


def with_value(column: str, value: object) -> bytes:
    """Return the document with another value in the second axon's row."""
    document = json.loads(encode(FINNEY))
    document["axons"][1][document["columns"].index(column)] = value
    return json.dumps(document).encode()


addresses = st.ip_addresses().map(str) | st.just("")
amounts = st.floats(0, 1e18)
keys = st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", min_size=46, max_size=50)


@st.composite
def metagraphs(draw):
    netuid, block = draw(st.integers(0, 65_535)), draw(st.integers(0, 2**32))
    standings = st.builds(Standing, amounts, st.floats(0, 1), amounts, st.booleans(), st.booleans())
    axons = tuple(
        Axon(
            draw(addresses),
            draw(st.integers(0, 65_535)),
            draw(keys),
            netuid,
            uid,
            draw(keys | st.none()),
            block,
            "metagraph",
            None,
            draw(standings),
        )
        for uid in sorted(draw(st.sets(st.integers(0, 65_535), max_size=5)))
    )
    network = draw(st.sampled_from(["finney", "test", "local", "ws://127.0.0.1:9944", "wss://[::1]:9944"]))
    fetched_at = draw(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
    genesis = draw(st.none() | st.from_regex(r"0x[0-9a-f]{64}", fullmatch=True))
    return Metagraph(network, netuid, block, fetched_at.timestamp(), genesis, axons)


@given(metagraphs())
def test_a_metagraph_comes_back_as_it_was(metagraph):
    assert decode(encode(metagraph)) == metagraph


@given(metagraphs(), st.sampled_from(["a", "a.gz", "a.XZ"]))
def test_a_compressed_metagraph_comes_back_whatever_its_file_is_called_then(metagraph, name):
    assert decode(snapshot.packed(encode(metagraph), name)) == metagraph


def test_the_document_is_one_json_object_with_an_axon_on_each_line():
    lines = encode(FINNEY).decode().splitlines()

    head = json.loads(lines[0] + "]}")
    assert head == {
        "schema": "dendrite.metagraph/1",
        "type": "metagraph",
        "network": "finney",
        "netuid": 1,
        "block": 7811204,
        "fetched_at": "2026-11-22T18:30:18.412345Z",
        "genesis": GENESIS,
        "columns": list(snapshot.COLUMNS),
        "axons": [],
    }
    assert lines[1] == f'[0,"{ALICE}","{BOB}","192.0.2.17",8091,1234.5,0.25,1.5,true,true],'
    assert len(lines) == 1 + len(FINNEY.axons) + 1


def test_axons_are_those_of_the_subnet_at_that_block():
    found = decode(encode(FINNEY)).axons[1]

    assert (found.source, found.netuid, found.block, found.uid) == ("metagraph", 1, 7811204, 1)


def test_whole_numbers_are_taken_for_amounts_since_jq_writes_them():
    found = decode(with_value("stake", 1000)).axons[1]

    assert found.standing.stake == 1000.0
    assert isinstance(found.standing.stake, float)


def test_what_a_later_dendrite_adds_beside_is_ignored():
    assert decode(changed(symbol="TAO")) == FINNEY


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"null", "no dendrite.metagraph document"),
        (b"[]", "no dendrite.metagraph document"),
        (b'{"schema": 1}', "no dendrite.metagraph document"),
        (b'{"schema": "dendrite.result/1"}', "no dendrite.metagraph document"),
        (changed(schema="dendrite.metagraph/2"), "another version than dendrite.metagraph/1"),
        (encode(FINNEY)[:-10], "not JSON, or not all of it: line"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 60_000, "too deep"),
        (b"[]," * 70_000, "more lists than a subnet has neurons"),
        (b" " * (snapshot.MOST + 1), "larger than 16 MiB"),
        (gzip.compress(b" " * (snapshot.MOST + 1)), "larger than 16 MiB"),
        (lzma.compress(b" " * (snapshot.MOST + 1)), "larger than 16 MiB"),
        (gzip.compress(encode(FINNEY))[:-1], "do not end where they should"),
        (gzip.compress(encode(FINNEY)) + b"x", "do not end where they should"),
        (lzma.compress(encode(FINNEY))[:-1], "do not end where they should"),
        (b"\x1f\x8bnonsense", "gzip compression is broken"),
        (b"\xfd7zXZ\0nonsense, too", "xz compression is broken"),
        (b"9" * 5000, "a number that is none"),
        (changed(netuid=65_536), "its netuid is not a whole number below 65,536"),
        (changed(netuid=True), "its netuid is not"),
        (changed(block=1.0), "its block is not"),
        (changed(block=-1), "its block is not"),
        (changed(network=""), "its network is not a name"),
        (changed(network="finney\x1b[2J"), "its network is not a name"),
        (changed(network="wss://user:s3cret@node.example"), "nor only a URL's scheme, host and port"),
        (changed(network="Finney"), "its network is not a name"),
        (changed(network="\ud800"), "its network is not a name"),
        (changed(genesis="0x12"), "its genesis is not the hash"),
        (changed(genesis=1), "its genesis is not the hash"),
        (changed(fetched_at=1795372218), "its fetched_at is no instant"),
        (changed(fetched_at="2026-11-22T18:30:18"), "its fetched_at is no instant"),
        (changed(fetched_at="2026-02-30T18:30:18Z"), "its fetched_at is no instant"),
        (changed(columns=["uid"]), "its columns are not those"),
        (changed(axons={}), "its axons are no list"),
        (changed(axons=[[]]), "axon 0 of the list: not a list of 10 values"),
        (changed(axons=["abcdefghij"]), "axon 0 of the list: not a list of 10 values"),
        (with_value("uid", 0), "axon 1 of the list: its uid is not above the one before"),
        (with_value("uid", 65_536), "its uid is not a whole number"),
        (with_value("uid", None), "its uid is not a whole number"),
        (with_value("hotkey", None), "its hotkey is no ss58"),
        (with_value("hotkey", ALICE + "\r\nX: y"), "its hotkey is no ss58"),
        (with_value("coldkey", "0" * 48), "its coldkey is no ss58"),
        (with_value("host", "axon.example"), "its host is no IP address"),
        (with_value("host", "fe80::1%eth0"), "its host is no IP address"),
        (with_value("host", "192.0.2.1\0"), "its host is no IP address"),
        (with_value("host", "192.0.2.\ud800"), "its host is no IP address"),
        (with_value("port", 65_536), "its port is not a whole number"),
        (with_value("port", "80"), "its port is not a whole number"),
        (with_value("stake", float("nan")), "a number that is none"),
        (with_value("stake", -1), "its stake is not a number from 0"),
        (with_value("stake", int("-" + "9" * 4000)), "its stake is not a number from 0"),
        (with_value("stake", 123).replace(b"123,", b"1e999,"), "its stake is not a number from 0"),
        (with_value("emission", "1"), "its emission is not a number from 0"),
        (with_value("incentive", 1.5), "its incentive is not a number from 0 to 1"),
        (with_value("active", 1), "its validator_permit or active is neither"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_metagraph_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        decode(data)

    assert "\n" not in str(caught.value)


def decodes_or_says_why(data: bytes) -> None:
    try:
        found = decode(data)
    except ValueError as problem:
        reason = str(problem)
    else:
        reason = "none"
        assert decode(encode(found)) == found
    assert reason.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.binary(max_size=50) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_metagraph_or_a_reason(data):
    decodes_or_says_why(data)


@given(st.sampled_from(list(json.loads(encode(FINNEY)))), json_values)
def test_any_value_anywhere_at_the_top_is_taken_or_refused(field, value):
    decodes_or_says_why(changed(**{field: value}))


@given(st.sampled_from(snapshot.COLUMNS), json_values)
def test_any_value_anywhere_in_a_row_is_taken_or_refused(column, value):
    decodes_or_says_why(with_value(column, value))


@given(st.data(), st.sampled_from(["a", "a.gz", "a.xz"]))
def test_any_damage_is_harmless_or_refused(data, name):
    whole = bytearray(snapshot.packed(encode(FINNEY), name))
    start = data.draw(st.integers(0, len(whole)))
    whole[start : start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=5))

    decodes_or_says_why(bytes(whole))


@pytest.mark.parametrize(
    ("metagraph", "reason"),
    [
        (replace(FINNEY, axons=(replace(axon(3), standing=None),)), "uid 3 has no standing"),
        (replace(FINNEY, axons=(axon(0, stake=float("nan")),)), "Out of range float"),
        (replace(FINNEY, axons=(axon(1), axon(0))), "its uid is not above"),
        (replace(FINNEY, axons=(replace(axon(0), hotkey=None),)), "its hotkey is no ss58"),
        (replace(FINNEY, axons=(replace(axon(0), port=object()),)), "not JSON serializable"),
        (replace(FINNEY, fetched_at=float("nan")), "is no time"),
        (replace(FINNEY, fetched_at=1e300), "is no time"),
        (replace(FINNEY, network=" "), "its network is not a name"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(metagraph, reason):
    with pytest.raises(ValueError, match=reason):
        encode(metagraph)


def test_of_a_url_only_scheme_host_and_port_are_written():
    metagraph = replace(FINNEY, network="wss://user:s3cret@node.example/k3y?apikey=s3cret")

    assert b"s3cret" not in encode(metagraph)
    assert decode(encode(metagraph)).network == "wss://node.example"


@pytest.mark.parametrize("name", ["sn1.json", "sn1.json.gz", "sn1.json.xz", "sn1", "n" * 255])
def test_a_snapshot_is_saved_and_loaded(name, tmp_path):
    save(FINNEY, tmp_path / name)

    assert load(tmp_path / name) == FINNEY
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", ["a.json", "a.gz", "a.xz"])
def test_the_same_metagraph_gives_the_same_bytes(name, tmp_path):
    save(FINNEY, tmp_path / name)
    save(FINNEY, tmp_path / f"again-{name}")

    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()


def test_a_snapshot_takes_the_place_of_the_one_before(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")

    save(FINNEY, tmp_path / "link")

    assert (tmp_path / "link").is_symlink()
    assert load(tmp_path / "real") == FINNEY


def test_a_snapshot_is_a_file_like_any_other(tmp_path):
    before = os.umask(0o027)
    try:
        save(FINNEY, tmp_path / "shared")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o640


def test_a_snapshot_goes_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=save, args=(FINNEY, tmp_path / "pipe"))
    writer.start()

    assert load(tmp_path / "pipe") == FINNEY
    writer.join()


def test_a_snapshot_that_cannot_be_written_leaves_the_one_before(tmp_path):
    save(FINNEY, tmp_path / "sn1")

    with pytest.raises(UsageError, match=r"cannot write .*sn1': uid 0 has no standing"):
        save(replace(FINNEY, axons=(replace(axon(0), standing=None),)), tmp_path / "sn1")

    assert load(tmp_path / "sn1") == FINNEY
    assert names(tmp_path) == ["sn1"]


@pytest.mark.parametrize("name", ["missing/sn1", "."])
def test_a_place_where_nothing_can_be_written_is_named(name, tmp_path):
    with pytest.raises(UsageError, match=f"cannot write '{tmp_path}.*': (no such|is a) .*directory") as caught:
        save(FINNEY, tmp_path / name)

    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("path", ["missing", ".", "a\0b", "~nobody-of-that-name/sn1"])
def test_a_snapshot_that_cannot_be_read_is_named_with_what_to_do(path, tmp_path):
    with pytest.raises(TargetError, match="cannot read") as caught:
        load(tmp_path / path if "~" not in path else Path(path))

    assert caught.value.help == "write one with 'dendrite snapshot save FILE --netuid N'"


def test_a_file_that_is_no_snapshot_is_named_with_the_reason(tmp_path):
    (tmp_path / "axons.txt").write_text("192.0.2.1:80\n")

    with pytest.raises(TargetError, match=r"axons.txt' is no usable snapshot: it is not JSON") as caught:
        load(tmp_path / "axons.txt")

    assert caught.value.exit_code is ExitCode.TARGET
