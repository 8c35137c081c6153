"""btauth/1, bittensor 11's signed HTTP: any method, path and body; who sends what to whom, signed.

The hash of the body is computed once per run; per axon only receiver, nonce and signature differ. There is no order
among nonces and no signature on an answer. Source: bittensor 11.3.0, `http_auth.py`.
"""

from hashlib import sha256

from dendrite_cli.model import Axon, Call
from dendrite_cli.protocol import Message, Reading, Reply, Signer, Stamp
from dendrite_cli.protocol.plain import read_plain

SCHEMES = {0: "ed25519", 1: "sr25519"}
"""By a key's crypto type. sr25519 is the one that goes without saying."""
_USUAL = "sr25519"
_UNBOUND = "-"


class BtauthWire:
    """One Call as btauth/1 requests to many axons; bound to its receiver wherever that is known."""

    name = "btauth"
    body_covered = True
    lifetime = 10.0

    def __init__(self, call: Call) -> None:
        self.route: str | None = call.name
        self._call = call
        self._hash = sha256(call.body).hexdigest()
        self._fixed = dict(call.headers) | {"X-Bittensor-Version": "1"}

    def message(self, axon: Axon, stamp: Stamp, signer: Signer | None) -> Message:
        """Say the request to `axon`; without a signer, none of the protocol's headers."""
        call, body = self._call, (self._call.body,) if self._call.body else ()
        if signer is None:
            return Message(call.method, call.target, dict(call.headers), body)
        scheme, sender = scheme_of(signer), signer.ss58_address
        signature = signer.sign(self.payload(scheme, stamp.nonce, sender, axon.hotkey)).hex()
        headers = self._fixed | {
            "X-Bittensor-Hotkey": sender,
            "X-Bittensor-Nonce": str(stamp.nonce),
            "X-Bittensor-Signature": f"0x{signature}",
        }
        if axon.hotkey is not None:
            headers["X-Bittensor-Receiver"] = axon.hotkey
        if scheme != _USUAL:
            headers["X-Bittensor-Crypto"] = scheme
        return Message(call.method, call.target, headers, body, signature)

    def payload(self, scheme: str, nonce: int, sender: str, receiver: str | None) -> bytes:
        """Return what is signed; `nonce` is nanoseconds of Unix time."""
        return _payload(scheme, self._call.method, self._call.target, self._hash, (str(nonce), sender, receiver))

    def read(self, message: Message, reply: Reply) -> Reading:
        """Understand the reply: any 2xx is a success. Never raises."""
        return read_plain(self._call, message, reply)


def signed_payload(  # noqa: PLR0913, PLR0917 - what is signed
    scheme: str, method: str, target: str, body: bytes, nonce: int, sender: str, receiver: str | None
) -> bytes:
    """Return what is signed of any request, for whoever verifies it."""
    return _payload(scheme, method, target, sha256(body).hexdigest(), (str(nonce), sender, receiver))


def _payload(scheme: str, method: str, target: str, body_hash: str, to_whom: tuple[str, str, str | None]) -> bytes:
    nonce, sender, receiver = to_whom
    said = ("btauth/1", scheme, method.upper(), target, body_hash, nonce, sender, receiver or _UNBOUND)
    return "\n".join(said).encode()


def scheme_of(signer: Signer) -> str:
    """Return the name of a signer's signature scheme; sr25519 where it does not tell."""
    return SCHEMES.get(getattr(signer, "crypto_type", 1), _USUAL)
