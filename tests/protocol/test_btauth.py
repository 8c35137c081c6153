import json
from hashlib import sha256
from pathlib import Path

import pydantic_core
import pytest
from bittensor_wallet import Keypair

from dendrite_cli.model import Answer, Axon, Call, Verdict
from dendrite_cli.protocol import Reply, Stamp
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.signing import ELIDED

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "btauth.json").read_text())
PAYLOADS = VECTORS["payload"]
_CRYPTO = {"ed25519": 0, "sr25519": 1}


def read(content: bytes) -> Answer:
    return Answer(pydantic_core.from_json(content))


def keypair(vector: dict) -> Keypair:
    which = next(name for name, address in VECTORS["keys"].items() if address == vector["sender"])
    kind = {"crypto_type": 0} if which == "ed" else {}
    return Keypair.create_from_uri(f"//dendrite-kit//{which}", **kind)


def said(vector: dict):
    call = Call(vector["path"], read, vector["method"], bytes.fromhex(vector["body_hex"]))
    axon = Axon("192.0.2.17", 8091, vector["receiver"])
    return BtauthWire(call).message(axon, Stamp(int(vector["nonce"]), "uuid"), keypair(vector))


@pytest.mark.parametrize("vector", PAYLOADS, ids=lambda vector: vector["name"])
def test_the_payload_is_that_of_the_sdk_byte_for_byte(vector):
    scheme = vector["name"].rpartition("/")[2]
    wire = BtauthWire(Call(vector["path"], read, vector["method"], bytes.fromhex(vector["body_hex"])))

    text = wire.payload(scheme, int(vector["nonce"]), vector["sender"], vector["receiver"])

    assert text.decode() == vector["payload_utf8"]
    assert sha256(text).hexdigest() == vector["payload_sha256"]


@pytest.mark.parametrize("vector", PAYLOADS, ids=lambda vector: vector["name"])
def test_the_headers_are_those_of_the_sdk_and_the_signature_verifies(vector):
    message = said(vector)

    own, theirs = dict(message.headers), dict(vector["headers"])
    signature = own.pop("X-Bittensor-Signature")
    theirs.pop("X-Bittensor-Signature")
    kind = {"crypto_type": _CRYPTO[vector["name"].rpartition("/")[2]]}
    assert own == theirs
    assert Keypair(ss58_address=vector["sender"], **kind).verify(vector["payload_utf8"].encode(), signature)
    assert message.signature == signature.removeprefix("0x")
    assert message.content == bytes.fromhex(vector["body_hex"])
    assert message.path == vector["path"]


def test_an_unsigned_request_has_none_of_the_protocol_s_headers():
    call = Call("/x", read, headers=(("Content-Type", "application/json"),), body=b"{}")

    message = BtauthWire(call).message(Axon("192.0.2.17", 8091), Stamp(1, "uuid"), None)

    assert (message.headers, message.signature) == ({"Content-Type": "application/json"}, None)


def test_a_request_without_a_body_has_none():
    message = BtauthWire(Call("/x", read, "GET")).message(Axon("192.0.2.17", 8091), Stamp(1, "uuid"), None)

    assert (message.method, message.body) == ("GET", ())


@pytest.mark.parametrize(
    ("status", "content", "verdict", "text"),
    [
        (200, b'{"a":1}', Verdict.OK, "reason"),
        (201, b"[1]", Verdict.OK, "reason"),
        (204, b"", Verdict.OK, "reason"),
        (200, b"<html>", Verdict.BAD_RESPONSE, "Failed to parse response"),
        (401, b'{"detail":"stale"}', Verdict.UNAUTHORIZED, "stale"),
        (403, b'{"error":"no stake"}', Verdict.FORBIDDEN, "no stake"),
        (404, b"nothing here", Verdict.NOT_FOUND, "reason"),
        (422, b'{"detail":[{"loc":["body"]}]}', Verdict.CLIENT_ERROR, "reason"),
        (302, b"", Verdict.REDIRECT, "reason"),
        (500, b"\xff\xfe", Verdict.SERVER_ERROR, "reason"),
    ],
)
def test_a_reply_means_what_http_says(status, content, verdict, text):
    wire = BtauthWire(Call("/x", read))
    message = wire.message(Axon("192.0.2.17", 8091), Stamp(1, "uuid"), None)

    reading = wire.read(message, Reply(status, "reason", {}, content))

    assert reading.verdict is verdict
    assert reading.status_message.startswith(text)
    assert reading.status_code == (422 if verdict is Verdict.BAD_RESPONSE else status)


def test_our_signature_is_elided_from_what_comes_back():
    wire = BtauthWire(Call("/x", read))
    message = said(PAYLOADS[0])
    echo = json.dumps({"you": f"0x{message.signature}"}).encode()

    assert wire.read(message, Reply(200, "OK", {}, echo)).body == {"you": ELIDED}
    assert wire.read(message, Reply(401, "no", {}, echo)).body == {"you": ELIDED}


@pytest.mark.parametrize("before", [0, 4000, 4079, 4096])
def test_what_is_cut_of_a_refusal_keeps_no_telling_part_of_our_signature(before):
    wire = BtauthWire(Call("/x", read))
    message = said(PAYLOADS[0])
    text = f"{'x' * before}{message.signature}{'y' * 5000}"

    plain, reason = (
        wire.read(message, Reply(401, "no", {}, content))
        for content in (text.encode(), json.dumps({"detail": text}).encode())
    )

    assert message.signature[:17] not in str(plain.body)
    assert message.signature[:17] not in reason.status_message
    assert (len(reason.status_message) <= 4096, plain.truncated) == (True, True)
