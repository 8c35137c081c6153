"""Against a verifier that is written from the protocol's text alone, and shares no code with ours."""

import hashlib
import json
from math import ceil
from uuid import UUID

import pytest
from bittensor_wallet import Keypair

from dendrite_cli.model import Answer, Axon, Call
from dendrite_cli.protocol import Reply, Stamp
from dendrite_cli.protocol.epistula import EpistulaWire
from dendrite_cli.protocol.signing import ELIDED

SENDER, RECEIVER, OTHER = (Keypair.create_from_uri(f"//epistula-{who}") for who in ("sender", "receiver", "other"))
NOW = 1_750_000_000_123
BODY = b'{"prompt":"hello"}'


def verified(headers, body: bytes, now: int, own: str) -> str | None:
    """Return why a request is refused; None if it is not."""
    if headers.get("Epistula-Version") != "2":
        return "version"
    if headers.get("Epistula-Signed-For", own) != own:
        return "receiver"
    timestamp = int(headers["Epistula-Timestamp"])
    if not now - 8000 <= timestamp <= now + 8000:
        return "stale"
    signed_for = headers.get("Epistula-Signed-For", "")
    text = f"{hashlib.sha256(body).hexdigest()}.{headers['Epistula-Uuid']}.{timestamp}.{signed_for}"
    key = Keypair(ss58_address=headers["Epistula-Signed-By"])
    if not key.verify(text.encode(), headers["Epistula-Request-Signature"]):
        return "signature"
    interval = ceil(timestamp / 10**4)
    for which in range(3 if signed_for else 0):
        secret = headers[f"Epistula-Secret-Signature-{which}"]
        if not key.verify(f"{interval - 1 + which}.{signed_for}".encode(), secret):
            return "secret"
    return None


def said(receiver: str | None = RECEIVER.ss58_address, nonce: int = NOW * 10**6 + 456):
    wire = EpistulaWire(Call("/v1/chat", lambda content: Answer(json.loads(content)), body=BODY))
    axon = Axon("192.0.2.17", 8091, receiver)
    return wire, wire.message(axon, Stamp(nonce, "29bf29b0-e6a4-11f1-86f2-02fc00000001"), SENDER)


@pytest.mark.parametrize("receiver", [RECEIVER.ss58_address, None])
def test_a_request_is_accepted_by_its_receiver(receiver):
    _, message = said(receiver)

    assert verified(message.headers, message.content, NOW, RECEIVER.ss58_address) is None
    assert (message.method, message.path) == ("POST", "/v1/chat")


@pytest.mark.parametrize(
    ("now", "own", "body", "why"),
    [
        (NOW + 9000, RECEIVER, BODY, "stale"),
        (NOW - 9000, RECEIVER, BODY, "stale"),
        (NOW, OTHER, BODY, "receiver"),
        (NOW, RECEIVER, b"{}", "signature"),
    ],
)
def test_a_request_is_refused_elsewhere_later_or_changed(now, own, body, why):
    _, message = said()

    assert verified(message.headers, body, now, own.ss58_address) == why


def test_every_request_has_a_uuid_of_its_own():
    uuids = {said(nonce=NOW + step)[1].headers["Epistula-Uuid"] for step in range(100)}

    assert len(uuids) == 100
    assert {UUID(uuid).version for uuid in uuids} == {4}


def test_none_of_our_signatures_is_in_what_is_shown():
    wire, message = said()
    echoed = {name: value for name, value in message.headers.items() if "Signature" in name}
    assert len(echoed) == 4

    reading = wire.read(message, Reply(401, "no", {}, json.dumps({"headers": echoed}).encode()))

    assert reading.body == {"headers": dict.fromkeys(echoed, ELIDED)}


def test_an_unsigned_request_has_none_of_the_protocol_s_headers():
    wire, _ = said()

    assert wire.message(Axon("192.0.2.17", 8091), Stamp(1, "uuid"), None).headers == {}
