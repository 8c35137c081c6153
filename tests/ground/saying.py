"""Single synapses said raw, so that a test can say them wrongly, and what the answer looked like."""

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from uuid import uuid4

import aiohttp
from bittensor_wallet import Keypair
from yarl import URL

from dendrite_cli.model import Axon, Request
from dendrite_cli.protocol import Stamp
from dendrite_cli.protocol.synapse import SynapseWire

SIGNER = Keypair.create_from_uri("//dendrite")


@dataclass(frozen=True)
class Said:
    """One HTTP request on its way."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def without(self, *names: str) -> "Said":
        return replace(self, headers={name: value for name, value in self.headers.items() if name not in names})

    def having(self, content_type: str | None = None, **headers: str) -> "Said":
        if content_type:
            headers["Content-Type"] = content_type
        return replace(self, headers={**self.headers, **headers})

    def to(self, path: str) -> "Said":
        return replace(self, path=path)

    def by(self, method: str) -> "Said":
        return replace(self, method=method)

    def carrying(self, body: bytes) -> "Said":
        return replace(self, body=body)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def names(self) -> set[str]:
        return {name.lower() for name in self.headers}

    @property
    def timeless(self) -> str:
        """The text without what no two answers share."""
        return _timeless(self.text)

    @property
    def envelope(self) -> dict[str, str]:
        """The values of the protocol's own headers, without what no two answers share."""
        return {name.lower(): _timeless(value) for name, value in self.headers.items() if name.lower() not in _OWN}


_OWN = {
    *("allow", "date", "server", "content-length", "header_size", "total_size"),
    *("bt_header_axon_process_time", "bt_header_axon_port", "bt_header_dendrite_port"),
}


