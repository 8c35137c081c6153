"""Other HTTP clients, for orientation: one prebuilt request to every axon, nothing signed and nothing parsed.

Options: lib=httpx|niquests|pycurl (which must be installed), k=N in flight at once.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import raw_aiohttp

_Post = Callable[[str], Awaitable[tuple[int, bytes]]]


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Make the client."""
    engine = SimpleNamespace(
        value=value,
        body=raw_aiohttp.prebuilt(kind, value, timeout),
        headers={**raw_aiohttp.HEADERS, "name": kind},
        urls=[f"http://{ip}:{port}/{kind}" for ip, port, _ in axons],
        timeout=timeout,
        in_flight=int(options.get("k", 256)),
    )
    makers = {"httpx": _httpx, "niquests": _niquests, "pycurl": _pycurl}
    engine.fan, engine.close = makers[options["lib"]](engine)
    return engine


async def fanout(engine: SimpleNamespace) -> list[Any]:
    """Post to every axon."""
    return list(await engine.fan())


def extract(engine: SimpleNamespace, result: Any) -> tuple[int | str, object]:
    """Return the status, and the value if so many bytes came back as an echo has."""
    return raw_aiohttp.extract(engine, result)


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    await engine.close()


def _httpx(engine: SimpleNamespace) -> tuple[Any, Any]:
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    client = httpx.AsyncClient(limits=limits, timeout=engine.timeout, trust_env=False)

    async def post(url: str) -> tuple[int, bytes]:
        response = await client.post(url, content=engine.body, headers=engine.headers)
        return response.status_code, response.content

    return _by_workers(engine, post), client.aclose


def _niquests(engine: SimpleNamespace) -> tuple[Any, Any]:
    import niquests

    session = niquests.AsyncSession(pool_connections=len(engine.urls), pool_maxsize=len(engine.urls))
    session.trust_env = False

    async def post(url: str) -> tuple[int, bytes]:
        response = await session.post(url, data=engine.body, headers=engine.headers, timeout=engine.timeout)
        return response.status_code, response.content

    return _by_workers(engine, post), session.close


def _by_workers(engine: SimpleNamespace, post: _Post) -> Callable[[], Awaitable[list[Any]]]:
    async def fan() -> list[Any]:
        results: list[Any] = [None] * len(engine.urls)
        turns = iter(enumerate(engine.urls))

        async def work() -> None:
            for index, url in turns:
                try:
                    results[index] = await post(url)
                except Exception as problem:  # noqa: BLE001 - each library has its own; any is a wrong answer
                    results[index] = problem

        await asyncio.gather(*[work() for _ in range(min(engine.in_flight, len(results)))])
        return results

    return fan


def _pycurl(engine: SimpleNamespace) -> tuple[Any, Any]:
    import pycurl

    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, len(engine.urls) + 8)
    headers = [f"{name}: {value}" for name, value in engine.headers.items()]
    idle: list[Any] = []

    def start(index: int, url: str) -> None:
        curl = idle.pop() if idle else pycurl.Curl()
        curl.index, curl.content = index, io.BytesIO()
        curl.setopt(curl.URL, url)
        curl.setopt(curl.POSTFIELDS, engine.body)
        curl.setopt(curl.HTTPHEADER, headers)
        curl.setopt(curl.WRITEFUNCTION, curl.content.write)
        curl.setopt(curl.PROXY, "")
        curl.setopt(curl.TIMEOUT_MS, int(engine.timeout * 1000))
        multi.add_handle(curl)

    async def fan() -> list[Any]:
        results: list[Any] = [ConnectionError()] * len(engine.urls)
        todo, live = list(enumerate(engine.urls))[::-1], 0
        while todo or live:
            while todo and live < engine.in_flight:
                start(*todo.pop())
                live += 1
            while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
                pass
            _, done, failed = multi.info_read()
            for curl in done:
                results[curl.index] = (curl.getinfo(curl.RESPONSE_CODE), curl.content.getvalue())
            for curl in [*done, *(curl for curl, *_ in failed)]:
                multi.remove_handle(curl)
                idle.append(curl)
                live -= 1
            if live and not done and not failed:
                multi.select(1.0)
        return results

    async def close_multi() -> None:
        multi.close()

    return fan, close_multi
