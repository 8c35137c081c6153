"""What this machine and interpreter give a run: descriptors, and a garbage collector that keeps out of the way."""

import asyncio
import gc
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_RESERVE = 32
"""Descriptors left to name look-ups, files and whoever else lives in this process."""
_MANY = 16
"""Axons from which on uvloop's quicker connections outweigh its import."""
_UNLIMITED = 1 << 20
_THRESHOLDS = (50_000, 20, 100)
_SPARE, _SHARE = 200_000, 1.5
"""Blocks of memory, and times what there was, that may be garbage before it is looked for after a run."""
_blocks: list[int] = []
"""How many there were when garbage was looked for last."""
_calm: list[tuple[int, int, int]] = []
"""The thresholds from before, once for every run that is on."""


def free_descriptors() -> int:
    """Return how many connections can be open beside what is open now; at least 1."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _UNLIMITED
    used = 3
    with suppress(OSError):
        used = len(os.listdir("/dev/fd"))  # noqa: PTH208 - thousands of Paths would take milliseconds
    return max(1, soft - used - min(_RESERVE, soft // 4))


def loop_factory(axons: int) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop of a run of so many axons: uvloop where it is there and earns its import."""
    if axons < _MANY:
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@contextmanager
def calm_collector() -> Iterator[None]:
    """Let the garbage collector look seldom, and only at what is new, while thousands of short-lived objects pass.

    It is the largest single cost of a large run. Everything is as before when the last run is over; and when there is
    much more in memory than there was, garbage is looked for everywhere: of every connection asyncio leaves some, and
    a program that asks round after round would never come to it.
    """
    if not _calm and (gc.get_freeze_count() or not gc.isenabled()):
        yield
        return
    _calm.append(_calm[0] if _calm else gc.get_threshold())
    if len(_calm) == 1:
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        thresholds = _calm.pop()
        if not _calm:
            gc.freeze()  # what the runs made is old now, and is not looked through at once
            gc.set_threshold(*thresholds)
            gc.unfreeze()
            _tidy()


def _tidy() -> None:
    blocks = sys.getallocatedblocks()
    if not _blocks:
        _blocks.append(blocks)
    elif blocks > _blocks[0] * _SHARE + _SPARE:
        gc.collect()
        _blocks[0] = sys.getallocatedblocks()
