"""A peer in C: libcurl's multi interface by pycurl, with the floor's prebuilt request, so many at a time. Option: k=N.

It blocks the event loop it is called from, as it would any program's.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pycurl
from raw_aiohttp import HEADERS, extract, prebuilt

__all__ = ["close", "extract", "fanout", "open"]


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Make the handles, which are used again and again."""
    multi = pycurl.CurlMulti()
    most = int(options.get("k", 512))
    multi.setopt(pycurl.M_MAXCONNECTS, most)
    body = prebuilt(kind, value, timeout)
    headers = [f"{name}: {value}" for name, value in {**HEADERS, "name": kind}.items()]
    handles = [_handle(headers, body, timeout) for _ in range(min(most, len(axons)))]
    urls = [f"http://{ip}:{port}/{kind}" for ip, port, _ in axons]
    return SimpleNamespace(multi=multi, handles=handles, urls=urls, body=body, value=value)


async def fanout(engine: SimpleNamespace) -> list[Any]:
    """Post to every axon."""
    multi, turns, free = engine.multi, iter(enumerate(engine.urls)), list(engine.handles)
    results: list[Any] = [None] * len(engine.urls)
    left = len(results)
    while left:
        while free and (turn := next(turns, None)):
            handle = free.pop()
            handle.place, url = turn
            handle.answer = BytesIO()
            handle.setopt(pycurl.URL, url)
            handle.setopt(pycurl.WRITEDATA, handle.answer)
            multi.add_handle(handle)
        multi.perform()
        _, done, failed = multi.info_read()
        for handle in done:
            results[handle.place] = (handle.getinfo(pycurl.RESPONSE_CODE), handle.answer.getvalue())
        for handle, code, why in failed:
            results[handle.place] = OSError(code, why)
        for handle in (*done, *(handle for handle, *_ in failed)):
            multi.remove_handle(handle)
            free.append(handle)
            left -= 1
        if not done and not failed:
            multi.select(0.1)
    return results


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    for handle in engine.handles:
        handle.close()
    engine.multi.close()


def _handle(headers: Sequence[str], body: bytes, timeout: float) -> Any:
    handle = pycurl.Curl()
    for option, value in (
        (pycurl.POST, 1),
        (pycurl.POSTFIELDS, body),
        (pycurl.HTTPHEADER, [*headers, "Expect:"]),
        (pycurl.TIMEOUT_MS, int(timeout * 1000)),
        (pycurl.NOSIGNAL, 1),
        (pycurl.NOPROXY, "*"),
    ):
        handle.setopt(option, value)
    return handle
