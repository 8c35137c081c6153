"""A connection carries another exchange only after a whole one; what an axon says unasked is nobody's answer."""

import asyncio
import socket
import struct

import pytest
import uvloop
from ground.asking import HOTKEY, SIGNER, Heard, ask, read, read_request, serving

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.proxy import Proxy
from dendrite_cli.engine.run import run
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire

WIRE = SynapseWire(Request("Echo", read))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n "


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def on_loop(request):
    """Run a test on an event loop, and see that nothing was raised in its callbacks."""

    def run_on(main) -> None:
        raised = []

        async def watched() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context))
            await main()

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(watched())
        assert [context for context in raised if "dendrite_cli" in str(context)] == []

    return run_on


def test_an_idle_connection_that_talks_unasked_is_given_up_once(on_loop):
    async def chatty(reader, writer):
        while True:
            await read_request(reader)
            writer.write(ANSWER)
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"forged":1}')
            await writer.drain()

    async def main():
        heard = Heard()
        async with serving(chatty) as axon, http_exchange(lambda _: WIRE, SIGNER, Limits(), Way(keep=4)) as exchange:
            for number in (1, 2):
                await run([axon], exchange, [heard], round=number)
                await asyncio.sleep(0.1)
        assert [outcome.body for outcome in heard.outcomes] == [{}, {}]

    on_loop(main)


def test_a_connection_left_in_the_middle_of_an_answer_is_not_used_again(on_loop):
    connections = []

    async def proxy(reader, writer):
        connections.append(0)
        for answer in (BEGINNING, b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"forged":1}'):
            await read_request(reader)
            writer.write(answer)
            await writer.drain()

    async def main():
        heard = Heard()
        one, other = Axon("192.0.2.1", 1000, HOTKEY), Axon("192.0.2.2", 2000, HOTKEY)
        async with serving(proxy) as axon:
            way = Way(keep=4, route=lambda _: Proxy(axon.host, axon.port))
            async with http_exchange(lambda _: WIRE, SIGNER, Limits(idle=0.2, total=1), way) as exchange:
                await run([one], exchange, [heard])
                await run([other], exchange, [heard])
        assert [outcome.verdict for outcome in heard.outcomes] == [Verdict.IDLE_TIMEOUT] * 2
        assert len(connections) == 2

    on_loop(main)


def test_a_connection_whose_exchange_was_cancelled_is_not_used_again(on_loop):
    requests = []

    async def slow(reader, writer):
        while True:
            await read_request(reader)
            requests.append(writer)
            writer.write(BEGINNING)
            await writer.drain()

    async def quick(reader, writer):
        await read_request(reader)
        await asyncio.sleep(0.1)
        writer.write(ANSWER)
        await writer.drain()

    async def main():
        heard = Heard()
        exchanging = http_exchange(lambda _: WIRE, SIGNER, Limits(total=0.4), Way(keep=4))
        async with serving(slow) as a, serving(quick) as b, exchanging as exchange:
            await run([a, b], exchange, [heard], Schedule(until=1))
            await run([a], exchange, [heard])
        assert [outcome.verdict for outcome in heard.outcomes] == [Verdict.OK, Verdict.CANCELLED, Verdict.TIMEOUT]
        assert len(set(requests)) == 2

    on_loop(main)


@pytest.mark.parametrize("reset", [False, True])
def test_a_kept_connection_that_ends_when_it_is_used_again_is_replaced(on_loop, reset):
    async def impatient(reader, writer):
        await read_request(reader)
        writer.write(ANSWER)
        await writer.drain()
        await reader.read(1)
        if reset:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def main():
        async with serving(impatient) as axon:
            outcomes = await ask([axon] * 2, schedule=Schedule(parallel=1), way=Way(keep=1))
        assert [outcome.verdict for outcome in outcomes] == [Verdict.OK] * 2

    on_loop(main)


def test_what_an_axon_may_have_worked_on_is_not_said_again(on_loop):
    requests = []

    async def crashing(reader, writer):
        for number in (1, 2):
            await read_request(reader)
            requests.append(number)
            await asyncio.sleep(0.2)
            if number == 1:
                writer.write(ANSWER)
                await writer.drain()

    async def main():
        async with serving(crashing) as axon:
            outcomes = await ask([axon] * 2, schedule=Schedule(parallel=1), way=Way(keep=1))
        assert [outcome.verdict for outcome in outcomes] == [Verdict.OK, Verdict.RESET]
        assert requests == [1, 2]

    on_loop(main)


def test_after_a_stale_connection_the_next_is_a_new_one_with_the_whole_wait_for_an_answer(on_loop):
    connections = []

    async def handle(reader, writer):
        connections.append(writer)
        number = len(connections)
        await read_request(reader)
        await asyncio.sleep(0.1 if number < 3 else 0.5)
        writer.write(ANSWER)
        await writer.drain()
        await read_request(reader)  # and is gone

    async def main():
        heard = Heard()
        limits = Limits(connect=0.2, total=3)
        async with serving(handle) as axon, http_exchange(lambda _: WIRE, SIGNER, limits, Way(keep=4)) as exchange:
            await run([axon, axon], exchange, [heard])
            await run([axon], exchange, [heard], round=2)
        assert [outcome.verdict for outcome in heard.outcomes] == [Verdict.OK] * 3
        assert len(connections) == 3

    on_loop(main)
