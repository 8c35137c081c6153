"""The connections of a run: opened when needed, kept for the next exchange while there are descriptors for it."""

from collections import defaultdict
from ssl import SSLContext
from typing import NamedTuple

from dendrite_cli.engine.connection import READ_SIZE, Connection
from dendrite_cli.engine.dial import dial
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.watch import Watch


class Place(NamedTuple):
    """What is dialled."""

    host: str
    port: int
    tls: bool = False


class Pool:
    """Idle connections by place, never more than `keep`; the number in use is the schedule's business."""

    def __init__(self, keep: int, resolver: Resolver, tls: SSLContext | None = None) -> None:
        self.keep = keep
        self._tls = tls
        self._resolver = resolver
        self._idle: defaultdict[Place, dict[Connection, str]] = defaultdict(dict)
        self._kept = 0
        self._buffer = bytearray(READ_SIZE)

    def idle(self, place: Place) -> tuple[Connection, str] | None:
        """Return a kept connection to `place` and its IP address; None if there is none."""
        idle = self._idle.get(place)
        if not idle:
            return None
        connection, address = idle.popitem()
        if not idle:
            del self._idle[place]
        self._kept -= 1
        connection.on_close = None
        return connection, address

    async def open(self, place: Place, watch: Watch) -> tuple[Connection, str]:
        """Return a new connection to `place` and its IP address; raise UnresolvedError or OSError, SSLError too."""
        made, address = await dial(lambda: Connection(self._buffer), place.host, place.port, self._resolver, watch)
        made.distance = watch.timing().connect or 0.0
        if place.tls:
            await made.secure(self._tls, place.host, watch)
        return made, address

    def give_back(self, place: Place, connection: Connection, address: str) -> None:
        """Keep the connection if it can be used again and there is room, else close it."""
        if not connection.is_open:
            return
        if self._kept >= self.keep:
            connection.abort()
            return
        self._kept += 1
        self._idle[place][connection] = address
        connection.on_close = lambda gone: self._drop(place, gone)

    def close(self) -> None:
        """Close what is idle."""
        for idle in self._idle.values():
            for connection in idle:
                connection.on_close = None
                connection.abort()
        self._idle.clear()
        self._kept = 0

    def _drop(self, place: Place, connection: Connection) -> None:
        idle = self._idle[place]
        del idle[connection]
        if not idle:
            del self._idle[place]
        self._kept -= 1
