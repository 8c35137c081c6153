"""From an endpoint to a connection: the name looked up, the first of its addresses that answers connected to."""

import asyncio
import socket
from collections.abc import Callable
from typing import TypeVar

from dendrite_cli.engine.address import is_numeric
from dendrite_cli.engine.dns import Address, Resolver
from dendrite_cli.engine.watch import Watch

_ATTEMPT_DELAY = 0.25
"""Seconds until a name's next address is tried beside the one before it (RFC 8305)."""

P = TypeVar("P", bound=asyncio.BaseProtocol)


class FamilyError(OSError):
    """A numeric address is not of the IP family that was asked for."""


async def dial(protocol: Callable[[], P], host: str, port: int, resolver: Resolver, watch: Watch) -> tuple[P, str]:
    """Return a connection's protocol and its IP address; raise UnresolvedError or OSError."""
    loop = asyncio.get_running_loop()
    if is_numeric(host):
        if not resolver.admits(host):
            raise FamilyError(f"an IPv{6 if ':' in host else 4} address, and the other version was asked for")
        _, connected = await loop.create_connection(protocol, host, port)
        watch.connected()
        return connected, host
    watch.resolving()
    found = await resolver.resolve(host)
    watch.resolved()
    if len(found) == 1:
        address = str(found[0][4][0])
        _, connected = await loop.create_connection(protocol, address, port)
    else:
        link = await _race(found, port)
        address = str(link.getpeername()[0])
        _, connected = await loop.create_connection(protocol, sock=link)
    watch.connected()
    return connected, address


async def _race(found: list[Address], port: int) -> socket.socket:
    from aiohappyeyeballs import start_connection

    addresses = [(*info[:4], (info[4][0], port, *info[4][2:])) for info in found]
    return await start_connection(addresses, happy_eyeballs_delay=_ATTEMPT_DELAY, interleave=1)
