"""From an endpoint to a connection: the name looked up, the first of its addresses that answers connected to."""

import asyncio
import errno
import os
import re
import socket
from collections.abc import Callable
from typing import TypeVar

from dendrite_cli.engine.address import is_numeric
from dendrite_cli.engine.dns import Address, Resolver
from dendrite_cli.engine.watch import Watch

_ATTEMPT_DELAY = 0.25
"""Seconds until a name's next address is tried beside the one before it (RFC 8305)."""

_TELLING = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH)
"""What is told of a name with several addresses: the nearer we came to an axon, the more it says."""

P = TypeVar("P", bound=asyncio.BaseProtocol)


class FamilyError(OSError):
    """A numeric address is not of the IP family that was asked for."""


async def dial(protocol: Callable[[], P], host: str, port: int, resolver: Resolver, watch: Watch) -> tuple[P, str]:
    """Return a connection's protocol and its IP address; raise UnresolvedError or OSError."""
    loop = asyncio.get_running_loop()
    if not is_numeric(host):
        watch.resolving()
        found = await resolver.resolve(host)
        watch.resolved()
    elif not resolver.admits(host):
        raise FamilyError(f"an IPv{6 if ':' in host else 4} address, and the other version was asked for")
    elif not _is_on_a_link(host):
        _, connected = await loop.create_connection(protocol, host, port)
        watch.connected()
        return connected, host
    else:
        found = list(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    connected, address = await _first(protocol, found, port)
    watch.connected()
    return connected, host if is_numeric(host) else address


async def _first(protocol: Callable[[], P], found: list[Address], port: int) -> tuple[P, str]:
    """Connect to the first address that answers; raise the OSError that tells most of why none does."""
    from aiohappyeyeballs import start_connection

    addresses = [(*info[:4], (info[4][0], port, *info[4][2:])) for info in found]
    try:
        link = await start_connection(addresses, happy_eyeballs_delay=_ATTEMPT_DELAY, interleave=1)
    except OSError as problem:
        raise _telling(problem) from problem
    try:
        address = str(link.getpeername()[0])
        _, connected = await asyncio.get_running_loop().create_connection(protocol, sock=link)
    except BaseException as problem:
        link.close()
        if isinstance(problem, OSError):
            # who was connected a moment ago has been cut off since
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)) from problem
        raise
    return connected, address


def _telling(problem: OSError) -> OSError:
    """Return the error of one address, where those of several are put into one text."""
    if problem.errno is not None:
        return problem
    numbers = {int(number) for number in re.findall(r"\[Errno (\d+)\]", str(problem))}
    number = next((number for number in _TELLING if number in numbers), max(numbers, default=0))
    return OSError(number, os.strerror(number)) if number else problem


def _is_on_a_link(host: str) -> bool:
    """Whether an address needs a link to be named, which uvloop waits for in vain where it is missing or wrong."""
    return "%" in host or host.lower().startswith(("fe8", "fe9", "fea", "feb"))
