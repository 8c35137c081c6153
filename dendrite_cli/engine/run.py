"""All exchanges of a run: slots, then clocks, and exactly one outcome per axon, whatever happens."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dendrite_cli.engine.events import Observer
from dendrite_cli.model import Axon, Outcome


@dataclass(frozen=True, slots=True)
class Slot:
    """One axon's turn."""

    index: int
    axon: Axon
    round: int
    queued: float
    """Seconds it waited for its turn."""


class Exchange(Protocol):
    """Asks one axon. Every failure of the axon or the network is an Outcome; only cancellation is raised."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did."""

    def cancelled(self, slot: Slot, *, dialled: bool) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""


async def run(
    axons: Sequence[Axon],
    exchange: Exchange,
    observers: Sequence[Observer],
    *,
    parallel: int,
    round: int = 1,  # noqa: A002 - the record's own word
) -> None:
    """Ask every axon once and tell the observers; an axon that was not reached in time is `cancelled`.

    Raises what an observer raises (a closed pipe), after the other exchanges have been cancelled.
    """
    clock = asyncio.get_running_loop().time
    started = clock()
    turns = enumerate(axons)
    unfinished = dict(enumerate(axons))
    dialled: set[int] = set()

    async def work() -> None:
        for index, axon in turns:
            dialled.add(index)
            for observer in observers:
                observer.started(index, axon)
            outcome = await exchange(Slot(index, axon, round, clock() - started))
            del unfinished[index]
            for observer in observers:
                observer.finished(outcome)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(parallel, len(axons))):
                group.create_task(work())
    except BaseExceptionGroup as several:
        raise _single(several) from None
    except asyncio.CancelledError:
        for index, axon in unfinished.items():
            outcome = exchange.cancelled(Slot(index, axon, round, clock() - started), dialled=index in dialled)
            for observer in observers:
                observer.finished(outcome)
        raise


def _single(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception of a group: its owner shows one error."""
    first = several.exceptions[0]
    return _single(first) if isinstance(first, BaseExceptionGroup) else first
