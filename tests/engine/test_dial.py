"""Names and addresses: which is dialled, and what is said where none can be."""

import asyncio
import errno
import os
import socket
import time
from pathlib import Path

import pytest
import uvloop
from ground.asking import HOTKEY, answering, ask, serving

from dendrite_cli.engine.dial import dial
from dendrite_cli.engine.dns import Resolver, UnresolvedError
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.watch import Watch
from dendrite_cli.model import Axon, Verdict

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


async def dialled(names: Names, host: str, port: int):
    watch = Watch(Limits(), 0.0)
    async with watch.deadline:
        connected, address = await dial(asyncio.Protocol, host, port, names, watch)
        return connected, address


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def run_on(factory, main):
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


@pytest.mark.parametrize("factory", LOOPS)
def test_a_name_whose_addresses_all_refuse_is_refused(factory, closed_port):
    names = Names(both=["127.0.0.1", "127.0.0.2"])
    before = descriptors()

    async def main():
        with pytest.raises(ConnectionRefusedError):
            await dialled(names, "both", closed_port)
        return descriptors()

    assert run_on(factory, main) <= before + 12  # the loop's own


@pytest.mark.parametrize("factory", LOOPS)
def test_a_name_whose_addresses_fail_in_different_ways_says_the_most_telling(factory, closed_port):
    names = Names(mixed=["255.255.255.255", "127.0.0.1"])

    async def main():
        with pytest.raises(ConnectionRefusedError) as problem:
            await dialled(names, "mixed", closed_port)
        assert problem.value.strerror == os.strerror(problem.value.errno)

    run_on(factory, main)


@pytest.mark.parametrize("factory", LOOPS)
def test_the_address_that_answers_is_the_one_that_is_told(factory):
    async def main():
        async with serving(answering(b"{}")) as axon:
            _, address = await dialled(Names(some=["127.0.0.9", "127.0.0.1"]), "some", axon.port)
        assert address == "127.0.0.1"

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
