"""The v10 protocol: a synapse as bittensor 10's dendrite says it and its axon checks it.

`POST /<route>`: the envelope travels twice, as headers (signed, checked) and in front of the fields in the JSON
body (miners' handlers read it there). The fields are encoded and hashed once per run; per axon only the
envelope, the nonce and the signature differ. Source: bittensor 10.5.0, `core/{dendrite,synapse,axon}.py`.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import NamedTuple
from urllib.parse import quote

from dendrite_cli.model import ENVELOPE, Axon, Claimed, Request, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp
from dendrite_cli.protocol.reading import TEXT_LIMIT, reason, refusal, without
from dendrite_cli.protocol.signing import body_hash, signed_text, trimmed
from dendrite_cli.protocol.status import v10_code, verdict_of

VERSION = 10_005_000
"""The dialect we speak: 10.5.0. An axon skips the nonce window for senders below 7.2.0, so it is always sent."""

_WINDOW = 4.0
"""Seconds an axon adds to the time-out it is told: the oldest nonce it takes from a stranger."""
_MAX_VERSION = 2**31


class SynapseWire:
    """One Request as v10 synapses to many axons."""

    name = "synapse"

    def __init__(self, request: Request) -> None:
        self.route: str | None = request.synapse
        self.body_covered = bool(request.hashed)
        self._request = request
        self._hash = body_hash(request.hashed)
        self._fields = request.body[1:] if request.body == b"{}" else b"," + request.body[1:]
        self.lifetime = request.timeout + _WINDOW
        self._fixed = {
            **dict(request.headers),
            "Content-Type": "application/json",
            "name": request.synapse,
            "timeout": str(float(request.timeout)),
            "header_size": "0",
            "total_size": str(len(request.body)),
            "computed_body_hash": self._hash,
        } | {f"bt_header_input_obj_{field}": b64encode(value).decode() for field, value in request.stand_ins}
        self._path = f"/{quote(request.synapse)}"
        before = {
            "name": request.synapse,
            "timeout": float(request.timeout),
            "total_size": len(request.body),
            "header_size": 0,
        }
        self._before = f'{json.dumps(before, separators=(",", ":"))[:-1]},"dendrite":'

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request to `axon`; unsigned without a signer."""
        hotkey = signer.ss58_address if signer else None
        signature = self._sign(axon, stamp, hotkey, signer) if signer and hotkey else None
        address = axon.address or axon.host
        headers = self._fixed | {
            "bt_header_axon_ip": address,
            "bt_header_axon_port": str(axon.port),
            "bt_header_dendrite_version": str(VERSION),
            "bt_header_dendrite_nonce": str(stamp.nonce),
            "bt_header_dendrite_uuid": stamp.uuid,
        }
        if axon.hotkey is not None:
            headers["bt_header_axon_hotkey"] = axon.hotkey
        if stamp.source is not None:
            headers["bt_header_dendrite_ip"] = stamp.source
        if signature is not None:
            headers["bt_header_dendrite_hotkey"] = str(hotkey)
            headers["bt_header_dendrite_signature"] = f"0x{signature}"
        dendrite = _End(
            stamp.source,
            version=VERSION,
            nonce=stamp.nonce,
            uuid=stamp.uuid,
            hotkey=hotkey,
            signature=signature and f"0x{signature}",
        )
        target = _End(address, axon.port, hotkey=axon.hotkey)
        envelope = f'{self._before}{dendrite.json()},"axon":{target.json()},"computed_body_hash":""'
        return Message("POST", self._path, headers, (envelope.encode(), self._fields), signature)

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply; the HTTP status decides, all else is the axon's claim. Never raises."""
        signatures = message.signatures
        verdict = verdict_of(reply.status)
        claimed = _claimed(reply.headers, message.signature)
        known = 0
        if verdict is not Verdict.OK:
            body, truncated = refusal(reply.content, signatures)
            text = _status_text(reply, body)
            reading = Reading(verdict, reply.status, text, claimed, _without_envelope(body), truncated)
        else:
            try:
                answer = self._request.read(reply.content)
            except ValueError as problem:
                code = v10_code(Verdict.BAD_RESPONSE) or 0
                reading = Reading(Verdict.BAD_RESPONSE, code, f"Failed to parse response: {problem}", claimed)
            else:
                text = _status_text(reply, None) or "Success"
                reading = Reading(verdict, reply.status, text, claimed, answer.fields)
                known = _echo_in(answer.envelope, message.signature)
        return without(signatures, reading, reply.content, known)

    def _sign(self, axon: Axon, stamp: Stamp, hotkey: str, signer: Signer) -> str:
        text = signed_text(stamp.nonce, hotkey, str(axon.hotkey), stamp.uuid, self._hash)
        return signer.sign(text.encode()).hex()


class _End(NamedTuple):
    """One end of the exchange, in the body's envelope."""

    ip: str | None = None
    port: int | None = None
    version: int | None = None
    nonce: int | None = None
    uuid: str | None = None
    hotkey: str | None = None
    signature: str | None = None

    def json(self) -> str:
        """Return its JSON: written by hand, as it is all of a body that differs from axon to axon."""
        return (
            '{"status_code":null,"status_message":null,"process_time":null,'
            f'"ip":{_text(self.ip)},"port":{_number_text(self.port)},"version":{_number_text(self.version)},'
            f'"nonce":{_number_text(self.nonce)},"uuid":{_text(self.uuid)},"hotkey":{_text(self.hotkey)},'
            f'"signature":{_text(self.signature)}}}'
        )


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def _number_text(value: int | None) -> str:
    return "null" if value is None else str(value)


def _claimed(headers: Mapping[str, str], signature: str | None) -> Claimed:
    hotkey = headers.get("bt_header_axon_hotkey")
    if hotkey and signature:
        hotkey = trimmed(hotkey, (signature,), TEXT_LIMIT)
    return Claimed(
        process_time=_number(headers.get("bt_header_axon_process_time")),
        version=_version(headers.get("bt_header_axon_version")),
        hotkey=hotkey,
    )


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def _version(text: str | None) -> int | None:
    value = _number(text)
    return int(value) if value is not None and 0 <= value < _MAX_VERSION else None


def _without_envelope(body: object) -> object:
    return {key: item for key, item in body.items() if key not in ENVELOPE} if isinstance(body, dict) else body


def _status_text(reply: Reply, body: object) -> str:
    return reply.headers.get("bt_header_axon_status_message") or reason(body) or reply.reason


def _echo_in(envelope: Mapping[str, object], signature: str | None) -> int:
    """Return 1 where the axon repeats our signature in the place it has in the envelope, as a v10 axon does."""
    dendrite = envelope.get("dendrite")
    return int(isinstance(dendrite, dict) and dendrite.get("signature") == f"0x{signature}")
