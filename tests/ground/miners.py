"""Miners that speak btauth/1 or Epistula, in a thread with a loop of its own: their verifiers are not ours.

btauth is verified by the unmodified `bittensor.http_auth` of SDK 11; Epistula by a few lines that say what its
description says.
"""

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from aiohttp import web
from bittensor_wallet import Keypair

KEY = Keypair.create_from_uri("//miner")

Verify = Callable[[Mapping[str, str], bytes, str, str], str]
"""Takes headers, body, method and target; returns who asks, or raises RefusedError."""


class RefusedError(Exception):
    """The request is not signed as it should be."""


@dataclass
class Miner:
    """A running miner, and what it was asked."""

    port: int = 0
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    """Method, target, headers and body of each request."""

    def at(self, scheme: str, path: str = "", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{KEY.ss58_address}@{host}:{self.port}{path}"


def by_sdk11(clock: float = 0.0) -> Verify:
    """Verify as SDK 11 does, by a clock that is so many seconds ahead."""
    from bittensor import http_auth

    seen = http_auth.InMemoryNonceStore()

    def verify(headers: Mapping[str, str], body: bytes, method: str, target: str) -> str:
        try:
            caller = http_auth.verify(
                headers,
                body,
                method=method,
                path=target,
                self_hotkey_ss58=KEY.ss58_address,
                nonce_store=seen,
                now_ns=time.time_ns() + int(clock * 1e9),
            )
        except http_auth.AuthError as refused:
            raise RefusedError(str(refused)) from refused
        return caller.hotkey_ss58

    return verify


def by_epistula(clock: float = 0.0) -> Verify:
    """Verify as Epistula 2 says, by a clock that is so many seconds ahead."""

    def verify(headers: Mapping[str, str], body: bytes, method: str, target: str) -> str:  # noqa: ARG001 - unsigned there
        try:
            timestamp, uuid = headers["Epistula-Timestamp"], headers["Epistula-Uuid"]
            sender, receiver = headers["Epistula-Signed-By"], headers["Epistula-Signed-For"]
            signature = headers["Epistula-Request-Signature"]
        except KeyError as missing:
            raise RefusedError(f"missing {missing}") from missing
        if headers["Epistula-Version"] != "2" or receiver != KEY.ss58_address:
            raise RefusedError("Bad Request, message is not intended for self")
        if int(timestamp) + 8000 < (time.time() + clock) * 1000:
            raise RefusedError("Request is too stale")
        said = f"{sha256(body).hexdigest()}.{uuid}.{timestamp}.{receiver}"
        if not Keypair(ss58_address=sender).verify(said, signature):
            raise RefusedError("Signature Mismatch")
        now = -(-int(timestamp) // 10_000)
        for which, interval in enumerate((now - 1, now, now + 1)):
            secret = headers[f"Epistula-Secret-Signature-{which}"]
            if not Keypair(ss58_address=sender).verify(f"{interval}.{receiver}", secret):
                raise RefusedError("Secret Signature Mismatch")
        return sender

    return verify


@contextmanager
def mining(verify: Verify, tls: ssl.SSLContext | None = None) -> Iterator[Miner]:
    """Serve every path: `/sse` streams, `/nothing` is 404, the others say who asked what."""
    miner = Miner()

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        miner.asked.append((request.method, request.raw_path, dict(request.headers), body))
        try:
            caller = verify(request.headers, body, request.method, request.raw_path)
        except RefusedError as refused:
            return web.json_response({"detail": str(refused)}, status=401)
        if request.path == "/nothing":
            return web.json_response({"detail": "Not Found"}, status=404)
        if request.path != "/sse":
            return web.json_response({"caller": caller, "said": body.decode("latin-1")})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for word in ("one ", "two ", "thrée"):
            await response.write(f"data: {word}\n\n".encode())
        return response

    ready, over, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        miner.port = runner.addresses[0][1]
        ready.set()
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(30)
    try:
        yield miner
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def body_of(record: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON that a miner's answer repeats."""
    said = record["body"]
    assert isinstance(said, dict)
    return json.loads(said["said"])
