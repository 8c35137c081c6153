"""All exchanges of a run: slots, then clocks, and exactly one outcome per axon, whatever happens."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.engine.machine import calm_collector, free_descriptors
from dendrite_cli.engine.pace import Lag, Pace
from dendrite_cli.engine.rate import Rate
from dendrite_cli.engine.retry import pause
from dendrite_cli.engine.turns import Turn, Turns
from dendrite_cli.model import Axon, Ending, Outcome

_SHORTEST_SLEEP = 0.001
"""Seconds: uvloop counts whole milliseconds, and would come back at once from less."""
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
    since: float | None = None
    """By the monotonic clock, when its time-out began to run, where it is asked something before; see `timed`."""


def timed(slot: Slot) -> Slot:
    """Return a slot whose time-out runs from now on: that of all that the axon is asked in it."""
    return slot if slot.since is not None else replace(slot, since=monotonic())


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
    rate: Rate | None = None,
    calm: bool = True,
) -> Ending:
    """Ask every axon once and tell the observers; an axon that was not reached in time is `cancelled`.

    Rounds share a `lag` and a `rate`. `calm` keeps the garbage collector out of the way, and makes everything old that
    was young: a process that is not ours, and goes on making garbage between runs, would never have it collected.
    Returns whether all were asked, or as many were ok as the schedule wanted. Raises what an observer raises (a
    closed pipe), after the other exchanges have been cancelled.
    """
    schedule = schedule or Schedule()
    rate = Rate(schedule.rate) if rate is None and schedule.rate else rate
    fanout = _Fanout(axons, exchange, observers, schedule, _Round(round, lag or Lag(), rate))
    cancelled = _cancellations()
    try:
        with calm_collector() if calm else nullcontext():
            await fanout.all()
    except BaseExceptionGroup as several:
        problem = _single(several)
        if not isinstance(problem, _EnoughError):
            raise problem from None
        fanout.cancel_rest(enough=True)
        if _cancellations() > cancelled:
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
    rate: Rate | None


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
        self._rate = round_.rate
        self._wake = asyncio.Event()
        self._pace = Pace(in_flight(schedule, len(axons)), round_.lag, self._wake.set)

    async def all(self) -> None:
        """Ask until every axon is done with; raises a group with _EnoughError when enough are ok."""
        async with asyncio.TaskGroup() as group:
            with self._pace:
                await self._start_all(group)

    def cancel_rest(self, *, enough: bool = False) -> None:
        """Tell the observers of every axon that is not done with: what it did last, or that it was cancelled.

        Where there is `enough`, nobody has failed who might have been asked again.
        """
        for index, axon in self._unfinished.items():
            outcome = None if enough else self._failed.get(index)
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
        if self._rate is None:
            return
        while (seconds := self._rate.wait(monotonic())) > 0:  # noqa: ASYNC110 - a clock sets no event
            await asyncio.sleep(max(seconds, _SHORTEST_SLEEP))
        self._rate.started(monotonic())

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


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


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
