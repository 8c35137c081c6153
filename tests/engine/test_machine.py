import asyncio
import gc
import subprocess
import sys

import pytest

from dendrite_cli.engine import machine
from dendrite_cli.engine.machine import calm_collector, loop_factory


def test_the_collector_is_as_it_was_after_a_run():
    before = (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled())

    with calm_collector():
        assert gc.get_threshold()[0] > before[0][0]
        assert gc.get_freeze_count() > 0

    assert (gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()) == before


def test_the_collector_is_as_it_was_after_a_run_that_failed():
    before = gc.get_threshold()

    with pytest.raises(BrokenPipeError), calm_collector():
        raise BrokenPipeError

    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_runs_that_overlap_leave_it_as_the_first_one_found_it():
    before = gc.get_threshold()
    first, second = calm_collector(), calm_collector()

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() != before
    second.__exit__(None, None, None)

    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_somebody_elses_frozen_objects_stay_frozen():
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with calm_collector():
            assert gc.get_freeze_count() == frozen
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_a_few_axons_get_the_standard_loop_and_many_a_faster_one_where_there_is_one():
    assert loop_factory(1) is None
    factory = loop_factory(1000)

    assert factory is not None
    loop = factory()
    loop.close()
    assert isinstance(loop, asyncio.AbstractEventLoop)


def test_no_faster_loop_is_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert machine.loop_factory(1000) is None


def test_what_round_after_round_leaves_behind_is_looked_for_now_and_then():
    """Cycles in which there is memory: without that, 200 rounds of them would all be there in the end.

    In a process of its own, because how much may be garbage goes by how much there is.
    """
    done = subprocess.run([sys.executable, "-c", _ROUNDS], capture_output=True, text=True, check=True, timeout=60)

    assert int(done.stdout) < 200 * 500 / 2


_ROUNDS = """
import gc
from dendrite_cli.engine.machine import calm_collector

class Left:
    pass

most = 0
for number in range(200):
    with calm_collector():
        for _ in range(500):
            left = Left()
            left.itself, left.more = left, [object() for _ in range(10)]
    if number % 10 == 0:
        most = max(most, sum(1 for thing in gc.get_objects() if isinstance(thing, Left)))
print(most)
"""
