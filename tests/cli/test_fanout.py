"""How a run ends: by itself, by a signal, or because one of our own parts fails."""

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager

import pytest
from ground.asking import HOTKEY, Heard

from dendrite_cli.cli.fanout import Rounds, fan_out
from dendrite_cli.engine.attempt import undone
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.model import Axon, Ending, Outcome, Verdict

AXONS = [Axon("192.0.2.1", 1, HOTKEY), Axon("192.0.2.2", 2, HOTKEY)]


class Blank:
    """A screen on which nothing is drawn."""

    interval = 0.05

    def redraw(self):
        pass

    def wipe(self):
        pass


class Drawn(Blank):
    """A screen that is drawn in a way of its own."""

    interval = 0.125

    def __init__(self, redraw):
        self.redraw = redraw


class Quick:
    """An exchange in which the first axon answers at once, and the others never."""

    async def __call__(self, slot):
        if slot.index:
            await asyncio.sleep(60)
        return Outcome(slot.index, slot.axon, Verdict.OK, "synapse", round=slot.round, attempts=1)

    def cancelled(self, slot, *, attempts):
        return undone(slot, "synapse", attempts=attempts)


@asynccontextmanager
async def connect(_observers):
    yield Quick()


def test_a_signal_in_the_moment_when_there_is_enough_ends_all_rounds():
    class Pressing(Heard):
        def finished(self, outcome):
            super().finished(outcome)
            if outcome.ok and outcome.round == 1:
                os.kill(os.getpid(), signal.SIGINT)

    heard = Pressing()
    ended = fan_out(AXONS, connect, [heard], schedule=Schedule(until=1), rounds=Rounds(3, 0.1), screen=Blank())

    assert (ended.ending, ended.signal) == (Ending.INTERRUPTED, signal.SIGINT)
    assert {outcome.round for outcome in heard.outcomes} == {1}
    assert sorted(outcome.index for outcome in heard.outcomes) == [0, 1]


def test_a_screen_that_cannot_be_drawn_ends_the_run_with_its_error():
    class Gone(Blank):
        def redraw(self):
            raise BrokenPipeError("the reader is gone")

    began = time.monotonic()
    with pytest.raises(BrokenPipeError, match="the reader is gone"):
        fan_out(AXONS, connect, [Heard()], schedule=Schedule(), rounds=Rounds(), screen=Gone())

    assert time.monotonic() - began < 5


class Closing(Quick):
    """An exchange that ends in the very turn of the loop in which the screen is drawn again, or a few later."""

    def __init__(self, turns, last=lambda: None):
        self._turns = turns
        self._last = last

    async def __call__(self, slot):
        await asyncio.sleep(0.1)
        time.sleep(0.05)  # noqa: ASYNC251 - so that the screen is due in this very turn
        for _ in range(self._turns):
            await asyncio.sleep(0)
        self._last()
        return Outcome(slot.index, slot.axon, Verdict.OK, "synapse", round=slot.round, attempts=1)


def once(exchange):
    @asynccontextmanager
    async def connect(_observers):
        yield exchange

    return connect


@pytest.mark.parametrize("turns", range(5))
def test_a_screen_that_cannot_be_drawn_in_the_last_moment_is_an_error_too(turns):
    drawn = []

    def redraw():
        drawn.append(0)
        if len(drawn) == 2:
            raise BrokenPipeError("the reader is gone")

    with pytest.raises(BrokenPipeError, match="the reader is gone"):
        fan_out(AXONS[:1], once(Closing(turns)), [Heard()], schedule=Schedule(), rounds=Rounds(), screen=Drawn(redraw))


def test_a_signal_in_the_last_moment_ends_the_run_with_its_code():
    exchange = Closing(0, lambda: os.kill(os.getpid(), signal.SIGTERM))

    ended = fan_out(AXONS[:1], once(exchange), [Heard()], schedule=Schedule(), rounds=Rounds(), screen=Blank())

    assert ended.signal == signal.SIGTERM


def test_a_signal_counts_for_more_than_the_screen_it_has_broken():
    def redraw():
        os.kill(os.getpid(), signal.SIGINT)
        raise BrokenPipeError("the reader had the same signal")

    ended = fan_out(AXONS, connect, [Heard()], schedule=Schedule(), rounds=Rounds(), screen=Drawn(redraw))

    assert ended.signal == signal.SIGINT


def test_rounds_end_with_the_last():
    heard = Heard()

    ended = fan_out(AXONS[:1], connect, [heard], schedule=Schedule(), rounds=Rounds(3), screen=Blank())

    assert (ended.ending, ended.signal) == (Ending.COMPLETE, None)
    assert [outcome.round for outcome in heard.outcomes] == [1, 2, 3]


def test_rounds_share_one_rate():
    began = time.monotonic()

    fan_out(AXONS[:1], connect, [Heard()], schedule=Schedule(rate=10), rounds=Rounds(5), screen=Blank())

    assert 0.39 < time.monotonic() - began < 5
