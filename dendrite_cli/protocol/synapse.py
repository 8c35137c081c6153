"""The v10 protocol: a synapse as bittensor 10's dendrite says it and its axon checks it.

`POST /<route>`: the envelope travels twice, as headers (signed, checked) and in front of the fields in the JSON
body (miners' handlers read it there). The fields are encoded and hashed once per run; per axon only the
envelope, the nonce and the signature differ. Source: bittensor 10.5.0, `core/{dendrite,synapse,axon}.py`.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

import pydantic_core

from dendrite_cli.model import ENVELOPE, Axon, Claimed, Request, Verdict
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp
from dendrite_cli.protocol.signing import body_hash, echoes, elide, signed_text
from dendrite_cli.protocol.status import v10_code, verdict_of

VERSION = 10_005_000
"""The dialect we speak: 10.5.0. An axon skips the nonce window for senders below 7.2.0, so it is always sent."""

_MAX_VERSION = 2**31
_TEXT_LIMIT = 4096
_TERMINAL = (
    "status_code",
    "status_message",
    "process_time",
    "ip",
    "port",
    "version",
    "nonce",
    "uuid",
    "hotkey",
    "signature",
)


class SynapseWire:
    """One Request as v10 synapses to many axons."""

    name = "synapse"

    def __init__(self, request: Request) -> None:
        self.route: str | None = request.synapse
        self.body_covered = bool(request.hashed)
        self._request = request
        self._hash = body_hash(request.hashed)
        self._fields = request.body[1:] if request.body == b"{}" else b"," + request.body[1:]
        self._fixed = {
            "Content-Type": "application/json",
            "name": request.synapse,
            "timeout": str(float(request.timeout)),
            "header_size": "0",
            "total_size": str(len(request.body)),
            "computed_body_hash": self._hash,
        } | {f"bt_header_input_obj_{field}": b64encode(value).decode() for field, value in request.stand_ins}

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request to `axon`; unsigned without a signer."""
        hotkey = signer.ss58_address if signer else None
        signature = self._sign(axon, stamp, signer) if signer else None
        dendrite: dict[str, object] = {
            "ip": stamp.source,
            "version": VERSION,
            "nonce": stamp.nonce,
            "uuid": stamp.uuid,
            "hotkey": hotkey,
            "signature": f"0x{signature}" if signature else None,
        }
        target: dict[str, object] = {
            "ip": axon.address or axon.host,
            "port": axon.port,
            "hotkey": axon.hotkey,
        }
        headers = self._fixed | _headers("axon", target) | _headers("dendrite", dendrite)
        return Message("POST", f"/{self.route}", headers, self._body(dendrite, target), signature)

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply; the HTTP status decides, all else is the axon's claim. Never raises."""
        verdict = verdict_of(reply.status)
        signature = message.signature
        claimed = _claimed(reply.headers, signature)
        if verdict is not Verdict.OK:
            body, truncated = _error_body(reply.content)
            text = _status_text(reply, body)
            return _elided(Reading(verdict, reply.status, text, claimed, body, truncated), signature, reply.content)
        try:
            body = self._request.read(reply.content)
        except ValueError as problem:
            code = v10_code(Verdict.BAD_RESPONSE) or 0
            reading = Reading(Verdict.BAD_RESPONSE, code, f"Failed to parse response: {problem}"[:_TEXT_LIMIT], claimed)
        else:
            reading = Reading(verdict, reply.status, _status_text(reply, None) or "Success", claimed, body)
        return _elided(reading, signature, reply.content)

    def _sign(self, axon: Axon, stamp: Stamp, signer: Signer) -> str:
        text = signed_text(stamp.nonce, signer.ss58_address, str(axon.hotkey), stamp.uuid, self._hash)
        return signer.sign(text.encode()).hex()

    def _body(self, dendrite: dict[str, object], axon: dict[str, object]) -> tuple[bytes, ...]:
        envelope = dict.fromkeys(ENVELOPE) | {
            "name": self.route,
            "timeout": float(self._request.timeout),
            "total_size": len(self._request.body),
            "header_size": 0,
            "dendrite": dict.fromkeys(_TERMINAL) | dendrite,
            "axon": dict.fromkeys(_TERMINAL) | axon,
            "computed_body_hash": "",
        }
        return (json.dumps(envelope, separators=(",", ":")).encode()[:-1], self._fields)


def _headers(side: str, terminal: Mapping[str, object]) -> dict[str, str]:
    return {f"bt_header_{side}_{key}": str(value) for key, value in terminal.items() if value is not None}


def _claimed(headers: Mapping[str, str], signature: str | None) -> Claimed:
    hotkey = headers.get("bt_header_axon_hotkey")
    if hotkey and signature:
        hotkey = str(elide(hotkey, signature))
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


def _error_body(content: bytes) -> tuple[object, bool]:
    """Return a refusal's JSON without the envelope, else the beginning of its text; and whether that is not all."""
    try:
        value = pydantic_core.from_json(content)
    except ValueError:
        text = content[:_TEXT_LIMIT].decode("utf-8", "replace")
        return text or None, len(content) > _TEXT_LIMIT
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key not in ENVELOPE}, False
    return value, False


def _status_text(reply: Reply, body: object) -> str:
    said = reply.headers.get("bt_header_axon_status_message")
    if not said and isinstance(body, dict):
        said = next((body[key] for key in ("message", "detail") if isinstance(body.get(key), str)), None)
    return str(said or reply.reason)[:_TEXT_LIMIT]


def _elided(reading: Reading, signature: str | None, content: bytes) -> Reading:
    """Take our signature out of what is shown."""
    if signature is None:
        return reading
    return replace(
        reading,
        status_message=str(elide(reading.status_message, signature)),
        body=elide(reading.body, signature) if echoes(content, signature) else reading.body,
    )
