"""Epistula, version 2: signed JSON to a subnet's own path, as Targon, Apex, BitMind, Dojo and others speak it.

Per axon only receiver, time, uuid and signatures differ. The secret signatures prove to a receiver's load balancer,
some ten seconds at a time, that the sender speaks with it; servers seldom look at them.
"""

from hashlib import sha256
from math import ceil
from uuid import UUID

from dendrite_cli.model import Axon, Call
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp
from dendrite_cli.protocol.plain import read_plain

_NS_PER_MS = 10**6
_INTERVAL = 10**4
"""Milliseconds."""


class EpistulaWire:
    """One Call as Epistula requests to many axons."""

    name = "epistula"
    body_covered = True
    lifetime = 8.0

    def __init__(self, call: Call) -> None:
        self.route: str | None = call.name
        self._call = call
        self._hash = sha256(call.body).hexdigest()
        self._fixed = dict(call.headers) | {"Epistula-Version": "2"}

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request to `axon`; without a signer, none of the protocol's headers."""
        call, body = self._call, (self._call.body,) if self._call.body else ()
        if signer is None:
            return Message(call.method, call.target, dict(call.headers), body)
        timestamp = stamp.nonce // _NS_PER_MS
        uuid = _uuid(stamp)
        text = signed_text(self._hash, uuid, timestamp, axon.hotkey)
        signature = signer.sign(text.encode()).hex()
        headers = self._fixed | {
            "Epistula-Timestamp": str(timestamp),
            "Epistula-Uuid": uuid,
            "Epistula-Signed-By": signer.ss58_address,
            "Epistula-Request-Signature": f"0x{signature}",
        }
        secrets = _secrets(timestamp, axon.hotkey, signer) if axon.hotkey else ()
        if axon.hotkey:
            headers["Epistula-Signed-For"] = axon.hotkey
            headers |= {f"Epistula-Secret-Signature-{which}": f"0x{secret}" for which, secret in enumerate(secrets)}
        return Message(call.method, call.target, headers, body, signature, secrets)

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply: any 2xx is a success. Never raises."""
        return read_plain(self._call, message, reply)


def _uuid(stamp: Stamp) -> str:
    """Return a uuid4 of this one request: the stamp's is used again, and a server may take each only once."""
    return str(UUID(bytes=sha256(f"{stamp.uuid}.{stamp.nonce}".encode()).digest()[:16], version=4))


def _secrets(timestamp: int, receiver: str, signer: Signer) -> tuple[str, ...]:
    now = ceil(timestamp / _INTERVAL)
    return tuple(signer.sign(f"{interval}.{receiver}".encode()).hex() for interval in (now - 1, now, now + 1))


def signed_text(body_hash: str, uuid: str, timestamp: int, receiver: str | None) -> str:
    """Return what is signed. `body_hash` is hex sha256, `timestamp` milliseconds of Unix time."""
    return f"{body_hash}.{uuid}.{timestamp}.{receiver or ''}"
