import asyncio
import time
from itertools import pairwise

from dendrite_cli.engine.pace import Lag, Pace


def test_the_lag_is_what_ninety_nine_of_a_hundred_looks_stay_within():
    lag = Lag()
    for _ in range(99):
        lag.note(0.001)
    lag.note(0.5)

    assert lag.p99() == 0.001


def test_a_loop_nobody_looked_at_has_no_lag():
    assert Lag().p99() is None


def test_a_quick_loop_is_given_more_and_a_slow_one_less():
    pace = Pace(1000, Lag(), lambda: None)
    begun = pace.limit

    for _ in range(100):
        pace.adapt(0.0005, 8)
    grown = pace.limit
    for _ in range(100):
        pace.adapt(0.05)

    assert begun < grown <= 1000
    assert 0 < pace.limit < begun


def test_the_limit_never_exceeds_what_the_run_may_have():
    pace = Pace(5, Lag(), lambda: None)

    for seconds in [0.0001] * 50 + [0.1] * 50:
        pace.adapt(seconds, 16)
        assert 1 <= pace.limit <= 5


async def test_the_loop_comes_round_between_a_few_starts():
    turns = []

    async def other():
        while True:
            turns.append(len(starts))
            await asyncio.sleep(0)

    starts = []
    task = asyncio.create_task(other())
    with Pace(1000, Lag(), lambda: None) as pace:
        for number in range(200):
            starts.append(number)
            await pace.started()
    task.cancel()

    assert len(turns) > 200 / 20
    assert max(later - earlier for earlier, later in pairwise(turns)) <= 16


async def test_a_loop_that_is_held_up_is_noticed_while_nothing_starts():
    lag, looks = Lag(), []
    with Pace(100, lag, lambda: looks.append(1)):
        await asyncio.sleep(0.05)
        time.sleep(0.2)  # noqa: ASYNC251 - what is to be noticed
        await asyncio.sleep(0.05)
    looked = len(looks)
    await asyncio.sleep(0.1)

    assert lag.p99() > 0.1
    assert len(looks) == looked >= 3
