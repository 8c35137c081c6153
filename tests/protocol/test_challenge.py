import http.client
import time
from uuid import uuid4

import pytest
from bittensor_wallet import Keypair
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.protocol import Message, Reply, Stamp
from dendrite_cli.protocol.challenge import challenge, inquiry, named, proof

HOTKEY = Keypair.create_from_uri("//axon").ss58_address
SENDER = Keypair.create_from_uri("//nobody").ss58_address
TEXT = "3f" * 32
STAMP = Stamp(1_750_000_000_000_000_000, "29bf29b0-e6a4-11f1-86f2-02fc00000001")


def said(host: str, port: int, message: Message) -> Reply:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    connection.request(message.method, message.path, message.content, dict(message.headers))
    answer = connection.getresponse()
    reply = Reply(
        answer.status, answer.reason, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    )
    connection.close()
    return reply


def signed(**changed: str) -> Reply:
    keypair = Keypair.create_from_uri("//axon")
    text = f"17.{TEXT}.{HOTKEY}.{STAMP.uuid}"
    headers = {
        "signature": f"0x{keypair.sign(text.encode()).hex()}",
        "nonce": "17",
        "uuid": STAMP.uuid,
        "version": "10005000",
    }
    return Reply(401, "", {f"bt_header_axon_{name}": value for name, value in (headers | changed).items()}, b"")


def test_a_real_axon_proves_its_key_and_tells_its_clock_and_version(sdk10):
    axon = sdk10["good"]

    found = proof(said(axon["host"], axon["port"], challenge(axon["hotkey"], TEXT)), axon["hotkey"], TEXT)

    assert found
    assert Keypair(ss58_address=axon["hotkey"]).verify(found.signed, found.signature)
    assert abs(found.clock / 1e9 - time.time()) < 5
    assert found.version == 10_005_000


def test_a_real_axon_that_holds_another_key_does_not_prove_the_expected_one(sdk10):
    axon = sdk10["good"]

    found = proof(said(axon["host"], axon["port"], challenge(HOTKEY, TEXT)), HOTKEY, TEXT)

    assert found
    assert not Keypair(ss58_address=HOTKEY).verify(found.signed, found.signature)


def test_a_real_axon_names_its_hotkey(sdk10):
    axon = sdk10["good"]
    stamp = Stamp(time.time_ns(), str(uuid4()))

    assert named(said(axon["host"], axon["port"], inquiry(stamp, SENDER)), stamp, SENDER) == axon["hotkey"]


def test_a_proof_is_over_the_text_that_we_chose():
    found = proof(signed(), HOTKEY, TEXT)

    assert found
    assert Keypair(ss58_address=HOTKEY).verify(found.signed, found.signature)
    other = proof(signed(), HOTKEY, "00" * 32)
    assert other
    assert not Keypair(ss58_address=HOTKEY).verify(other.signed, other.signature)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"signature": "0x00"},
        {"signature": "0x" + "g" * 128},
        {"nonce": "-1"},
        {"nonce": "9" * 21},
        {"nonce": "\u0661"},
        {"uuid": ""},
        {"uuid": "a b"},
        {"uuid": "x" * 129},
    ],
)
def test_a_refusal_that_is_not_signed_as_it_should_proves_nothing(changed):
    assert proof(signed(**changed), HOTKEY, TEXT) is None


@given(st.dictionaries(st.sampled_from(["signature", "nonce", "uuid", "version"]), st.text(max_size=200)), st.binary())
def test_whatever_an_axon_sends_is_a_proof_or_none(headers, content):
    reply = Reply(401, "", {f"bt_header_axon_{name}": value for name, value in headers.items()}, content)

    assert proof(reply, HOTKEY, TEXT) is None
    assert named(reply, STAMP, SENDER) is None


@pytest.mark.parametrize(
    ("status", "content", "found"),
    [
        (401, f"Signature mismatch with {STAMP.nonce}.{SENDER}.{HOTKEY}.{STAMP.uuid}.a7ff and 0x00", HOTKEY),
        (200, f"Signature mismatch with {STAMP.nonce}.{SENDER}.{HOTKEY}.{STAMP.uuid}.a7ff and 0x00", None),
        (401, f"Signature mismatch with {STAMP.nonce}.{HOTKEY}.{HOTKEY}.{STAMP.uuid}.a7ff and 0x00", None),
        (401, f"Signature mismatch with 17.{SENDER}.{HOTKEY}.{STAMP.uuid}.a7ff and 0x00", None),
        (401, f"{STAMP.nonce}.{SENDER}.0000.{STAMP.uuid}.", None),
        (401, "x" * 5000 + f"{STAMP.nonce}.{SENDER}.{HOTKEY}.{STAMP.uuid}.", None),
    ],
)
def test_a_hotkey_is_named_only_in_the_text_that_was_to_be_signed(status, content, found):
    assert named(Reply(status, "", {}, content.encode()), STAMP, SENDER) == found
