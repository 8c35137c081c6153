"""Host names, each looked up once per run.

In threads of our own: the loop's default executor would make Ctrl-C wait for a name server that never answers.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_MOST_THREADS = 32
_FINAL = {getattr(socket, name, None) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY")}
"""What a name server says of a name that has no address; any other failure is its own, and may pass."""

Address = tuple[int, int, int, str, tuple[Any, ...]]
"""As `socket.getaddrinfo` gives it: family, kind, protocol, canonical name, socket address."""


class _Lookup:
    """One name's way through the threads."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.begun: asyncio.Future[None] = loop.create_future()
        self.found: asyncio.Future[list[Address]] = loop.create_future()


class UnresolvedError(Exception):
    """A host name has no address."""

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary


class Resolver:
    """The addresses of a run's host names, in one IP family or both."""

    def __init__(self, family: socket.AddressFamily = socket.AF_UNSPEC) -> None:
        self.family = family
        self._lookups: dict[str, _Lookup] = {}
        self._names: deque[tuple[str, _Lookup]] = deque()
        self._threads = 0
        self._lock = threading.Lock()

    async def resolve(self, host: str, begun: Callable[[], object] | None = None) -> list[Address]:
        """Return the addresses of `host`, at least one; raise UnresolvedError. `begun` is told when a thread has it."""
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = self._lookups[host] = _Lookup()
            with self._lock:
                self._names.append((host, lookup))
                if self._threads < _MOST_THREADS:
                    self._threads += 1
                    threading.Thread(target=self._work, daemon=True, name="dns").start()
        # one exchange's time-out must not cancel the others' answer
        await asyncio.wait([lookup.begun])
        if begun is not None:
            begun()
        await asyncio.wait([lookup.found])
        return lookup.found.result()

    def admits(self, host: str) -> bool:
        """Whether a numeric address is of the family that is allowed."""
        if self.family == socket.AF_UNSPEC:
            return True
        return (self.family == socket.AF_INET6) == (":" in host)

    def _work(self) -> None:
        """Look names up until none is left."""
        while True:
            with self._lock:
                if not self._names:
                    self._threads -= 1
                    return
                host, lookup = self._names.popleft()
            loop = lookup.found.get_loop()
            with suppress(RuntimeError):  # the run is over and its loop closed
                loop.call_soon_threadsafe(lookup.begun.set_result, None)
                loop.call_soon_threadsafe(self._settle, host, lookup, self._look_up(host))

    def _look_up(self, host: str) -> list[Address] | UnresolvedError:
        try:
            found = socket.getaddrinfo(host, None, family=self.family, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            temporary = isinstance(problem, OSError) and problem.errno not in _FINAL
            return UnresolvedError(getattr(problem, "strerror", None) or str(problem), is_temporary=temporary)
        return list(found) or UnresolvedError("No address")

    def _settle(self, host: str, lookup: _Lookup, answer: list[Address] | UnresolvedError) -> None:
        """Answer all who wait; whoever asks after a temporary failure asks anew, also where nobody waits any more."""
        if isinstance(answer, UnresolvedError):
            if answer.is_temporary and self._lookups.get(host) is lookup:
                del self._lookups[host]
            lookup.found.set_exception(answer)
            lookup.found.exception()  # whoever still waits gets it; nobody waiting is no error
        else:
            lookup.found.set_result(answer)
