"""A run on the event loop: rounds, the deadline, and the signals that end it early."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from dendrite_cli.cli.signals import Signals
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.engine.machine import loop_factory
from dendrite_cli.engine.pace import Lag
from dendrite_cli.engine.rate import Rate
from dendrite_cli.engine.run import Exchange, run
from dendrite_cli.model import Axon, Ending


class Screen(Protocol):
    """What is drawn while a run goes on."""

    interval: float
    """Seconds from one redraw to the next."""

    def redraw(self) -> None:
        """Draw how it is now."""

    def wipe(self) -> None:
        """Leave nothing of it: the program is about to stop or to end."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often all axons are asked, how many seconds from one start to the next, and how many all may take."""

    count: int = 1
    interval: float = 0.0
    deadline: float | None = None
    watch: bool = False
    """Whether it goes on until somebody has seen enough, or for `count` rounds if that is more than one."""

    @property
    def endless(self) -> bool:
        """Whether nothing but a deadline or a signal ends them."""
        return self.watch and self.count == 1

    @property
    def several(self) -> bool:
        """Whether there can be more than one."""
        return self.watch or self.count > 1


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and what it found out about itself."""

    ending: Ending
    signal: signal.Signals | None
    loop_lag: float | None
    """Seconds."""


def fan_out(
    axons: Sequence[Axon],
    connect: Callable[[Sequence[Observer]], AbstractAsyncContextManager[Exchange]],
    observers: Sequence[Observer],
    *,
    schedule: Schedule,
    rounds: Rounds,
    screen: Screen,
) -> Ended:
    """Ask every axon in every round; return how it ended.

    Meanwhile the screen is redrawn a few times a second: observers remember, and drawing has its own time.
    """
    lag = Lag()

    async def work() -> Ending:
        try:
            async with asyncio.timeout(rounds.deadline) as deadline, connect(observers) as exchange:
                return await _all_rounds(axons, exchange, observers, schedule, rounds, lag)
        except TimeoutError:
            if not deadline.expired():
                raise
            return Ending.DEADLINE

    with asyncio.Runner(loop_factory=loop_factory(len(axons))) as runner:
        ending, stopped = runner.run(_until_signalled(work, screen))
    return Ended(ending, stopped, lag.p99())


async def _all_rounds(
    axons: Sequence[Axon],
    exchange: Exchange,
    observers: Sequence[Observer],
    schedule: Schedule,
    rounds: Rounds,
    lag: Lag,
) -> Ending:
    clock = asyncio.get_running_loop().time
    ending = Ending.COMPLETE
    rate = Rate(schedule.rate) if schedule.rate else None
    for number in count(1) if rounds.endless else range(1, rounds.count + 1):
        next_start = clock() + rounds.interval
        ending = await run(
            axons, exchange, observers, schedule, round=number, lag=lag, rate=rate, calm=not rounds.endless
        )
        if rounds.endless or number < rounds.count:
            await asyncio.sleep(next_start - clock())
    return ending


async def _until_signalled(
    work: Callable[[], Coroutine[None, None, Ending]], screen: Screen
) -> tuple[Ending, signal.Signals | None]:
    """Run `work`; the first signal cancels it and lets it say what it has, a second one quits at once."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work())
    drawing = loop.create_task(_draw(screen))
    drawing.add_done_callback(lambda ended: ended.cancelled() or (ended.exception() and task.cancel()))

    def stop() -> None:
        drawing.cancel()
        screen.wipe()
        task.cancel()

    ending = Ending.INTERRUPTED
    with Signals(loop, stop, screen.wipe) as signals:
        try:
            ending = await task
        except asyncio.CancelledError:
            if signals.received is None and not drawing.done():
                raise
        finally:
            drawing.cancel()
    # each may have come in the last moment, when there was nothing left to cancel
    broken = drawing.exception() if drawing.done() and not drawing.cancelled() else None
    if signals.received is not None:
        return Ending.INTERRUPTED, signals.received
    if broken is not None:
        raise broken
    return ending, None


async def _draw(screen: Screen) -> None:
    while True:
        screen.redraw()
        await asyncio.sleep(screen.interval)