def _timeless(text: str) -> str:
    """Return `text` without ids, nonces, signatures and durations."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"0x[0-9a-f]{20,}", "SIGNATURE", text)
    text = re.sub(r'("process_time":|request was )-?\d[\d.e+-]*', r"\1TIME", text)
    return re.sub(r"\d{16,}", "NONCE", text)


def say(  # noqa: PLR0913 - each is something to say wrongly
    axon: Axon,
    route: str = "Echo",
    fields: Mapping[str, object] | None = None,
    *,
    hashed: tuple[str, ...] = (),
    stand_ins: tuple[tuple[str, bytes], ...] = (),
    nonce: int | None = None,
    uuid: str | None = None,
) -> Said:
    """Return a good request to `axon`, freshly signed."""
    body = json.dumps(fields or {}).encode()
    wire = SynapseWire(Request(route, json.loads, body, hashed, stand_ins, 5.0))
    stamp = Stamp(time.time_ns() if nonce is None else nonce, uuid or str(uuid4()), "127.0.0.1")
    message = wire.message(axon, stamp, SIGNER)
    return Said(message.method, message.path, message.headers, b"".join(message.body))


async def hear(axon: Axon, said: Said) -> Answer:
    """Send it and return the answer; raises what aiohttp raises."""
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10), skip_auto_headers=["Content-Type"]) as session,
        session.request(
            said.method,
            URL(f"http://{axon.endpoint}{said.path}", encoded=True),
            headers=said.headers,
            data=BytesIO(said.body),
            allow_redirects=False,
        ) as response,
    ):
        return Answer(response.status, response.headers, await response.text())


def stand_in(value: object) -> str:
    return b64encode(json.dumps(value).encode()).decode()


TEXT_AND_NUMBER = (("text", b'""'), ("number", b"0"))
SAYINGS: dict[str, Callable[[Axon], Said]] = {
    "the default ping": lambda axon: say(axon, "Synapse"),
    "fields of a class": lambda axon: say(axon, "Echo", {"text": "\N{SNOWMAN}", "number": 3}),
    "unknown fields": lambda axon: say(axon, "Echo", {"nonsense": 1}),
    "hash fields": lambda axon: say(axon, "Hashed", {"text": "a", "number": 1.0}, hashed=("a", "1.0")),
    "a coerced hash field": lambda axon: say(axon, "Hashed", {"text": "a", "number": 1}, hashed=("a", "1.0")),
    "required fields": lambda axon: say(axon, "Needs", {"text": "a", "number": 1}, stand_ins=TEXT_AND_NUMBER),
    "no envelope in the body": lambda axon: say(axon).carrying(b'{"text":"hi"}'),
    "no terminals in the body": lambda axon: say(axon).carrying(b'{"axon":null,"dendrite":null,"timeout":null}'),
    "a GET": lambda axon: say(axon).by("GET"),
    "a query string": lambda axon: say(axon).to("/Echo?x=1"),
    "no time-out": lambda axon: say(axon).without("timeout"),
    "another JSON content type": lambda axon: say(axon).having(content_type="application/x+json; charset=utf-8"),
    "a nonce from the future": lambda axon: say(axon, nonce=time.time_ns() + 600 * 10**9),
    "an old nonce by an old version": lambda axon: say(axon, nonce=5).having(bt_header_dendrite_version="7001000"),
    "an old nonce by no version": lambda axon: say(axon, nonce=5).without("bt_header_dendrite_version"),
    "a status in the body": lambda axon: say(axon).carrying(b'{"axon":{"status_code":429,"status_message":"busy"}}'),
    "no receiver in the headers": lambda axon: say(axon).without("bt_header_axon_hotkey"),
    "an unknown route": lambda axon: say(axon, "Nope"),
    "an escaped route": lambda axon: say(axon).to("/No%20pe"),
    "a route with line breaks": lambda axon: say(axon).to("/No%0d%0ape"),
    "a route that fits no header": lambda axon: say(axon).to("/%E2%98%83"),
    "no route": lambda axon: say(axon).to("/"),
    "a longer path": lambda axon: say(axon).to("/Echo/more"),
    "another method": lambda axon: say(axon).by("PUT"),
    "a time-out that is no number": lambda axon: say(axon).having(timeout="soon"),
    "a nonce that is no number": lambda axon: say(axon).having(bt_header_dendrite_nonce="now"),
    "a missing required field": lambda axon: say(axon, "Needs", {"text": "a", "number": 1}),
    "a stand-in of the wrong type": lambda axon: say(axon, "Needs", stand_ins=(("text", b'""'), ("number", b'"many"'))),
    "a stand-in that is no base64": lambda axon: say(axon, "Needs", stand_ins=TEXT_AND_NUMBER).having(
        bt_header_input_obj_number="!!"
    ),
    "a required field missing in the body": lambda axon: say(axon, "Needs", {"text": "a"}, stand_ins=TEXT_AND_NUMBER),
    "a refused key": lambda axon: say(axon, "Refused"),
    "a refused key, unsigned": lambda axon: say(axon, "Refused").without("bt_header_dendrite_signature"),
    "no hotkey": lambda axon: say(axon).without("bt_header_dendrite_hotkey"),
    "a hotkey that is none": lambda axon: say(axon).having(bt_header_dendrite_hotkey="abc123"),
    "no nonce": lambda axon: say(axon).without("bt_header_dendrite_nonce"),
    "no uuid": lambda axon: say(axon).without("bt_header_dendrite_uuid"),
    "no signature": lambda axon: say(axon).without("bt_header_dendrite_signature"),
    "no body hash": lambda axon: say(axon).without("computed_body_hash"),
    "a signature without 0x": lambda axon: say(axon).having(bt_header_dendrite_signature="ab" * 64),
    "a signature that is too short": lambda axon: say(axon).having(bt_header_dendrite_signature="0xabab"),
    "somebody else's signature": lambda axon: say(axon).having(
        bt_header_dendrite_signature="0x" + Keypair.create_from_uri("//other").sign(b"x").hex()
    ),
    "another receiver": lambda axon: say(replace(axon, hotkey=SIGNER.ss58_address)),
    "a stale nonce": lambda axon: say(axon, nonce=time.time_ns() - 60 * 10**9),
    "a negative time-out": lambda axon: say(axon).having(timeout="-100"),
    "a tampered hash field": lambda axon: say(axon, "Hashed", {"text": "b", "number": 1.0}, hashed=("a", "1.0")),
    "a field of the wrong type": lambda axon: say(axon, "Echo", {"number": "many"}),
    "no JSON": lambda axon: say(axon).carrying(b"{nope"),
    "JSON that is not UTF-8": lambda axon: say(axon).carrying(b'{"text":"\xff"}'),
    "JSON that is too deep": lambda axon: say(axon).carrying(b"[" * 100_000),
    "an empty body": lambda axon: say(axon).carrying(b""),
    "a list": lambda axon: say(axon).carrying(b"[1]"),
    "null": lambda axon: say(axon).carrying(b"null"),
    "NaN": lambda axon: say(axon, "Hashed", hashed=("", "nan")).carrying(b'{"number":NaN}'),
    "half a surrogate pair": lambda axon: say(axon).carrying(b'{"text":"\\ud800"}'),
    "no content type": lambda axon: say(axon).without("Content-Type"),
    "another content type": lambda axon: say(axon).having(content_type="text/plain"),
    "a message that fits no header": lambda axon: say(axon).carrying(b'{"axon":{"status_message":"\\u2603"}}'),
}
"""Requests good and bad, by what is special about them."""
