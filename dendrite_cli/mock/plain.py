"""What a mock axon answers in btauth/1 or Epistula: whatever it was sent, once its signature is verified.

The checks are those of bittensor 11.3.0's `http_auth.verify`, and Epistula's published rule.
"""

import asyncio
import json
import time
from collections import OrderedDict
from hashlib import sha256
from http import HTTPStatus

from dendrite_cli.mock.answer import Asked
from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.protocol import Reply, Signer
from dendrite_cli.protocol.btauth import SCHEMES, signed_payload
from dendrite_cli.protocol.epistula import signed_text

_SECOND, _MS = 10**9, 10**6
_BACK, _AHEAD, _EPISTULA = 10.0, 2.0, 8.0
"""Seconds that a request may be old, may come from the future, and may be old in Epistula."""
_MOST, _MOST_DIGITS = 100_000, 30


class RefusedError(Exception):
    """The request is not what its sender signed for us, or comes too late, or again."""


class PlainAnswers:
    """One axon's answers: its key, its protocol, its clock and the requests it has seen."""

    def __init__(self, keypair: Signer, protocol: str, behaviour: Behaviour) -> None:
        self._hotkey = keypair.ss58_address
        self._verify = {"btauth": btauth, "epistula": epistula}[protocol]
        self._behaviour = behaviour
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def to(self, asked: Asked) -> Reply:
        """Return the answer to whatever was asked; only cancellation is raised."""
        behaviour = self._behaviour
        if behaviour.refuse is not None:
            return _reply(HTTPStatus.FORBIDDEN, {"detail": behaviour.refuse})
        try:
            sender, once = self._verify(asked, self._hotkey, time.time_ns() + int(behaviour.clock * _SECOND))
            self._accept((sender, once))
        except RefusedError as refused:
            return _reply(HTTPStatus.UNAUTHORIZED, {"detail": str(refused)})
        await asyncio.sleep(behaviour.delay)
        try:
            said = json.loads(asked.content) if asked.content else {"caller": sender}
        except (ValueError, RecursionError):
            said = {"caller": sender, "bytes": len(asked.content)}
        return _reply(behaviour.status or HTTPStatus.OK, said)

    def _accept(self, request: tuple[str, str]) -> None:
        if request in self._seen:
            raise RefusedError("this nonce was already accepted from this hotkey")
        self._seen[request] = None
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)


def btauth(asked: Asked, hotkey: str, now: int) -> tuple[str, str]:
    """Return who signed a btauth/1 request to `hotkey`, and its nonce; raise RefusedError. `now` is in nanoseconds."""
    if asked.header("x-bittensor-version") != "1":
        raise RefusedError("missing or unsupported X-Bittensor-Version (expected '1')")
    sender, nonce = _needed(asked, "X-Bittensor-Hotkey"), _number(asked, "X-Bittensor-Nonce")
    scheme = asked.header("x-bittensor-crypto") or SCHEMES[1]
    if scheme not in SCHEMES.values():
        raise RefusedError("unsupported X-Bittensor-Crypto")
    signature = _needed(asked, "X-Bittensor-Signature")
    receiver = asked.header("x-bittensor-receiver")
    if receiver is None:
        raise RefusedError("missing X-Bittensor-Receiver: this server requires receiver-bound requests")
    if receiver != hotkey:
        raise RefusedError("request was signed for a different receiving hotkey")
    _check_age(now - nonce, _BACK)
    payload = signed_payload(scheme, asked.method, asked.target, asked.content, nonce, sender, receiver)
    _check_signature(sender, payload, signature, scheme)
    return sender, str(nonce)


def epistula(asked: Asked, hotkey: str, now: int) -> tuple[str, str]:
    """Return who signed an Epistula request to `hotkey`, and its uuid; raise RefusedError. `now` is in nanoseconds."""
    if asked.header("epistula-version") != "2":
        raise RefusedError("missing or unsupported Epistula-Version (expected '2')")
    sender, uuid = _needed(asked, "Epistula-Signed-By"), _needed(asked, "Epistula-Uuid")
    timestamp, signature = _number(asked, "Epistula-Timestamp"), _needed(asked, "Epistula-Request-Signature")
    receiver = asked.header("epistula-signed-for")
    if receiver != hotkey:
        raise RefusedError("Bad Request, message is not intended for self")
    _check_age(now - timestamp * _MS, _EPISTULA)
    text = signed_text(sha256(asked.content).hexdigest(), uuid, timestamp, receiver)
    _check_signature(sender, text.encode(), signature, SCHEMES[1])
    return sender, uuid


def _needed(asked: Asked, name: str) -> str:
    value = asked.header(name.lower())
    if not value:
        raise RefusedError(f"missing {name}")
    return value


def _number(asked: Asked, name: str) -> int:
    value = _needed(asked, name)
    if not (value.isascii() and value.isdigit() and len(value) < _MOST_DIGITS):
        raise RefusedError(f"{name} is not a decimal integer")
    return int(value)


def _check_age(age: int, back: float) -> None:
    """Raise RefusedError for a request that is so many nanoseconds old."""
    if age > back * _SECOND:
        raise RefusedError(f"nonce is older than the {back:g}s freshness window")
    if -age > _AHEAD * _SECOND:
        raise RefusedError(f"nonce is more than {_AHEAD:g}s in the future")


def _check_signature(sender: str, signed: bytes, signature: str, scheme: str) -> None:
    from bittensor_wallet import Keypair

    kind = next(number for number, name in SCHEMES.items() if name == scheme)
    try:
        valid = Keypair(ss58_address=sender, crypto_type=kind).verify(signed, signature)
    except (ValueError, TypeError):
        raise RefusedError("invalid hotkey address or signature encoding") from None
    if not valid:
        raise RefusedError("signature does not verify against the claimed hotkey")


def _reply(status: int, said: object) -> Reply:
    return Reply(status, HTTPStatus(status).phrase, {"Content-Type": "application/json"}, json.dumps(said).encode())
