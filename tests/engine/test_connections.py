"""What happens on one connection, and from one exchange to the next."""

import asyncio
import gzip

import pytest
from ground.asking import HOTKEY, answering, ask, read_request, serving

from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.pool import Place, Pool
from dendrite_cli.engine.reserve import Reserve
from dendrite_cli.engine.response import Response
from dendrite_cli.engine.watch import Watch
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Verdict

ONE_BY_ONE = Schedule(parallel=1)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Line:
    """A server that keeps its connections, and counts them."""

    def __init__(self, *, answers: int = 1000, extra: bytes = b"") -> None:
        self.connections = 0
        self.persistent: list[str | None] = []
        self._answers = answers
        self._extra = extra

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self._answers):
            headers, _ = await read_request(reader)
            self.persistent.append(headers.get("connection"))
            writer.write(ANSWER + self._extra)
            await writer.drain()


async def test_without_room_for_idle_connections_each_is_closed_and_the_axon_told_so():
    line = Line()
    async with serving(line) as axon:
        await ask([axon, axon], schedule=ONE_BY_ONE)

    assert (line.connections, line.persistent) == (2, ["close", "close"])


async def test_a_kept_connection_carries_the_next_exchange_and_says_that_it_did_not_connect():
    line = Line()
    async with serving(line) as axon:
        first, second = await ask([axon, axon], schedule=ONE_BY_ONE, way=Way(keep=1))

    assert (line.connections, line.persistent) == (1, [None, None])
    assert first.timing.connect is not None
    assert second.timing.connect is None
    assert second.timing.total >= second.timing.ttfb


async def test_no_more_connections_are_kept_than_there_is_room_for():
    lines = [Line() for _ in range(3)]
    async with serving(lines[0]) as a, serving(lines[1]) as b, serving(lines[2]) as c:
        await ask([a, b, c], schedule=ONE_BY_ONE, way=Way(keep=2), rounds=2)

    assert sorted(line.connections for line in lines) == [1, 1, 2]


async def test_a_connection_that_its_axon_has_given_up_is_replaced_and_the_request_signed_anew():
    nonces = []

    async def impatient(reader, writer):
        nonces.append((await read_request(reader))[0]["bt_header_dendrite_nonce"])
        writer.write(ANSWER)
        await reader.read(1)

    async with serving(impatient) as axon:
        outcomes = await ask([axon] * 3, schedule=ONE_BY_ONE, way=Way(keep=1))

    assert [outcome.verdict for outcome in outcomes] == [Verdict.OK] * 3
    assert [outcome.attempts for outcome in outcomes] == [1] * 3
    assert len(set(nonces)) == 3


async def test_a_second_answer_that_nobody_asked_for_is_nobodys_answer():
    line = Line(extra=b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"smuggled":1}')
    async with serving(line) as axon:
        outcomes = await ask([axon] * 3, schedule=ONE_BY_ONE, way=Way(keep=1))

    assert [outcome.body for outcome in outcomes] == [{}, {}, {}]
    assert line.connections == 3


async def test_an_axon_that_wants_its_connection_closed_is_obeyed():
    line = Line()

    async def closing(reader, writer):
        line.connections += 1
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        await reader.read()

    async with serving(closing) as axon:
        await ask([axon] * 2, schedule=ONE_BY_ONE, way=Way(keep=1))

    assert line.connections == 2


async def test_a_body_without_a_length_ends_with_the_connection():
    async def old_fashioned(reader, writer):
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\n\r\n{"a":')
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"1}")

    async with serving(old_fashioned) as axon:
        (outcome,) = await ask([axon], way=Way(keep=1))

    assert (outcome.verdict, outcome.body) == (Verdict.OK, {"a": 1})


async def test_interim_responses_are_passed_over():
    async def patient(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Encoding: br\r\n\r\n" + ANSWER)

    async with serving(patient) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.http_status) == (Verdict.OK, 200)


async def test_a_flood_of_interim_responses_is_too_large():
    async def flooding(reader, writer):
        await read_request(reader)
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
            await writer.drain()

    async with serving(flooding) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.http_status) == (Verdict.TOO_LARGE, None)


@pytest.mark.parametrize("endless", [b"X-More: again\r\n", b"0000000000"])
async def test_endless_trailers_and_chunk_sizes_are_bounded(endless):
    async def trailing(reader, writer):
        await read_request(reader)
        last = b"0\r\n" if endless.startswith(b"X") else b""
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + last)
        while True:
            writer.write(endless * 1000)
            await writer.drain()

    async with serving(trailing) as axon:
        (outcome,) = await ask([axon])

    assert outcome.verdict in {Verdict.TOO_LARGE, Verdict.BAD_RESPONSE}


