"""Names and addresses: which is dialled, and what is said where none can be."""

import asyncio
import errno
import gc
import os
import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import uvloop
from ground.asking import HOTKEY, SIGNER, Heard, answering, ask, read, serving

from dendrite_cli.engine.dial import dial, in_turns
from dendrite_cli.engine.dns import Resolver, UnresolvedError
from dendrite_cli.engine.faults import reason
from dendrite_cli.engine.http import HttpExchange
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.proxy import direct
from dendrite_cli.engine.run import run
from dendrite_cli.engine.tcp import TcpExchange
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire

LOOPS = [asyncio.new_event_loop, uvloop.new_event_loop]


class Names(Resolver):
    """A name server of our own: what each name is, or why it is none."""

    def __init__(self, **names: object) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._table = names

    def _look_up(self, host):
        self.asked.append(host)
        found = self._table[host]
        if isinstance(found, list):
            return [
                (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
                for address in found
            ]
        return found


class Brief(asyncio.Protocol):
    """Hangs up when it is told to."""

    def connection_made(self, transport):
        self.hang_up = transport.abort


async def dialled(names: Names, host: str, port: int, limits: Limits | None = None) -> str:
    """Connect and hang up; return the address."""
    watch = Watch(limits or Limits(), 0.0)
    async with watch:
        connected, address = await dial(Brief, host, port, names, watch)
    connected.hang_up()
    await asyncio.sleep(0.01)
    return address


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def run_on(factory, main):
    """Run a test on a loop that has connected before: then it opens a descriptor for itself."""

    async def warm():
        async with serving(answering(b"{}")) as axon:
            await dialled(Names(), axon.host, axon.port)
        await asyncio.sleep(0.01)
        return await main()

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(warm())


@pytest.fixture
def resetting_port():
    """A port of 127.0.0.1 at which every connection is accepted and reset; nobody listens there on 127.0.0.2."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset_all():
            with suppress(OSError):
                while True:
                    accepted, _ = server.accept()
                    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    accepted.close()

        thread = threading.Thread(target=reset_all)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def full_server():
    """A server at 127.0.0.1 that takes no more connections for now."""
    with socket.socket() as full, ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        yield full


@pytest.fixture
def hesitating_port():
    """A port at which 127.0.0.1 does not answer for now, and 127.0.0.2 does."""
    with full_server() as full:
        port = full.getsockname()[1]
        with socket.create_server(("127.0.0.2", port)):
            yield port


@pytest.mark.parametrize("factory", LOOPS)
def test_a_name_whose_addresses_all_refuse_is_refused_and_leaves_no_descriptor(factory, closed_port):
    names = Names(both=["127.0.0.1", "127.0.0.2"])

    async def main():
        before = descriptors()
        for _ in range(10):
            with pytest.raises(ConnectionRefusedError):
                await dialled(names, "both", closed_port)
        await asyncio.sleep(0.01)
        assert descriptors() <= before

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_a_name_that_resets_at_one_address_and_refuses_at_another_is_reset(factory, resetting_port):
    axons = [Axon("both", resetting_port, HOTKEY)] * 50
    wire = SynapseWire(Request("Echo", read))

    async def main():
        heard = Heard()
        pool = Pool(0, Names(both=["127.0.0.1", "127.0.0.2"]))
        before = descriptors()
        await run(axons, HttpExchange(pool, lambda _: wire, SIGNER, Limits(), direct), [heard])
        await asyncio.sleep(0.1)
        assert {outcome.verdict for outcome in heard.outcomes} == {Verdict.RESET}
        assert descriptors() <= before

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_an_address_that_hesitates_is_passed_over_and_leaves_no_descriptor(factory, hesitating_port):
    names = Names(both=["127.0.0.1", "127.0.0.2"])

    async def main():
        before = descriptors()
        assert await dialled(names, "both", hesitating_port) == "127.0.0.2"
        assert descriptors() <= before

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_a_dial_whose_time_is_up_leaves_no_descriptor(factory, hesitating_port):
    names = Names(both=["127.0.0.1", "127.0.0.1"])

    async def main():
        before = descriptors()
        with pytest.raises(TimeoutError):
            await dialled(names, "both", hesitating_port, Limits(connect=0.4))
        await asyncio.sleep(0.01)
        assert descriptors() <= before

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_of_two_addresses_that_answer_at_once_one_is_kept(factory):
    names = Names(both=["127.0.0.1", "127.0.0.1"])

    async def main():
        loop = asyncio.get_running_loop()
        with full_server() as server:
            # both knock again a second after they did first, and the loop hears of both at once
            loop.call_later(0.5, server.listen, 16)
            loop.call_later(0.6, time.sleep, 1.0)
            before = descriptors()
            await dialled(names, "both", server.getsockname()[1])
            assert descriptors() <= before

    run_on(factory, main)


def test_the_families_of_a_name_are_tried_by_turns():
    four = [(socket.AF_INET, 1, 6, "", (f"192.0.2.{number}", 0)) for number in range(3)]
    six = [(socket.AF_INET6, 1, 6, "", ("2001:db8::1", 0, 0, 0))]

    assert list(in_turns([*six, *four])) == [six[0], *four]
    assert list(in_turns([*four, *six])) == [four[0], six[0], *four[1:]]


@pytest.mark.parametrize("factory", LOOPS)
def test_an_address_on_a_link_that_is_named_is_dialled_on_it(factory):
    link, name = socket.if_nameindex()[0]

    async def main():
        (outcome,) = await ask([Axon(f"fe80::1%{name}", 9, HOTKEY)], Limits(connect=0.5))
        with socket.socket(socket.AF_INET6) as alone:
            return outcome.status_message, os.strerror(alone.connect_ex(("fe80::1", 9, 0, link)))

    said, word = run_on(factory, main)
    assert said.endswith(f": {word}")


@pytest.mark.parametrize("factory", LOOPS)
def test_a_name_whose_addresses_fail_in_different_ways_says_the_most_telling(factory, closed_port):
    names = Names(mixed=["255.255.255.255", "127.0.0.1"])

    async def main():
        with pytest.raises(ConnectionRefusedError) as problem:
            await dialled(names, "mixed", closed_port)
        assert reason(problem.value) == "Connection refused"

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_the_address_that_answers_is_the_one_that_is_told(factory):
    async def main():
        async with serving(answering(b"{}")) as axon:
            assert await dialled(Names(some=["127.0.0.9", "127.0.0.1"]), "some", axon.port) == "127.0.0.1"

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_a_knock_at_a_name_of_several_addresses_leaves_no_descriptor(factory):
    names = Names(both=["127.0.0.9", "127.0.0.1"])

    async def main():
        heard = Heard()
        async with serving(answering(b"{}")) as axon:
            before = descriptors()
            await run([Axon("both", axon.port)] * 20, TcpExchange(Limits(), names), [heard], Schedule(parallel=1))
            await asyncio.sleep(0.05)
            assert descriptors() <= before
        gc.collect()  # a socket that is left open says so now
        assert {(outcome.verdict, outcome.axon.address) for outcome in heard.outcomes} == {(Verdict.OK, "127.0.0.1")}

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
@pytest.mark.parametrize("host", ["fe80::1", "fe80::1%nope"])
def test_an_address_on_a_link_that_is_not_named_is_unreachable_at_once(factory, host):
    async def main():
        (outcome,) = await ask([Axon(host, 8091, HOTKEY)], Limits(connect=2))
        assert outcome.verdict is Verdict.UNREACHABLE
        assert outcome.timing.total < 1

    run_on(factory, main)


async def test_a_name_that_could_not_be_looked_up_for_now_is_looked_up_again():
    names = Names(later=UnresolvedError("Temporary failure", is_temporary=True), never=UnresolvedError("No such name"))

    for host in ("later", "later", "never", "never"):
        with pytest.raises(UnresolvedError):
            await names.resolve(host)

    assert names.asked == ["later", "later", "never"]


async def test_a_temporary_failure_that_comes_when_nobody_waits_any_more_is_not_told_to_the_next():
    class Slow(Names):
        def _look_up(self, host):
            answer = super()._look_up(host)
            time.sleep(0.2)
            return answer

    names = Slow(later=UnresolvedError("Temporary failure", is_temporary=True))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await names.resolve("later")
    await asyncio.sleep(0.4)

    with pytest.raises(UnresolvedError):
        await names.resolve("later")

    assert names.asked == ["later", "later"]


async def test_a_name_that_waits_for_a_thread_of_ours_is_not_the_name_server_s_silence():
    class Slow(Names):
        def _look_up(self, host):
            time.sleep(0.3)
            return super()._look_up(host)

    async def main(port: int) -> list[object]:
        hosts = [f"name{number}" for number in range(65)]  # more than twice as many as there are threads
        names = Slow(**{host: ["127.0.0.1"] for host in hosts})
        limits = Limits(connect=0.8, total=10)
        return await asyncio.gather(*(dialled(names, host, port, limits) for host in hosts), return_exceptions=True)

    async with serving(answering(b"{}")) as axon:
        assert await main(axon.port) == ["127.0.0.1"] * 65


async def test_a_name_that_a_program_forgets_while_it_is_looked_up_is_answered_all_the_same():
    class Slow(Names):
        def _look_up(self, host):
            time.sleep(0.1)
            return super()._look_up(host)

    names = Slow(later=UnresolvedError("Temporary failure", is_temporary=True))
    asking = asyncio.create_task(names.resolve("later"))
    await asyncio.sleep(0.02)
    names._lookups.clear()  # as the drop-in does once a minute

    with pytest.raises(UnresolvedError):
        await asyncio.wait_for(asking, 2)


@pytest.mark.parametrize(
    ("problem", "is_temporary"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "later"), True),
        (socket.gaierror(socket.EAI_FAIL, "refused"), True),
        (OSError(errno.EMFILE, "no descriptor"), True),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), False),
        (UnicodeError("no name"), False),
    ],
)
async def test_only_what_is_known_of_a_name_is_remembered(monkeypatch, problem, is_temporary):
    def failing(*_, **__):
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", failing)

    with pytest.raises(UnresolvedError) as caught:
        await Resolver().resolve("some")

    assert caught.value.is_temporary == is_temporary


async def test_those_who_ask_at_once_share_a_look_up():
    names = Names(later=UnresolvedError("Temporary failure", is_temporary=True))

    answers = await asyncio.gather(*(names.resolve("later") for _ in range(20)), return_exceptions=True)

    assert {type(answer) for answer in answers} == {UnresolvedError}
    assert names.asked == ["later"]


async def test_retries_ask_an_axon_whose_name_does_not_exist_no_name_server_again():
    schedule = Schedule(retries=Retries(1))

    (outcome,) = await ask([Axon("no-such-axon.invalid", 1, HOTKEY)], schedule=schedule)

    assert (outcome.verdict, outcome.attempts) == (Verdict.DNS, 2)
