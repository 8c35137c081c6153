"""From an endpoint to a connection: the name looked up, the first of its addresses that answers connected to."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from typing import TypeVar

from dendrite_cli.engine import zones
from dendrite_cli.engine.address import is_numeric
from dendrite_cli.engine.dns import Address, Resolver
from dendrite_cli.engine.race import race
from dendrite_cli.engine.watch import Watch

P = TypeVar("P", bound=asyncio.BaseProtocol)


class FamilyError(OSError):
    """A numeric address is not of the IP family that was asked for."""


async def dial(protocol: Callable[[], P], host: str, port: int, resolver: Resolver, watch: Watch) -> tuple[P, str]:
    """Return a connection's protocol and its IP address; raise UnresolvedError or OSError.

    The protocol hangs up later than in its `connection_made`: its loop is then not done with the socket.
    """
    if not is_numeric(host):
        watch.waiting()
        found = await resolver.resolve(host, watch.resolving)
        watch.resolved()
        (_, connected), address = await _first(protocol, found, port)
    elif not resolver.admits(host):
        raise FamilyError(f"an IPv{6 if ':' in host else 4} address, and the other version was asked for")
    else:
        _, connected = await _open(protocol, zones.numbered(host) if zones.is_needed(host) else host, port)
        address = host
    watch.connected()
    return connected, address


async def _first(
    protocol: Callable[[], P], found: Sequence[Address], port: int
) -> tuple[tuple[asyncio.Transport, P], str]:
    """Connect to the first address that answers; raise the OSError that tells most of why none does."""

    async def entrant(address: Address) -> tuple[tuple[asyncio.Transport, P], str]:
        host = str(address[4][0])
        return await _open(protocol, address if zones.is_needed(host) else host, port), host

    if len(found) == 1:
        return await entrant(found[0])
    return await race(map(entrant, in_turns(found)), lambda late: late[0][0].abort())


async def _open(protocol: Callable[[], P], where: str | Address, port: int) -> tuple[asyncio.Transport, P]:
    loop = asyncio.get_running_loop()
    if isinstance(where, str):
        return await loop.create_connection(protocol, where, port)
    connected = await zones.connected(where, port)
    try:
        return await loop.create_connection(protocol, sock=connected)
    except BaseException:
        with suppress(OSError):  # a transport that did not come about may have closed it
            connected.close()
        raise


def in_turns(found: Sequence[Address]) -> Iterator[Address]:
    """Yield IPv6 and IPv4 addresses by turns, beginning with the family that the system prefers."""
    first = [address for address in found if address[0] == found[0][0]]
    second = [address for address in found if address[0] != found[0][0]]
    return (address for address in chain.from_iterable(zip_longest(first, second)) if address)
