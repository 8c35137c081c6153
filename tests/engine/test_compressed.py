"""Compressed answers, which are unpacked beside the event loop where they are large."""

import asyncio
import gzip
import json
import random
import sys
from contextlib import AsyncExitStack

import pytest
from ground.asking import ask, read_request, serving

from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.model import Verdict


def packed(seed: int, size: int) -> tuple[dict, bytes]:
    said = {"text": "".join(random.Random(seed).choices("abcdefgh ", k=size))}  # noqa: S311 - any text
    return said, gzip.compress(json.dumps(said).encode(), 1)


def sending(content: bytes, piece: int):
    async def handle(reader, writer):
        await read_request(reader)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        whole = head + content
        for at in range(0, len(whole), piece):
            writer.write(whole[at : at + piece])
            await writer.drain()
            await asyncio.sleep(0)

    return handle


@pytest.mark.parametrize("piece", [1 << 22, 70_001, 4096])
@pytest.mark.parametrize("size", [10, 5_000, 2_000_000])
async def test_an_answer_is_whole_however_it_is_cut_and_so_is_the_next(size, piece):
    said, content = packed(size, size)
    async with serving(sending(content, piece)) as axon:
        outcomes = await ask([axon], Limits(total=20), rounds=2)

    assert [(outcome.verdict, outcome.body == said) for outcome in outcomes] == [(Verdict.OK, True)] * 2


async def test_answers_that_are_unpacked_side_by_side_do_not_mix():
    said, content = zip(*(packed(seed, 300_000) for seed in range(12)), strict=True)
    async with AsyncExitStack() as servers:
        axons = [await servers.enter_async_context(serving(sending(one, 70_001))) for one in content]
        outcomes = await ask(axons, Limits(total=20), Schedule(per_host=None))

    assert [outcome.body == one for outcome, one in zip(outcomes, said, strict=True)] == [True] * 12


async def test_a_time_out_while_it_is_unpacked_is_an_outcome_like_any_other():
    _, content = packed(1, 4_000_000)

    async def handle(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99999999\r\n\r\n" + content)
        await asyncio.sleep(5)

    async with serving(handle) as axon:
        (outcome,) = await ask([axon], Limits(total=0.3, max_bytes=1 << 27))

    assert outcome.verdict is Verdict.TIMEOUT


async def test_compressed_data_that_breaks_in_the_middle_is_told():
    _, content = packed(2, 400_000)
    broken = content[:100_000] + b"\0" * 1000 + content[101_000:]
    async with serving(sending(broken, 70_001)) as axon:
        (outcome,) = await ask([axon], Limits(total=20))

    assert outcome.verdict is Verdict.BAD_RESPONSE


async def test_what_is_unpacked_at_once_is_judged_like_what_takes_its_time():
    """The thread may be done before the event loop has gone on: with so many switches it often is."""
    content = gzip.compress(random.Random(1).randbytes(6_000) + bytes(60_000))  # noqa: S311 - any bytes
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        async with serving(sending(content, 1 << 22)) as axon:
            limits = Limits(total=20, max_bytes=20_000)
            outcomes = await ask([axon] * 20, limits, Schedule(per_host=None), rounds=10)
    finally:
        sys.setswitchinterval(before)

    assert {outcome.verdict for outcome in outcomes} == {Verdict.TOO_LARGE}