async def test_chunks_of_one_byte_make_one_body():
    content = b'{"text":"' + b"x" * 2000 + b'"}'

    async def crumbling(reader, writer):
        await read_request(reader)
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in content)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")

    async with serving(crumbling) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.content) == (Verdict.OK, content)


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 2x\r\n",
        "Bad Header : 1\r\nContent-Length: 2\r\n",
    ],
)
async def test_an_answer_whose_length_is_disputable_is_a_bad_response(framing):
    async def ambiguous(reader, writer):
        await read_request(reader)
        writer.write(f"HTTP/1.1 200 OK\r\n{framing}\r\n{{}}".encode())
        await writer.drain()
        await asyncio.sleep(0.2)

    async with serving(ambiguous) as axon:
        (outcome,) = await ask([axon], Limits(total=2))

    assert (outcome.verdict, outcome.status_code) == (Verdict.BAD_RESPONSE, 422)


async def test_compressed_nothing_cannot_go_on_for_ever():
    empty_blocks = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\x00\x00\x00\xff\xff" * 1000

    async def breathing(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            writer.write(empty_blocks)
            await writer.drain()

    async with serving(breathing) as axon:
        (outcome,) = await ask([axon], Limits(total=0.5))

    assert outcome.verdict in {Verdict.TIMEOUT, Verdict.BAD_RESPONSE}


async def test_a_refusal_that_comes_before_the_whole_request_was_heard_is_the_outcome():
    async def curt(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        await asyncio.sleep(1)

    async with serving(curt) as axon:
        (outcome,) = await ask([axon], body=b'{"text":"' + b"x" * 20_000_000 + b'"}', way=Way(keep=1))

    assert (outcome.verdict, outcome.http_status) == (Verdict.CLIENT_ERROR, 413)


async def test_a_large_body_arrives_whole():
    received = []
    body = b'{"text":"' + bytes(range(97, 122)) * 100_000 + b'"}'

    async def slowly(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await asyncio.sleep(0.1)
        received.append(await reader.readexactly(length))
        writer.write(ANSWER)

    async with serving(slowly) as axon:
        (outcome,) = await ask([axon], body=body)

    assert outcome.verdict is Verdict.OK
    assert received[0].endswith(body[1:])
    assert outcome.sent > len(received[0])


async def test_a_header_never_holds_a_line_break():
    async with serving(answering(b"{}")) as axon:
        (outcome,) = await ask([Axon(axon.host, axon.port, f"{HOTKEY}\r\nX-Evil: 1")])

    assert outcome.verdict is Verdict.INTERNAL


async def test_of_several_headers_of_one_name_the_first_counts():
    packed = gzip.compress(b"{}")

    async with serving(answering(packed, headers="Content-Encoding: gzip\r\nContent-Encoding: br\r\n")) as axon:
        (outcome,) = await ask([axon])

    assert outcome.verdict is Verdict.OK


LARGE = b'{"text":"' + bytes(range(97, 122)) * 20_000 + b'"}'


@pytest.mark.parametrize("piece", [1_000, 100_000, len(LARGE)])
async def test_a_large_answer_is_read_whole_however_it_is_cut(piece):
    line = []

    async def sending(reader, writer):
        for _ in range(2):
            line.append((await read_request(reader))[0])
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE))
            for at in range(0, len(LARGE), piece):
                writer.write(LARGE[at : at + piece])
                await writer.drain()

    async with serving(sending) as axon:
        outcomes = await ask([axon] * 2, schedule=ONE_BY_ONE, way=Way(keep=1))

    assert [bytes(outcome.content) for outcome in outcomes] == [LARGE] * 2
    assert outcomes[1].timing.connect is None


async def test_a_large_answer_that_is_cut_off_is_reset():
    async def cutting(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE) + LARGE[:-1])

    async with serving(cutting) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.http_status, outcome.content) == (Verdict.RESET, 200, None)


async def test_what_follows_a_large_answer_spoils_the_connection_and_nothing_else():
    async def chatty(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE) + LARGE + ANSWER * 1000)
        await writer.drain()
        await reader.read()

    async with serving(chatty) as axon:
        outcomes = await ask([axon] * 2, schedule=ONE_BY_ONE, way=Way(keep=1))

    assert [bytes(outcome.content) for outcome in outcomes] == [LARGE] * 2


async def test_a_large_answer_over_the_limit_is_not_waited_for():
    async def promising(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while True:
            writer.write(b" " * 100_000)
            await writer.drain()

    async with serving(promising) as axon:
        (outcome,) = await ask([axon], Limits(max_bytes=1_000_000))

    assert outcome.verdict is Verdict.TOO_LARGE


async def test_a_body_that_begins_with_its_headers_is_set_memory_aside_for_once():
    size, whole = 2 << 20, 64 << 20
    reserve = Reserve()
    response = Response(size, reserve)
    async with serving(answering(bytes(size))) as axon, Watch(Limits(), 0.0) as watch:
        connection, _ = await Pool(0, Resolver()).open(Place(axon.host, axon.port), watch)
        await connection.exchange(b"GET / HTTP/1.1\r\n\r\n", (), response, watch)
        connection.abort()

    assert response.reply().content == bytes(size)
    assert reserve.take(whole)
