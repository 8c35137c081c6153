"""The floor: plain aiohttp posts one prebuilt request to every axon and reads the bytes back.

It signs nothing and parses nothing. `gather` over everything, no limit and the interpreter's own garbage collection
are what somebody would write first. Options: limit=N, how=gather|workers, k=N workers, close=1.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp

HEADERS = {
    "Content-Type": "application/json",
    "timeout": "12.0",
    "bt_header_axon_ip": "127.0.0.1",
    "bt_header_axon_port": "18500",
    "bt_header_axon_hotkey": "5H1MpzxG2ZDKaAQ868GC4i6xt5FzP37Yq8gd5WNowZ84HFHL",
    "bt_header_dendrite_ip": "192.0.2.1",
    "bt_header_dendrite_version": "10005000",
    "bt_header_dendrite_nonce": "1795372199846699405",
    "bt_header_dendrite_uuid": "b99e5d78-e6a2-11f1-b8dc-02fc00000001",
    "bt_header_dendrite_hotkey": "5CcDPP8KFtTpKgeSdiSQkU78Ch9ppapGBaQfFt96emji2qet",
    "bt_header_dendrite_signature": "0x" + "92" * 64,
    "bt_header_input_obj_text": "IiI=",
    "header_size": "464",
    "total_size": "3096",
    "computed_body_hash": "cd7425b2209176898841439f42c53c415f24e48cefbe894a5d915327c22ddee0",
}
_TERMINAL = "status_code status_message process_time ip port version nonce uuid hotkey signature".split()  # noqa: SIM905
_FIELD = {"BenchText": "text", "BenchFloats": "values"}


def prebuilt(kind: str, value: object, timeout: float) -> bytes:
    """Return a body of the size that a real one would have; its signature is nobody's."""
    blank = dict.fromkeys(_TERMINAL)
    sender = {name: HEADERS[f"bt_header_dendrite_{name}"] for name in ("ip", "uuid", "hotkey", "signature")}
    receiver = {"ip": "127.0.0.1", "port": 18500, "hotkey": HEADERS["bt_header_axon_hotkey"]}
    body = {
        "name": kind,
        "timeout": timeout,
        "total_size": 3096,
        "header_size": 0,
        "dendrite": blank | sender | {"version": 10005000, "nonce": 1795372199846699405},
        "axon": blank | receiver,
        "computed_body_hash": "",
    }
    if kind in _FIELD:
        body[_FIELD[kind]] = value
    return json.dumps(body).encode()


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Make the session and the one request."""
    connector = aiohttp.TCPConnector(
        limit=int(options.get("limit", 0)), ssl=False, use_dns_cache=False, force_close=options.get("close") == "1"
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
    )
    return SimpleNamespace(
        session=session,
        value=value,
        body=prebuilt(kind, value, timeout),
        headers={**HEADERS, "name": kind},
        urls=[f"http://{ip}:{port}/{kind}" for ip, port, _ in axons],
        timeout=aiohttp.ClientTimeout(total=timeout),
        fan={"gather": _gather, "workers": _workers}[options.get("how", "gather")],
        workers=int(options.get("k", 100)),
    )


async def fanout(engine: SimpleNamespace) -> list[Any]:
    """Post to every axon."""
    return list(await engine.fan(engine))


def extract(engine: SimpleNamespace, result: Any) -> tuple[int | str, object]:
    """Return the status, and the value if so many bytes came back as an echo has."""
    if isinstance(result, BaseException):
        return type(result).__name__, None
    status, content = result
    return status, engine.value if len(content) >= len(engine.body) else "cut short"


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    await engine.session.close()


async def _one(engine: SimpleNamespace, url: str) -> tuple[int, bytes]:
    async with engine.session.post(url, data=engine.body, headers=engine.headers, timeout=engine.timeout) as response:
        return response.status, await response.read()


async def _gather(engine: SimpleNamespace) -> list[Any]:
    return await asyncio.gather(*[_one(engine, url) for url in engine.urls], return_exceptions=True)


async def _workers(engine: SimpleNamespace) -> list[Any]:
    results: list[Any] = [None] * len(engine.urls)
    turns = iter(enumerate(engine.urls))

    async def work() -> None:
        for index, url in turns:
            try:
                results[index] = await _one(engine, url)
            except (aiohttp.ClientError, OSError, TimeoutError) as problem:
                results[index] = problem

    await asyncio.gather(*[work() for _ in range(min(engine.workers, len(results)))])
    return results
