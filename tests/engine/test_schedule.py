"""Who is asked when, how often, and when it is enough."""

import asyncio
import resource
import time
from contextlib import AsyncExitStack, contextmanager
from itertools import pairwise

import pytest
from ground.asking import SIGNER, Heard, answering, ask, read_request, serving

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.machine import free_descriptors
from dendrite_cli.engine.run import idle_room, in_flight, run
from dendrite_cli.model import Axon, Ending, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire

from ground.asking import read  # isort: skip

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Counting:
    """A server that answers after a while, and knows how many connections are open."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.open = self.most = 0
        self.heard: list[float] = []
        self._seconds = seconds

    async def __call__(self, reader, writer):
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await read_request(reader)
            self.heard.append(time.monotonic())
            await self._wait(reader)
            writer.write(ANSWER)
        finally:
            self.open -= 1

    async def _wait(self, reader):
        """Wait, but not for somebody who has hung up."""
        try:
            async with asyncio.timeout(self._seconds):
                await reader.read(1)
        except TimeoutError:
            pass
        else:
            raise ConnectionResetError


class Failing:
    """A server that fails so and so often before it answers."""

    def __init__(self, failures: int, status: str = "503 Service Unavailable", headers: str = "") -> None:
        self.nonces: list[int] = []
        self.at: list[float] = []
        self._failures = failures
        self._failure = answering(b'{"message":"busy"}', status, headers)

    async def __call__(self, reader, writer):
        self.at.append(time.monotonic())
        if len(self.at) <= self._failures:
            await self._failure(reader, writer)
            return
        self.nonces.append(int((await read_request(reader))[0]["bt_header_dendrite_nonce"]))
        writer.write(ANSWER)


@contextmanager
def descriptors(number: int):
    """Let this process have only so many open files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_until_stops_with_exactly_as_many_ok_and_leaves_no_connection_open():
    quick, slow = Counting(), Counting(30)
    heard = Heard()
    wire = SynapseWire(Request("Echo", read))
    async with AsyncExitStack() as stack:
        fast = [await stack.enter_async_context(serving(quick)) for _ in range(25)]
        late = [await stack.enter_async_context(serving(slow)) for _ in range(25)]
        schedule = Schedule(until=3, per_host=None)
        async with http_exchange(lambda _: wire, SIGNER, Limits()) as exchange:
            ending = await run([*late, *fast], exchange, [heard], schedule)
        await asyncio.sleep(0.1)
        still_open = quick.open + slow.open

    verdicts = [outcome.verdict for outcome in heard.outcomes]
    assert ending is Ending.ENOUGH
    assert (verdicts.count(Verdict.OK), verdicts.count(Verdict.CANCELLED)) == (3, 47)
    assert sorted(outcome.index for outcome in heard.outcomes) == list(range(50))
    assert slow.most > 0
    assert still_open == 0


async def test_an_axon_that_waits_to_be_asked_again_has_not_failed_when_there_is_enough():
    async with serving(answering(b"{}", "503 Busy")) as busy, serving(Counting(0.2)) as good:
        outcomes = await ask([busy, good], schedule=Schedule(until=1, retries=Retries(3)))

    assert [(outcome.verdict, outcome.attempts) for outcome in outcomes] == [(Verdict.CANCELLED, 1), (Verdict.OK, 1)]


async def test_until_is_enough_also_for_a_task_that_has_outlived_a_cancellation():
    async def tidying_up(axon):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await ask([axon] * 2, schedule=Schedule(until=1, parallel=1))

    async with serving(Counting()) as axon:
        task = asyncio.create_task(tidying_up(axon))
        await asyncio.sleep(0)
        task.cancel()

        assert [outcome.verdict for outcome in await task] == [Verdict.OK, Verdict.CANCELLED]


async def test_until_more_than_there_are_waits_for_all():
    async with serving(answering(b"{}")) as axon:
        outcomes = await ask([axon] * 3, schedule=Schedule(until=4))

    assert [outcome.verdict for outcome in outcomes] == [Verdict.OK] * 3


async def test_answers_that_come_in_the_same_moment_as_the_last_that_was_wanted_do_not_add_to_it():
    async with serving(Counting(0.1)) as axon:
        outcomes = await ask([axon] * 30, schedule=Schedule(until=7, per_host=None))

    assert sum(outcome.ok for outcome in outcomes) == 7
    assert len(outcomes) == 30


async def test_starts_keep_to_their_rate():
    line = Counting()
    async with serving(line) as axon:
        await ask([axon] * 11, schedule=Schedule(rate=20))

    assert 0.45 < line.heard[-1] - line.heard[0] < 1.5
    assert sum(later - earlier > 0.02 for earlier, later in pairwise(line.heard)) >= 8


async def test_one_host_is_not_asked_by_more_than_its_share_and_does_not_hold_up_the_others():
    crowded, other = Counting(0.05), Counting()
    async with serving(crowded) as many, serving(other) as one:
        elsewhere = Axon("localhost", one.port, one.hotkey)
        heard = Heard()
        await ask([many] * 12 + [elsewhere], schedule=Schedule(per_host=2), observer=heard)

    assert crowded.most == 2
    assert len(crowded.heard) == 12
    assert [outcome.index for outcome in heard.outcomes].index(12) < 6


