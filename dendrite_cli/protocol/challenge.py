"""What a v10 axon can be made to prove, and to tell, by refusing us.

Proof: it signs its refusals, over a text of which the sender's hotkey is a part that we choose freely. So an unsigned
request in the name of a random text is answered 401, signed over that text: whoever answers holds the key now, or
has asked somebody who does. The refusal carries its version and its clock, too.

Discovery: to a request signed for somebody else, it says which text it expected, and its own hotkey is in that. Anyone
can name a stranger's hotkey there, and pass a challenge on to its owner: it is for display.
Source: bittensor 10.5.0, `Axon.default_verify` and `AxonMiddleware.preprocess`.
"""

import re
from dataclasses import dataclass

from dendrite_cli.protocol import Message, Reply, Stamp
from dendrite_cli.protocol.signing import body_hash

_ROUTE = "/Synapse"
"""Every v10 axon has it."""
_SIGNATURE = re.compile(r"0x[0-9a-f]{128}", re.IGNORECASE | re.ASCII)
_NONCE = re.compile("[0-9]{1,20}", re.ASCII)
_WORD = re.compile(r"[\x21-\x7e]{1,128}")
_SS58 = "([1-9A-HJ-NP-Za-km-z]{46,50})"
_NOBODY = "0x" + "00" * 64
_REFUSED = 401
_BEFORE_FRESHNESS = 7_001_000
"""A sender of that version is not asked how old its nonce is, so that a clock that is off does not answer first."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an axon signed; it holds only where `signature` over `signed` is that of the hotkey that was expected."""

    signed: bytes
    signature: bytes
    clock: int
    """Its time when it signed, in nanoseconds of Unix time."""
    version: int | None


def challenge(hotkey: str, text: str) -> Message:
    """Return what makes the axon with `hotkey` sign `text`, random and of no spaces or dots."""
    return _request({"bt_header_axon_hotkey": hotkey, "bt_header_dendrite_hotkey": text})


def proof(reply: Reply, hotkey: str, text: str) -> Proof | None:
    """Return what came of a challenge; None if nothing was signed, as by servers that are no v10 axons."""
    headers = {name: reply.headers.get(f"bt_header_axon_{name}") or "" for name in ("signature", "nonce", "uuid")}
    if reply.status != _REFUSED or not _SIGNATURE.fullmatch(headers["signature"]):
        return None
    if not _NONCE.fullmatch(headers["nonce"]) or not _WORD.fullmatch(headers["uuid"]):
        return None
    version = reply.headers.get("bt_header_axon_version") or ""
    return Proof(
        f"{headers['nonce']}.{text}.{hotkey}.{headers['uuid']}".encode(),
        bytes.fromhex(headers["signature"][2:]),
        int(headers["nonce"]),
        int(version) if re.fullmatch("[0-9]{1,9}", version, re.ASCII) else None,
    )


def inquiry(stamp: Stamp, sender: str) -> Message:
    """Return a request in the name of `sender`, any hotkey, with a signature that nobody made."""
    return _request(
        {
            "bt_header_axon_hotkey": sender,
            "bt_header_dendrite_hotkey": sender,
            "bt_header_dendrite_version": str(_BEFORE_FRESHNESS),
            "bt_header_dendrite_nonce": str(stamp.nonce),
            "bt_header_dendrite_uuid": stamp.uuid,
            "bt_header_dendrite_signature": _NOBODY,
        }
    )


def named(reply: Reply, stamp: Stamp, sender: str) -> str | None:
    """Return the hotkey that the answer to an inquiry gives for the axon's own; None if it gives none.

    Whether it is an ss58 address whose checksum holds is for the caller to see.
    """
    if reply.status != _REFUSED:
        return None
    said = bytes(reply.content[:4096]).decode("utf-8", "replace")
    expected = rf"{stamp.nonce}\.{re.escape(sender)}\.{_SS58}\.{re.escape(stamp.uuid)}\."
    found = re.search(expected, said)
    return found[1] if found else None


def _request(headers: dict[str, str]) -> Message:
    common = {
        "Content-Type": "application/json",
        "name": "Synapse",
        "timeout": "12.0",
        "computed_body_hash": body_hash(()),
    }
    return Message("POST", _ROUTE, common | headers, (b"{}",))
