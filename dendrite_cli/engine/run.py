"""All exchanges of a run: slots, then clocks, and exactly one outcome per axon, whatever happens."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.engine.machine import calm_collector, free_descriptors
from dendrite_cli.engine.pace import Lag, Pace
from dendrite_cli.engine.retry import pause
from dendrite_cli.engine.turns import Turn, Turns
from dendrite_cli.model import Axon, Ending, Outcome

_CATCH_UP = 0.02
"""Seconds."""
_MOST = 1024
"""Exchanges in flight, unless the schedule says otherwise."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One axon's turn."""

    index: int
    axon: Axon
    round: int
    queued: float
    """Seconds it waited for its turn."""
    attempt: int = 1


class Exchange(Protocol):
    """Asks one axon. Every failure of the axon or the network is an Outcome; only cancellation is raised."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did."""

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""


async def run(  # noqa: PLR0913 - what a run is made of
    axons: Sequence[Axon],
    exchange: Exchange,
    observers: Sequence[Observer],
    schedule: Schedule | None = None,
    *,
    round: int = 1,  # noqa: A002 - the record's own word
    lag: Lag | None = None,
    calm: bool = True,
) -> Ending:
    """Ask every axon once and tell the observers; an axon that was not reached in time is `cancelled`.

    `calm` keeps the garbage collector out of the way, and makes everything old that was young: a process that is not
    ours, and goes on making garbage between runs, would never have it collected.
    Returns whether all were asked, or as many were ok as the schedule wanted. Raises what an observer raises (a
    closed pipe), after the other exchanges have been cancelled.
    """
    fanout = _Fanout(axons, exchange, observers, schedule or Schedule(), _Round(round, lag or Lag()))
    try:
        with calm_collector() if calm else nullcontext():
            await fanout.all()
    except BaseExceptionGroup as several:
        problem = _single(several)
        if not isinstance(problem, _EnoughError):
            raise problem from None
        fanout.cancel_rest()
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from None  # it came in the same moment, and the group has swallowed it
        return Ending.ENOUGH
    except asyncio.CancelledError:
        fanout.cancel_rest()
        raise
    return Ending.COMPLETE


def in_flight(schedule: Schedule, axons: int) -> int:
    """Return the most exchanges that a run of so many axons has in flight at once on this machine."""
    return max(1, min(schedule.parallel or _MOST, axons, free_descriptors()))


def idle_room(schedule: Schedule, axons: int) -> int:
    """Return how many idle connections there is room for beside those in flight."""
    return max(0, free_descriptors() - in_flight(schedule, axons))


class _EnoughError(Exception):
    """As many axons are ok as were wanted."""


@dataclass(frozen=True, slots=True)
class _Round:
    number: int
    lag: Lag


class _Fanout:
    """One round on its way."""

    def __init__(
        self,
        axons: Sequence[Axon],
        exchange: Exchange,
        observers: Sequence[Observer],
        schedule: Schedule,
        round_: "_Round",
    ) -> None:
        self._exchange = exchange
        self._observers = observers
        self._schedule = schedule
        self._round = round_.number
        self._began = monotonic()
        self._turns = Turns(axons, schedule.per_host)
        self._unfinished = dict(enumerate(axons))
        self._attempts: dict[int, int] = {}
        """Of unfinished axons."""
        self._failed: dict[int, Outcome] = {}
        """What axons did that wait to be asked again."""
        self._in_flight = 0
        self._ok = 0
        self._next_start = self._began
        self._wake = asyncio.Event()
        self._pace = Pace(in_flight(schedule, len(axons)), round_.lag, self._wake.set)

    async def all(self) -> None:
        """Ask until every axon is done with; raises a group with _EnoughError when enough are ok."""
        async with asyncio.TaskGroup() as group:
            with self._pace:
                await self._start_all(group)

    def cancel_rest(self) -> None:
        """Tell the observers of every axon that is not done with: what it did last, or that it was cancelled."""
        for index, axon in self._unfinished.items():
            outcome = self._failed.get(index)
            if outcome is None:
                attempts = self._attempts.get(index, 0)
                outcome = self._exchange.cancelled(self._slot(Turn(index, axon)), attempts=attempts)
            for observer in self._observers:
                observer.finished(outcome)

    async def _start_all(self, group: asyncio.TaskGroup) -> None:
        while self._unfinished:
            turn = self._turns.take() if self._in_flight < self._pace.limit else None
            if turn is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            self._in_flight += 1
            await self._wait_for_rate()
            group.create_task(self._ask(turn))
            await self._pace.started()

    async def _wait_for_rate(self) -> None:
        if self._schedule.rate is None:
            return
        now = monotonic()
        if self._next_start > now:
            await asyncio.sleep(self._next_start - now)
        # what a sleep took too long is caught up with, what a stall took is not
        self._next_start = max(self._next_start, now - _CATCH_UP) + 1 / self._schedule.rate

    async def _ask(self, turn: Turn) -> None:
        if turn.attempt == 1:
            for observer in self._observers:
                observer.started(turn.index, turn.axon)
        self._attempts[turn.index] = turn.attempt
        self._failed.pop(turn.index, None)
        outcome = await self._exchange(self._slot(turn))
        self._in_flight -= 1
        self._turns.give_back(turn)
        self._wake.set()
        seconds = pause(self._schedule.retries, outcome)
        if seconds is None:
            self._finish(outcome)
            return
        self._failed[turn.index] = outcome
        await asyncio.sleep(seconds)
        self._turns.repeat(turn)
        self._wake.set()

    def _finish(self, outcome: Outcome) -> None:
        if self._ok == self._schedule.until:
            return  # it came in the same moment as the last that was wanted
        del self._unfinished[outcome.index]
        del self._attempts[outcome.index]
        for observer in self._observers:
            observer.finished(outcome)
        self._ok += outcome.ok
        if self._ok == self._schedule.until and self._unfinished:
            raise _EnoughError

    def _slot(self, turn: Turn) -> Slot:
        return Slot(turn.index, turn.axon, self._round, monotonic() - self._began, turn.attempt)


def _single(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one exception of a group that its owner shows: a fault rather than that there is enough."""
    leaves = list(_leaves(several))
    return next((problem for problem in leaves if not isinstance(problem, _EnoughError)), leaves[0])


def _leaves(several: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [
        leaf
        for problem in several.exceptions
        for leaf in (_leaves(problem) if isinstance(problem, BaseExceptionGroup) else [problem])
    ]
