"""A dendrite's connections on one event loop, closed with whatever ends first: the dendrite, the loop, or by hand."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from dendrite_cli.engine.dns import Address, Resolver
from dendrite_cli.engine.machine import free_descriptors
from dendrite_cli.engine.pool import Pool

if TYPE_CHECKING:
    from aiohttp import ClientSession

_MOST_KEPT = 1024
"""Idle connections, if half of the free descriptors are as many: the program has other uses for them."""
_REMEMBERED = 60.0
"""Seconds for which a name's addresses are taken to be the same."""


class Link:
    """Connections, and a session of aiohttp's for programs that ask for one."""

    def __init__(self) -> None:
        self.pool = Pool(min(_MOST_KEPT, free_descriptors() // 2), _Names())
        self._held = _Held(self.pool)
        self._life = _life(self._held)

    @classmethod
    async def open(cls) -> "Link":
        """Return a link of the running loop."""
        link = cls()
        # from here on, the loop knows what to finish when it shuts down, and the collector what to do with it
        await anext(link._life)
        return link

    @property
    def opened(self) -> "ClientSession | None":
        """The session that was asked for; it may have been closed since."""
        return self._held.session

    def session(self) -> "ClientSession":
        """Return aiohttp's session; a new one if it was closed."""
        from aiohttp import ClientSession

        if self._held.session is None or self._held.session.closed:
            self._held.session = ClientSession()
        return self._held.session

    async def close(self) -> None:
        """Close everything; what is on its way still comes to its end."""
        await self._life.aclose()


@dataclass(slots=True)
class _Held:
    pool: Pool
    session: "ClientSession | None" = None


async def _life(held: _Held) -> AsyncGenerator[None, None]:
    """Close what is held when nobody has the link any more: asyncio finishes generators of loops that shut down."""
    try:
        yield
    finally:
        held.pool.keep = 0
        held.pool.close()
        if held.session is not None:
            await held.session.close()
        await asyncio.sleep(0)  # transports say goodbye in the loop's next turn


class _Names(Resolver):
    """A program may live longer than a name keeps its addresses."""

    def __init__(self) -> None:
        super().__init__()
        self._since = monotonic()

    async def resolve(self, host: str, begun: Callable[[], object] | None = None) -> list[Address]:
        """Return the addresses of `host`, at least one; raise UnresolvedError."""
        if monotonic() - self._since > _REMEMBERED:
            self._lookups.clear()
            self._since = monotonic()
        return await super().resolve(host, begun)
