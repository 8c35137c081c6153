"""A peer in Rust: pyreqwest's asynchronous client, with the floor's prebuilt request. Option: k=N at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from pyreqwest.client import ClientBuilder
from raw_aiohttp import HEADERS, extract, prebuilt

__all__ = ["close", "extract", "fanout", "open"]


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Make the client and the one request."""
    stack = AsyncExitStack()
    client = ClientBuilder().http1_only().no_proxy().timeout(timedelta(seconds=timeout)).build()
    return SimpleNamespace(
        stack=stack,
        client=await stack.enter_async_context(client),
        value=value,
        body=prebuilt(kind, value, timeout),
        headers={**HEADERS, "name": kind},
        urls=[f"http://{ip}:{port}/{kind}" for ip, port, _ in axons],
        most=int(options.get("k", 512)),
    )


async def fanout(engine: SimpleNamespace) -> list[Any]:
    """Post to every axon."""
    results: list[Any] = [None] * len(engine.urls)
    turns = iter(enumerate(engine.urls))

    async def work() -> None:
        for index, url in turns:
            try:
                request = engine.client.post(url).headers(engine.headers).body_bytes(engine.body).build()
                answer = await request.send()
                results[index] = (answer.status, bytes(await answer.bytes()))
            except Exception as problem:  # noqa: BLE001 - a figure of wrong answers is none, and says why
                results[index] = problem

    await asyncio.gather(*[work() for _ in range(min(engine.most, len(results)))])
    return results


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    await engine.stack.aclose()
