"""A run on the event loop: rounds, and the signals that end it early."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.run import Exchange, run
from dendrite_cli.model import Axon

_REDRAW = 0.125
"""Seconds: eight times a second."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often all axons are asked, and how many seconds from one start to the next."""

    count: int = 1
    interval: float = 0.0


def fan_out(
    axons: Sequence[Axon],
    connect: Callable[[], AbstractAsyncContextManager[Exchange]],
    observers: Sequence[Observer],
    *,
    parallel: int,
    rounds: Rounds,
    redraw: Callable[[], None],
) -> signal.Signals | None:
    """Ask every axon in every round; return the signal that ended it early, None when it ran to its end.

    Meanwhile `redraw` is called a few times a second: observers remember, and drawing has its own time.
    """

    async def work() -> None:
        async with connect() as exchange:
            for number in range(1, rounds.count + 1):
                next_start = asyncio.get_running_loop().time() + rounds.interval
                await run(axons, exchange, observers, parallel=parallel, round=number)
                if number < rounds.count:
                    await asyncio.sleep(next_start - asyncio.get_running_loop().time())

    return asyncio.run(_until_signalled(work, redraw))


async def _until_signalled(
    work: Callable[[], Coroutine[None, None, None]], redraw: Callable[[], None]
) -> signal.Signals | None:
    """Run `work`; the first signal cancels it and lets it say what it has, a second one quits at once."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work())
    drawing = loop.create_task(_draw(redraw))
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not received:
            raise
    finally:
        drawing.cancel()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
    return received[0] if received else None


async def _draw(redraw: Callable[[], None]) -> None:
    while True:
        redraw()
        await asyncio.sleep(_REDRAW)
