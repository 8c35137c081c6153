"""Whether a v10 axon would accept the requests that the stub captured: read on stdin, exit code 1 if one is bad.

The signature is over nonce, sender, receiver, uuid and body hash; the hash is over the body that was really sent; no
nonce comes twice; and the envelope in the body says what the headers say.
"""

import json
import sys
from collections.abc import Iterator
from hashlib import sha3_256
from typing import Any

from bittensor_wallet import Keypair

_SENDER = ("nonce", "hotkey", "uuid", "signature", "ip", "version")
_RECEIVER = ("ip", "port", "hotkey")


def main() -> None:
    """Judge every request and count."""
    captured = list(requests(sys.stdin.buffer.read()))
    used: set[tuple[str, str, str]] = set()
    bad = [problem for request in captured if (problem := wrong(request, used))]
    print(f"{len(captured)} captured requests, {len(bad)} bad", *bad[:5], sep="\n  ")
    sys.exit(bool(bad) or not captured)


def requests(capture: bytes) -> Iterator[bytes]:
    """Yield the requests, each of which has its length on a line before it."""
    while capture:
        length, capture = capture.split(b"\n", 1)
        yield capture[: int(length)]
        capture = capture[int(length) :]


def wrong(request: bytes, used: set[tuple[str, str, str]]) -> str | None:
    """Say what a v10 axon would object to; None if nothing. Remembers the nonce in `used`."""
    head, _, content = request.partition(b"\r\n\r\n")
    route, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    try:
        return _wrong(route, headers, json.loads(content), used)
    except (KeyError, TypeError, ValueError) as problem:
        return f"{type(problem).__name__}: {problem}"


def _wrong(route: str, headers: dict[str, str], body: dict[str, Any], used: set[tuple[str, str, str]]) -> str | None:
    body_hash = _sha3(_sha3(body["text"])) if route.startswith("POST /BenchText ") else _sha3("")
    sender = {name: headers[f"bt_header_dendrite_{name}"] for name in _SENDER}
    receiver = {name: headers[f"bt_header_axon_{name}"] for name in _RECEIVER}
    signed = ".".join([sender["nonce"], sender["hotkey"], receiver["hotkey"], sender["uuid"], body_hash])
    nonce = (headers["host"], sender["uuid"], sender["nonce"])
    is_new = nonce not in used
    used.add(nonce)
    checks = {
        "body hash": headers["computed_body_hash"] == body_hash,
        "signature": Keypair(ss58_address=sender["hotkey"]).verify(signed, sender["signature"]),
        "nonce is used again": is_new,
        "body.dendrite": all(str(body["dendrite"][name]) == value for name, value in sender.items()),
        "body.axon": all(str(body["axon"][name]) == value for name, value in receiver.items()),
        "timeout": float(headers["timeout"]) == body["timeout"],
        "name": headers["name"] == body["name"],
        "sizes": headers["total_size"].isdigit() and headers["header_size"].isdigit(),
    }
    return ", ".join(name for name, is_right in checks.items() if not is_right) or None


def _sha3(text: str) -> str:
    return sha3_256(text.encode()).hexdigest()


if __name__ == "__main__":
    main()
