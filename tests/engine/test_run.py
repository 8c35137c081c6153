import asyncio
import time

import pytest
from ground.asking import HOTKEY, Heard, answering, ask, read_request, serving

from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.model import Axon, Verdict


async def test_every_axon_yields_exactly_one_outcome_in_order_of_completion():
    async def late(reader, writer):
        await read_request(reader)
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    heard = Heard()
    async with serving(late) as slow, serving(answering(b"{}")) as quick:
        await ask([slow, quick, quick], observer=heard)

    assert sorted(outcome.index for outcome in heard.outcomes) == [0, 1, 2]
    assert heard.outcomes[-1].index == 0
    assert sorted(heard.started_) == [0, 1, 2]


async def test_axons_wait_for_their_slot_outside_their_own_time():
    async def late(reader, writer):
        await read_request(reader)
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(late) as axon:
        outcomes = await ask([axon] * 4, Limits(total=0.5), Schedule(parallel=1))

    assert [outcome.verdict for outcome in outcomes] == [Verdict.OK] * 4
    assert outcomes[3].timing.queued > 0.5
    assert outcomes[3].timing.total < 0.5


async def test_no_more_are_asked_at_once_than_there_are_slots():
    at_once = [0, 0]

    async def counting(reader, writer):
        at_once[0] += 1
        at_once[1] = max(at_once)
        await read_request(reader)
        await asyncio.sleep(0.05)
        at_once[0] -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(counting) as axon:
        await ask([axon] * 12, schedule=Schedule(parallel=3))

    assert at_once[1] == 3


async def test_requests_in_flight_to_one_axon_never_share_a_uuid():
    in_flight, shared = set(), []

    async def watching(reader, writer):
        uuid = (await read_request(reader))[0]["bt_header_dendrite_uuid"]
        shared.append(uuid in in_flight)
        in_flight.add(uuid)
        await asyncio.sleep(0.02)
        in_flight.discard(uuid)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(watching) as axon:
        await ask([axon] * 40, schedule=Schedule(parallel=10, per_host=None))

    assert shared == [False] * 40


async def test_a_cancelled_run_tells_of_every_axon_and_leaves_nothing_behind():
    async def silent(reader, _writer):
        await read_request(reader)
        await asyncio.sleep(30)

    heard = Heard()
    async with serving(answering(b"{}")) as quick, serving(silent) as slow:
        asking = asyncio.create_task(ask([quick, slow, slow, slow], schedule=Schedule(parallel=2), observer=heard))
        await asyncio.sleep(0.3)
        asking.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await asking

    assert time.monotonic() - started < 1
    assert [outcome.verdict for outcome in heard.in_order] == [Verdict.OK, *[Verdict.CANCELLED] * 3]
    assert [outcome.attempts for outcome in heard.in_order] == [1, 1, 1, 0]
    assert [outcome.sent > 0 for outcome in heard.in_order] == [True, True, True, False]
    assert [outcome.trust.request_signed for outcome in heard.in_order] == [True, True, True, False]
    assert all(outcome.timing.queued < 0.2 < outcome.timing.total for outcome in heard.in_order[1:3])
    assert [task for task in asyncio.all_tasks() if "run.<locals>.work" in repr(task)] == []


async def test_an_observer_that_fails_ends_the_run_with_its_own_error():
    class Closed(Heard):
        def finished(self, outcome):
            raise BrokenPipeError(outcome.index)

    async with serving(answering(b"{}")) as axon:
        with pytest.raises(BrokenPipeError):
            await ask([axon] * 20, observer=Closed())


async def test_a_run_without_axons_is_over_at_once():
    assert await ask([]) == []


async def test_a_name_server_that_is_slow_is_not_waited_for_beyond_the_time_to_connect(monkeypatch):
    import socket

    def stuck(*_arguments, **_options):
        time.sleep(1.5)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    started = time.monotonic()
    (outcome,) = await ask([Axon("slow.example", 80, HOTKEY)], Limits(connect=0.2))

    assert time.monotonic() - started < 1
    assert (outcome.verdict, outcome.status_message) == (
        Verdict.DNS,
        "No answer from the name server after 0.2 seconds",
    )
