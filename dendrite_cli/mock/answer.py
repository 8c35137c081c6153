"""What the axon answers to one request: the order, the statuses and the words of bittensor 10.5.0's axon.

Known route, synapse from the headers, blacklist, signature, then the body: JSON, class, hash. Whatever fails before
the handler is answered with the envelope of the headers and the axon's signature over the sender's hotkey; a
handler's answer repeats the envelope of the body, unsigned. Source: `core/axon.py` and FastAPI's own refusals.
"""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.mock.dialect import Anything, Echo, hash_of, inputs
from dendrite_cli.mock.verify import Nonces, UnverifiedError, verify
from dendrite_cli.protocol import Reply, Signer
from dendrite_cli.protocol.synapse import VERSION
from dendrite_cli.synapse.model import Synapse, TerminalInfo

_METHODS = ("GET", "POST")
_JSON = re.compile(r"application/([\w.-]+\+)?json\s*(;|$)", re.IGNORECASE)
_UNSENDABLE = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One HTTP request, read whole."""

    method: str
    path: str
    """Without percent-escapes and query."""
    headers: tuple[tuple[str, str], ...]
    content: bytes
    ip: str
    port: int
    target: str = ""
    """Path and query as they were sent."""

    @property
    def route(self) -> str:
        """The synapse's name: the path's first part decides the class."""
        return self.path.split("/")[1]

    def header(self, name: str) -> str | None:
        """Return the first header of that lower-case name."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class Fault(Exception):  # noqa: N818 - an answer, no error of ours
    """A refusal in v10's own form: `{"message": ...}` and the envelope in headers."""

    def __init__(self, status: int, text: str, echo: Echo | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.echo = echo


class Detail(Exception):  # noqa: N818 - an answer, no error of ours
    """A refusal by the web framework below v10: `{"detail": ...}` and no envelope."""

    def __init__(self, status: int, detail: object, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


class Answers:
    """One axon's answers: its key, its routes, its clock and the nonces it has seen."""

    def __init__(self, keypair: Signer, routes: Mapping[str, type[BaseModel]], behaviour: Behaviour) -> None:
        self._keypair = keypair
        self._routes = routes
        self._behaviour = behaviour
        self._nonces = Nonces()
        self._uuid = str(uuid4())

    async def to(self, asked: Asked) -> Reply:
        """Return the answer to whatever was asked; only cancellation is raised."""
        try:
            reply = await self._reply(asked)
        except Exception:  # noqa: BLE001 - as v10: a fault that cannot be said in headers
            return _broken()
        if any(_UNSENDABLE.search(value) for value in reply.headers.values()):
            return _broken()
        return reply

    async def _reply(self, asked: Asked) -> Reply:
        started = time.time()
        echo = Echo(Synapse(), {}, {})
        try:
            echo = self._heard(asked)
            await self._admit(echo.synapse)
            return await self._handled(asked)
        except Fault as fault:
            return _refusal(fault.echo or echo, fault.status, fault.text, started)
        except Detail as refusal:
            return _reply(refusal.status, refusal.headers, {"detail": refusal.detail})
        except Exception:  # noqa: BLE001 - as v10: whatever a request causes is its 500
            return _refusal(echo, 500, f"Internal Server Error #{uuid4()}", started)

    def _heard(self, asked: Asked) -> Echo:
        """Build the synapse from the headers, and sign the answer to come as v10's axon does."""
        cls = self._routes.get(asked.route)
        if cls is None:
            raise Fault(404, f"Synapse name '{asked.route}' not found. Available synapses {list(self._routes)}")
        synapse: Any = cls(**inputs(asked.headers))
        axon = synapse.axon.model_dump() | {"version": VERSION, "uuid": self._uuid, "nonce": self._now()}
        dendrite = synapse.dendrite.model_dump() | {"ip": asked.ip, "port": asked.port}
        text = f"{axon['nonce']}.{dendrite['hotkey']}.{axon['hotkey']}.{self._uuid}"
        axon["signature"] = f"0x{self._keypair.sign(text.encode()).hex()}"
        return Echo(synapse, axon, dendrite)

    async def _admit(self, synapse: BaseModel) -> None:
        if self._behaviour.refuse is not None:
            await asyncio.sleep(self._behaviour.delay)
            raise Fault(403, f"Forbidden. Key is blacklisted: {self._behaviour.refuse}.")
        try:
            verify(synapse, self._keypair.ss58_address, self._nonces, self._now())
        except UnverifiedError as problem:
            raise Fault(401, f"Not Verified with error: {problem}") from problem

    async def _handled(self, asked: Asked) -> Reply:
        """Read the body and echo it, or fail as the handler was told to."""
        synapse = self._body(asked)
        started = time.time()
        await asyncio.sleep(self._behaviour.delay)
        fields = synapse.model_dump(mode="json", by_alias=True, warnings=False)
        echo = Echo(synapse, fields["axon"] or {}, fields["dendrite"] or {})
        if self._behaviour.status is not None:
            raise Fault(self._behaviour.status, _phrase(self._behaviour.status), echo)
        return _success(echo, fields, started)

    def _body(self, asked: Asked) -> BaseModel:
        if asked.path != f"/{asked.route}":
            raise Detail(404, "Not Found")
        if asked.method not in _METHODS:
            raise Detail(405, "Method Not Allowed", Allow=", ".join(_METHODS))
        if not _JSON.match(asked.header("content-type") or ""):
            raise ValueError("not sent as JSON")
        synapse = self._routes[asked.route](**_loaded(asked.content))
        given = asked.header("computed_body_hash")
        # a route without a class does not know which fields were hashed
        if not isinstance(synapse, Anything) and hash_of(synapse) != given:
            raise ValueError("the body is not what was hashed")
        return synapse

    def _now(self) -> int:
        return time.time_ns() + int(self._behaviour.clock * 1e9)


def _loaded(content: bytes) -> Any:  # noqa: ANN401 - any JSON; what is no object does not build a class
    if not content:
        raise ValueError("empty body")
    try:
        return json.loads(content)
    except json.JSONDecodeError as problem:
        where = {"type": "json_invalid", "loc": ["body", problem.pos], "msg": "JSON decode error"}
        raise Detail(422, [where | {"input": {}, "ctx": {"error": problem.msg}}]) from problem
    except (ValueError, RecursionError) as problem:
        raise Detail(400, "There was an error parsing the body") from problem


def _success(echo: Echo, fields: dict[str, Any], started: float) -> Reply:
    said = echo.axon.get("status_code")
    status = HTTPStatus.OK.value if said is None else said
    message = echo.axon.get("status_message") or ("Success" if status == HTTPStatus.OK else None)
    if not HTTPStatus.OK <= status < 600:  # noqa: PLR2004 - no HTTP status: v10's server cuts the connection
        raise ValueError("the body names no status that can be sent")
    own = {"status_code": status, "status_message": message, "process_time": time.time() - started}
    axon = TerminalInfo().model_dump() | dict(echo.axon) | own
    return _reply(status, echo.headers(**own), fields | {"axon": axon})


def _refusal(echo: Echo, status: int, text: str, started: float) -> Reply:
    own = {"status_code": status, "status_message": text, "process_time": time.time() - started}
    return _reply(status, echo.headers(**own), {"message": text})


def _reply(status: int, headers: dict[str, str], content: object) -> Reply:
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Reply(status, _phrase(status), headers | {"Content-Type": "application/json"}, body)


def _broken() -> Reply:
    return Reply(500, _phrase(500), {"Content-Type": "text/plain; charset=utf-8"}, b"Internal Server Error")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else f"Status {status}"
