"""IPv6 addresses that mean something on one link only, as `fe80::1%eth0` does.

They are connected to here: uvloop forgets the link that an address names, and where none is named, or one that does
not exist, it waits in vain.
"""

import asyncio
import errno
import os
import socket
from typing import Any

from dendrite_cli.engine.dns import Address


def is_needed(host: str) -> bool:
    """Whether an address is on a link that has to be named."""
    return "%" in host or host.lower().startswith(("fe8", "fe9", "fea", "feb"))


def numbered(host: str) -> Address:
    """Return an address with the number of the link it names; raise OSError where there is no such link."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return found[0]


async def connected(address: Address, port: int) -> socket.socket:
    """Return a socket that is connected to a port of an address; raise OSError."""
    family, kind, protocol, _, (host, _, *link) = address
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setblocking(False)
        await _connect(opened, (host, port, *link))
    except BaseException:
        opened.close()
        raise
    return opened


async def _connect(opened: socket.socket, where: tuple[Any, ...]) -> None:
    number = opened.connect_ex(where)
    if number == errno.EINPROGRESS:
        await _writable(opened)
        number = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


async def _writable(opened: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    writable = asyncio.Event()  # it is told again in every turn of the loop, until nobody asks
    loop.add_writer(opened, writable.set)
    try:
        await writable.wait()
    finally:
        loop.remove_writer(opened)
