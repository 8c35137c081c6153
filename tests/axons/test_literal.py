import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.axons.literal import parse, select
from dendrite_cli.errors import TargetError
from dendrite_cli.model import Axon

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


def no_stdin() -> str:
    raise AssertionError("stdin was read")


@pytest.mark.parametrize(
    ("text", "axon"),
    [
        ("192.0.2.17:8091", Axon("192.0.2.17", 8091)),
        (f"{ALICE}@192.0.2.17:8091", Axon("192.0.2.17", 8091, ALICE)),
        (f"{ALICE}@[2001:db8::1]:1", Axon("2001:db8::1", 1, ALICE)),
        ("[2001:0DB8:0::1]:1", Axon("2001:db8::1", 1)),
        ("Axon.Example:65535", Axon("axon.example", 65535)),
        ("my_miner-1:80", Axon("my_miner-1", 80)),
        ("[fe80::1%eth0]:80", Axon("fe80::1%eth0", 80)),
    ],
)
def test_an_axon_is_a_host_a_port_and_perhaps_a_hotkey(text, axon):
    assert parse(text) == axon


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "an axon is missing"),
        ("192.0.2.17", "has no port"),
        ("192.0.2.17:", "has no port"),
        (":8091", "has no port"),
        ("192.0.2.17:0", "is not 1-65535"),
        ("192.0.2.17:65536", "is not 1-65535"),
        ("192.0.2.17:99999999999999999999", "is not 1-65535"),
        ("192.0.2.17:+80", "is not 1-65535"),
        ("192.0.2.17:٣", "is not 1-65535"),
        ("192.0.2.17:80/path", "is not 1-65535"),
        ("256.0.2.17:80", "no valid IPv4"),
        ("192.0.2:80", "no valid IPv4"),
        ("2001:db8::1:80", "is ambiguous"),
        ("[2001:db8::g]:80", "no valid IPv6"),
        ("[192.0.2.1]:80", "no valid IPv6"),
        ("a b:80", "no usable host name"),
        ("-a:80", "no usable host name"),
        ("a..b:80", "no usable host name"),
        ("é:80", "no usable host name"),
        (f"{'a' * 64}:80", "no usable host name"),
        (f"{ALICE[:-1]}Z@192.0.2.1:80", "the checksum of"),
        ("me@192.0.2.1:80", "the checksum of"),
        ("@192.0.2.1:80", "no hotkey before the '@'"),
        ("ftp://192.0.2.1:80", "a protocol in front that is not spoken"),
    ],
)
def test_what_is_no_axon_is_refused_with_the_reason(text, complaint):
    with pytest.raises(TargetError, match=complaint):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_an_axon_or_a_target_error(text):
    try:
        axon = parse(text)
    except TargetError:
        return

    assert 1 <= axon.port <= 65535


def test_a_file_lists_one_axon_per_line_with_comments(tmp_path):
    path = tmp_path / "axons.txt"
    path.write_text(f"# miners\n192.0.2.1:80\n\n  {ALICE}@192.0.2.2:81  # the good one\r\n", encoding="utf-8-sig")

    selection = select([f"@{path}"], no_stdin)

    assert selection.axons == (Axon("192.0.2.1", 80), Axon("192.0.2.2", 81, ALICE))


def test_stdin_takes_our_own_records_however_jq_lays_them_out():
    axon = {"netuid": 1, "uid": 7, "hotkey": ALICE, "host": "192.0.2.7", "port": 80, "source": "metagraph"}
    records = json.dumps({"type": "result", "axon": axon}, indent=2) + "\n" + json.dumps({"host": "::1", "port": 81})

    selection = select(["-"], lambda: records)

    assert selection.axons == (
        Axon("192.0.2.7", 80, ALICE, netuid=1, uid=7, source="metagraph"),
        Axon("::1", 81),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("192.0.2.1:80\n192.0.2.2:80\nnonsense\n", "stdin, line 3: 'nonsense' has no port"),
        ('192.0.2.1:80\n{"host": "192.0.2.2",\n', "stdin, line 2: broken JSON"),
        ('\n{"port": 80}\n', "stdin, line 2: the record has no host"),
        ('{"host": "192.0.2.2"}', "stdin, line 1: '192.0.2.2:None' has no valid port"),
        ('{"host": "192.0.2.2", "port": 80, "hotkey": "x"}', "the checksum of 'x' is wrong"),
        ("[" * 10 + "\n", "stdin, line 1"),
        ('{"a":' * 100_000, "stdin, line 1: broken JSON"),
    ],
)
def test_a_list_with_one_bad_line_says_which(text, complaint):
    with pytest.raises(TargetError, match=complaint):
        select(["-"], lambda: text)


def test_an_axon_that_is_named_twice_is_asked_once():
    selection = select(["192.0.2.1:80", f"{ALICE}@192.0.2.1:80", "192.0.2.1:80"], no_stdin)

    assert selection.axons == (Axon("192.0.2.1", 80), Axon("192.0.2.1", 80, ALICE))
    assert selection.duplicates == (Axon("192.0.2.1", 80),)


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_list_that_cannot_be_read_is_an_error(name, tmp_path):
    with pytest.raises(TargetError, match="cannot read"):
        select([f"@{tmp_path / name}"], no_stdin)


def test_a_list_that_is_not_text_is_an_error(tmp_path):
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(TargetError, match="not UTF-8"):
        select([f"@{tmp_path / 'list'}"], no_stdin)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_one_however_its_lines_end(tmp_path, end):
    file = tmp_path / "axons.txt"
    file.write_bytes(f"192.0.2.1:1{end}192.0.2.2:2{end}".encode())

    assert [axon.port for axon in select([f"@{file}"], no_stdin).axons] == [1, 2]


def test_a_home_that_nobody_has_is_a_file_that_is_not_there():
    with pytest.raises(TargetError, match="no such file"):
        select(["@~nosuchuser/x"], no_stdin)
