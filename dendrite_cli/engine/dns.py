"""Host names, each looked up once per run.

In threads of our own: the loop's default executor would make Ctrl-C wait for a name server that never answers.
"""

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

_Lookup = asyncio.Future[list[ResolveResult]]


class Resolver(AbstractResolver):
    """The addresses of a run's host names; aiohttp's connector asks the same answers."""

    def __init__(self) -> None:
        self._lookups: dict[str, _Lookup] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of `host`; raise `OSError` when there are none."""
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = self._lookups[host] = asyncio.get_running_loop().create_future()
            arguments = (host, family, lookup)
            threading.Thread(target=_look_up, args=arguments, daemon=True, name=f"dns {host}").start()
        await asyncio.wait([lookup])  # one exchange's time-out must not cancel the others' answer
        return [{**found, "port": port} for found in lookup.result()]

    async def close(self) -> None:
        """Forget everything."""
        self._lookups.clear()


def _look_up(host: str, family: socket.AddressFamily, lookup: _Lookup) -> None:
    try:
        infos = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        failure = problem if isinstance(problem, OSError) else OSError(str(problem))
        _settle_later(lookup, failure)
    else:
        _settle_later(lookup, [_result(host, *info) for info in infos])


def _result(
    host: str, family: int, _kind: int, proto: int, _name: str, address: tuple[str | int, ...] | tuple[int, bytes]
) -> ResolveResult:
    numeric = str(address[0])
    return ResolveResult(hostname=host, host=numeric, port=0, family=family, proto=proto, flags=socket.AI_NUMERICHOST)


def _settle_later(lookup: _Lookup, answer: list[ResolveResult] | OSError) -> None:
    with suppress(RuntimeError):  # the run is over and its loop closed
        lookup.get_loop().call_soon_threadsafe(_settle, lookup, answer)


def _settle(lookup: _Lookup, answer: list[ResolveResult] | OSError) -> None:
    if isinstance(answer, OSError):
        lookup.set_exception(answer)
        lookup.exception()  # whoever still waits gets it; nobody waiting is no error
    else:
        lookup.set_result(answer)
