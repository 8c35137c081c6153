"""A dendrite's links, one for each event loop that it is used on: connections cannot move from loop to loop."""

import asyncio
from typing import TYPE_CHECKING

from dendrite_cli.dropin.link import Link

if TYPE_CHECKING:
    from aiohttp import ClientSession


class Links:
    """Opened when they are first needed; those of loops that somebody has closed are forgotten."""

    def __init__(self) -> None:
        self._links: dict[asyncio.AbstractEventLoop, Link] = {}
        self._given: ClientSession | None = None

    @property
    def session(self) -> "ClientSession | None":
        """The session of aiohttp's that is open for the program, on the running loop; None before it asked for one."""
        link = self._links.get(asyncio.get_running_loop()) if event_loop_is_running() else None
        found = self._given or (link.opened if link else None)
        return None if found is None or found.closed else found

    @session.setter
    def session(self, given: "ClientSession | None") -> None:
        """Take one that the program has made itself, with settings of its own."""
        self._given = given

    async def here(self) -> Link:
        """Return the link of the running loop."""
        loop = asyncio.get_running_loop()
        link = self._links.get(loop)
        if link is None:
            for gone in [other for other in self._links if other.is_closed()]:
                del self._links[gone]
            link = self._links[loop] = await Link.open()
        return link

    async def close_here(self) -> None:
        """Close the link of the running loop, and the session that the program gave."""
        given, self._given = self._given, None
        if given is not None:
            await given.close()
        link = self._links.pop(asyncio.get_running_loop(), None)
        if link is not None:
            await link.close()

    def close_all(self, *, and_loops: bool = False) -> None:
        """Close every link from outside of their loops, and the loops themselves if `and_loops`.

        Raises RuntimeError inside a running loop, unless there is nothing to close.
        """
        if self._links and event_loop_is_running():
            raise RuntimeError(
                "close_session() cannot wait inside a running event loop: use 'await dendrite.aclose_session()'"
            )
        while self._links:
            loop, link = self._links.popitem()
            if loop.is_running():  # in another thread
                asyncio.run_coroutine_threadsafe(link.close(), loop)
            elif not loop.is_closed():
                loop.run_until_complete(link.close())
                if and_loops:
                    loop.close()


def event_loop_is_running() -> bool:
    """Whether this is called from inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
