"""Every fault is one outcome of the command line's list, in time, and nobody else's business."""

import asyncio
import gc
import time
from pathlib import Path

import pytest
from ground.asking import answering, ask, serving
from ground.faults import FAULTS, MIB, answer, saying

from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.response import Response
from dendrite_cli.model import Verdict

LIMITS = Limits(total=1.0, connect=0.8, max_bytes=MIB)
SLACK = 2.0
"""Seconds beyond the time-out that a busy machine may need; what it really takes is measured in benchmarks."""


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_fault_is_one_outcome_and_its_neighbour_is_fine(fault):
    async with serving(fault.serve) as hostile, serving(answering(b'{"text":"hi"}')) as healthy:
        before = descriptors()
        began = time.monotonic()
        outcomes = await ask([hostile, healthy], LIMITS, Schedule(per_host=None))
        took = time.monotonic() - began
        await asyncio.sleep(0.01)
        left = descriptors() - before

    assert [outcome.index for outcome in outcomes] == [0, 1]
    assert outcomes[0].verdict in fault.outcomes, outcomes[0]
    assert outcomes[1].verdict is Verdict.OK
    assert took < LIMITS.total + SLACK
    assert left <= 1  # the server's own end of a connection


async def test_a_body_of_millions_of_lists_costs_none_of_twenty_neighbours_its_answer():
    """In 15 MiB they would hold the event loop for longer than the others' time-out."""
    lists = answer(b"[" + b"[]," * 5_000_000 + b"0]")

    async def late(reader, writer):
        await asyncio.sleep(0.4)
        await answering(b'{"text":"hi"}')(reader, writer)

    async with serving(saying(lists)) as hostile, serving(late) as healthy:
        outcomes = await ask([hostile, *[healthy] * 20], Limits(total=1.2), Schedule(per_host=None))

    assert outcomes[0].verdict is Verdict.BAD_RESPONSE
    assert "more than 1,500,000" in outcomes[0].status_message
    assert {outcome.verdict for outcome in outcomes[1:]} == {Verdict.OK}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_nothing_of_a_fault_waits_for_the_garbage_collector(fault):
    """A response that is part of a cycle would keep its megabytes through many rounds of a long run."""
    gc.collect()
    gc.disable()
    try:
        async with serving(fault.serve) as hostile:
            await ask([hostile], Limits(total=0.3, connect=0.3, max_bytes=MIB))
        # the thread that unpacks lets go of its last work a moment later
        for _ in range(100):
            await asyncio.sleep(0.02)
            if not any(isinstance(thing, Response) for thing in gc.get_objects()):
                return
        pytest.fail("a response is still there")
    finally:
        gc.enable()