async def test_an_axon_that_is_unavailable_is_asked_again_with_a_fresh_nonce():
    line = Failing(2)
    async with serving(line) as axon:
        (outcome,) = await ask([axon], schedule=Schedule(retries=Retries(3)))

    assert (outcome.verdict, outcome.attempts) == (Verdict.OK, 3)
    pauses = [later - earlier for earlier, later in pairwise(line.at)]
    assert 0.35 < pauses[0] < pauses[1]


async def test_attempts_that_fail_to_the_end_leave_the_last_failure():
    line = Failing(9)
    async with serving(line) as axon:
        (outcome,) = await ask([axon], schedule=Schedule(retries=Retries(1)))

    assert (outcome.verdict, outcome.http_status, outcome.attempts) == (Verdict.SERVER_ERROR, 503, 2)
    assert len(line.at) == 2


@pytest.mark.parametrize(
    ("status", "also", "attempts"),
    [
        ("429 Too Many Requests", {"429"}, 2),
        ("429 Too Many Requests", {"rate_limited"}, 2),
        ("429 Too Many Requests", set(), 1),
        ("500 Internal Server Error", set(), 1),
        ("403 Forbidden", {"429"}, 1),
        ("502 Bad Gateway", set(), 2),
        ("504 Gateway Timeout", {"408"}, 2),
    ],
)
async def test_what_is_tried_again_is_what_cannot_have_been_heard_and_what_is_named(status, also, attempts):
    line = Failing(1, status)
    async with serving(line) as axon:
        (outcome,) = await ask([axon], schedule=Schedule(retries=Retries(1, frozenset(also))))

    assert outcome.attempts == attempts
    assert outcome.ok == (attempts == 2)


async def test_our_own_time_outs_are_tried_again_where_408_is_named():
    async def silent(reader, _writer):
        await reader.read()

    async with serving(silent) as axon:
        (outcome,) = await ask([axon], Limits(total=0.1), Schedule(retries=Retries(1, frozenset({"408"}))))

    assert (outcome.verdict, outcome.attempts) == (Verdict.TIMEOUT, 2)


async def test_an_axon_is_asked_again_no_sooner_than_it_says():
    line = Failing(1, headers="Retry-After: 1\r\n")
    async with serving(line) as axon:
        (outcome,) = await ask([axon], schedule=Schedule(retries=Retries(1)))

    assert outcome.ok
    assert 1.0 <= line.at[1] - line.at[0] < 3


async def test_an_axon_that_wants_to_be_left_alone_for_long_is():
    line = Failing(1, headers="Retry-After: 3600\r\n")
    async with serving(line) as axon:
        (outcome,) = await ask([axon], schedule=Schedule(retries=Retries(5)))

    assert (outcome.http_status, outcome.attempts, outcome.retry_after) == (503, 1, 3600)


async def test_a_pause_before_another_attempt_holds_no_slot():
    line = Failing(1, headers="Retry-After: 1\r\n")
    heard = Heard()
    async with serving(line) as axon, serving(answering(b"{}")) as other:
        schedule = Schedule(parallel=1, retries=Retries(1))
        await ask([axon, other, other], schedule=schedule, observer=heard)

    assert [outcome.index for outcome in heard.outcomes] == [1, 2, 0]


async def test_a_run_that_ends_while_an_axon_waits_for_another_attempt_tells_what_it_did():
    line = Failing(9)
    heard = Heard()
    async with serving(line) as axon:
        asking = asyncio.create_task(ask([axon], schedule=Schedule(retries=Retries(9)), observer=heard))
        await asyncio.sleep(0.2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    (outcome,) = heard.outcomes
    assert (outcome.verdict, outcome.http_status) == (Verdict.SERVER_ERROR, 503)


async def test_the_descriptors_of_this_process_bound_what_is_in_flight_and_what_is_kept():
    with descriptors(100):
        free = free_descriptors()
        assert 1 < free < 90
        assert in_flight(Schedule(), 500) == free
        assert in_flight(Schedule(parallel=5), 500) == 5
        assert in_flight(Schedule(), 3) == 3
        assert idle_room(Schedule(), 500) == 0
        assert idle_room(Schedule(parallel=5), 500) == free - 5


async def test_two_hundred_axons_are_all_answered_with_a_hundred_descriptors(far_axons):
    axons = far_axons(200)

    with descriptors(100):
        outcomes = await ask(axons)

    assert [outcome.verdict for outcome in outcomes if not outcome.ok] == []


async def test_a_thousand_axons_are_all_answered_in_the_default_time(far_axons):
    outcomes = await ask(far_axons(1000))

    assert [outcome.verdict for outcome in outcomes if not outcome.ok] == []


async def test_black_holes_cost_their_own_time_out_and_nobody_elses(far_axons):
    began = time.monotonic()
    outcomes = await ask(far_axons(50, silent=5), Limits(total=1.0))

    assert time.monotonic() - began < 2
    assert [outcome.verdict for outcome in outcomes if outcome.index % 10] == [Verdict.OK] * 45
    assert [outcome.verdict for outcome in outcomes[::10]] == [Verdict.TIMEOUT] * 5


async def test_axons_that_take_their_time_are_asked_side_by_side(far_axons):
    began = time.monotonic()
    outcomes = await ask(far_axons(100, seconds=0.3))

    assert time.monotonic() - began < 2
    assert all(outcome.ok and outcome.timing.total >= 0.3 for outcome in outcomes)
