"""A race to several addresses (RFC 8305): the next starts beside one that hesitates, and the first connection wins."""

import asyncio
import errno
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

_DELAY = 0.25
"""Seconds until the next address is tried beside the one before it."""
_TELLING = (errno.ECONNRESET, errno.ECONNREFUSED, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH)
"""What is told where all fail: the nearer we came to an axon, the more it says."""

T = TypeVar("T")


async def race(entrants: Iterable[Coroutine[Any, Any, T]], drop: Callable[[T], object]) -> T:
    """Return what the first to arrive brings; `drop` is called with what comes in at the same moment.

    Raises the OSError that tells most of why nobody arrives.
    """
    waiting = deque(entrants)
    running: set[asyncio.Task[T]] = set()
    problems: list[OSError] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(waiting.popleft()))
            delay = _DELAY if waiting else None
            done, _ = await asyncio.wait(running, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                running.discard(task)
                try:
                    return task.result()
                except OSError as problem:
                    problems.append(problem)
        raise min(problems, key=_rank)
    finally:
        for entrant in waiting:
            entrant.close()
        for task in running:
            if not task.cancel() and not task.cancelled() and task.exception() is None:
                drop(task.result())


def _rank(problem: OSError) -> int:
    return _TELLING.index(problem.errno) if problem.errno in _TELLING else len(_TELLING)
