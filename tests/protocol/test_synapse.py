import json
from base64 import b64decode

import pydantic_core
import pytest

from dendrite_cli.model import Answer, Axon, Request, Verdict
from dendrite_cli.protocol import Reply, Stamp
from dendrite_cli.protocol.signing import ELIDED
from dendrite_cli.protocol.synapse import SynapseWire

AXON = Axon("192.0.2.17", 8091, "5GBtgzaZ7ndMFdb4bgzs9LLJpm9pySAokLWrUquyat1JATCX")
STAMP = Stamp(1750000000000000001, "29bf29b0-e6a4-11f1-86f2-02fc00000001", "192.0.2.10")


class Signer:
    """Signs with its own text, so that what was signed can be read back."""

    ss58_address = "5F794pEtKBneBZ1wTfj6zs5nG5764Uw6fZxBKxjYhER4UuNE"

    def __init__(self):
        self.signed = b""

    def sign(self, data: bytes) -> bytes:
        self.signed = data
        return b"\xab" * 64


def read(content: bytes) -> Answer:
    value = pydantic_core.from_json(content)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - the reader's contract
    return Answer(value)


def wire(**request) -> SynapseWire:
    return SynapseWire(Request("Echo", read, **request))


def reply(status=200, content=b"{}", headers=None) -> Reply:
    return Reply(status, "Reason", headers or {}, content)


def test_the_signature_covers_nonce_hotkeys_uuid_and_body_hash():
    signer = Signer()

    message = wire(hashed=("x",)).message(AXON, STAMP, signer)

    body_hash = message.headers["computed_body_hash"]
    assert signer.signed.decode() == f"{STAMP.nonce}.{signer.ss58_address}.{AXON.hotkey}.{STAMP.uuid}.{body_hash}"
    assert message.headers["bt_header_dendrite_signature"] == "0x" + "ab" * 64


def test_the_envelope_stands_in_front_of_the_fields_in_the_body():
    message = wire(body=b'{"text":"hi"}', timeout=5).message(AXON, STAMP, Signer())

    body = json.loads(b"".join(message.body))
    assert list(body) == [
        *("name", "timeout", "total_size", "header_size", "dendrite", "axon", "computed_body_hash"),
        "text",
    ]
    assert body["text"] == "hi"
    assert body["timeout"] == 5.0
    assert body["dendrite"]["nonce"] == STAMP.nonce
    assert body["dendrite"]["ip"] == "192.0.2.10"
    assert body["axon"]["hotkey"] == AXON.hotkey


def test_a_synapse_without_fields_is_the_envelope_alone():
    message = wire().message(AXON, STAMP, Signer())

    assert json.loads(b"".join(message.body))["name"] == "Echo"


def test_required_fields_travel_as_headers():
    message = wire(stand_ins=(("text", b'""'),)).message(AXON, STAMP, Signer())

    assert b64decode(message.headers["bt_header_input_obj_text"]) == b'""'


def test_an_unsigned_request_names_no_dendrite_and_carries_no_signature():
    message = wire().message(AXON, STAMP, None)

    assert message.signature is None
    assert not {"bt_header_dendrite_hotkey", "bt_header_dendrite_signature"} & set(message.headers)
    assert json.loads(b"".join(message.body))["dendrite"]["hotkey"] is None


def test_a_host_name_is_announced_by_its_address():
    message = wire().message(Axon("axon.example", 1, AXON.hotkey, address="192.0.2.9"), STAMP, Signer())

    assert message.headers["bt_header_axon_ip"] == "192.0.2.9"


def test_the_http_status_decides_whatever_the_headers_say():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(500, b"{}", {"bt_header_axon_status_code": "200"}))

    assert (reading.verdict, reading.status_code) == (Verdict.SERVER_ERROR, 500)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b"null", b"[" * 5000, b'{"a":"\xff"}', b'{"a":1'])
def test_a_200_that_is_not_what_was_asked_for_is_a_bad_response(content):
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(200, content))

    assert (reading.verdict, reading.status_code, reading.body) == (Verdict.BAD_RESPONSE, 422, None)


def test_a_refusal_says_why():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(403, b'{"message":"Forbidden. Key is blacklisted: stake."}'))

    assert (reading.verdict, reading.status_message) == (Verdict.FORBIDDEN, "Forbidden. Key is blacklisted: stake.")


def test_a_refusal_that_is_not_json_shows_the_beginning_of_its_text():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(502, b"<html>" + b"x" * 10_000))

    assert (reading.verdict, reading.status_message) == (Verdict.SERVER_ERROR, "Reason")
    assert reading.truncated
    assert str(reading.body).startswith("<html>x")
    assert len(str(reading.body)) == 4096


def test_a_refusal_of_few_letters_that_take_many_bytes_is_shown_whole():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(502, ("\N{SNOWMAN}" * 2000).encode()))

    assert (reading.body, reading.truncated) == ("\N{SNOWMAN}" * 2000, False)


@pytest.mark.parametrize("before", [0, 4096 - 127, 4096 - 64, 4096])
def test_a_refusal_that_is_cut_keeps_no_part_of_our_signature(before):
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(502, b"x" * before + b"ab" * 64 + b"y" * 5000))

    assert "ab" * 9 not in str(reading.body)
    assert reading.truncated


def test_a_complaint_that_quotes_the_answer_keeps_no_part_of_our_signature():
    def strict(content: bytes) -> Answer:
        raise ValueError(f"text: should be a number; it is '{content[:60].decode()}...'")

    asked = SynapseWire(Request("Echo", strict))
    message = asked.message(AXON, STAMP, Signer())

    reading = asked.read(message, reply(200, b"0x" + b"ab" * 64))

    assert reading.verdict is Verdict.BAD_RESPONSE
    assert "ab" * 9 not in reading.status_message


def test_what_the_axon_says_of_itself_is_only_claimed():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())
    headers = {
        "bt_header_axon_process_time": "0.25",
        "bt_header_axon_version": "10005000",
        "bt_header_axon_hotkey": "5Somebody",
    }

    claimed = asked.read(message, reply(200, b"{}", headers)).claimed

    assert (claimed.process_time, claimed.version, claimed.hotkey) == (0.25, 10_005_000, "5Somebody")


@pytest.mark.parametrize("nonsense", ["", "nan", "inf", "-inf", "1e999", "abc", "9" * 5000])
def test_numbers_that_are_none_are_not_claimed(nonsense):
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())
    headers = {"bt_header_axon_process_time": nonsense, "bt_header_axon_version": nonsense}

    claimed = asked.read(message, reply(200, b"{}", headers)).claimed

    assert (claimed.process_time, claimed.version) == (None, None)


def test_our_signature_is_elided_where_the_axon_echoes_it():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())
    echo = f"0x{message.signature}"
    headers = {"bt_header_axon_status_message": f"got {echo}", "bt_header_axon_hotkey": echo}

    reading = asked.read(message, reply(200, json.dumps({"echo": [echo]}).encode(), headers))

    assert reading.status_message == f"got {ELIDED}"
    assert reading.body == {"echo": [ELIDED]}
    assert reading.claimed.hotkey == ELIDED


def test_an_echo_hidden_in_unicode_escapes_is_elided_too():
    asked = wire()
    message = asked.message(AXON, STAMP, Signer())
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in message.signature or "")

    reading = asked.read(message, reply(401, f'{{"message":"{hidden}"}}'.encode()))

    assert reading.body == {"message": ELIDED}
    assert reading.status_message == ELIDED
