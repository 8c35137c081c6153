import asyncio
import gzip
import json
import threading
import time
from contextlib import aclosing, asynccontextmanager

import pytest
from ground.asking import SIGNER, Heard, answering, read_request, serving
from pydantic import PrivateAttr

from dendrite_cli import StreamingSynapse
from dendrite_cli.engine import streams
from dendrite_cli.engine.decoding import Raw, Sse, Text
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.http import fresh_lanes
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.pool import Pool
from dendrite_cli.engine.run import Slot, run
from dendrite_cli.engine.stream import Carrier, open_stream
from dendrite_cli.engine.streams import stream_exchange
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Answer, Axon, Request, Verdict
from dendrite_cli.output.raw import bytes_of as raw_bytes
from dendrite_cli.protocol.signing import ELIDED
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.reading import ClassReader

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nbt_header_axon_version: 7\r\n"
)
WIRE = SynapseWire(Request("Chat", lambda _: Answer({}), b'{"text":"hi"}'))


def text(response):
    """Read one stream as text."""
    return Text().pieces(response)


def chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def saying(*script, head: bytes = HEAD):
    """Return a handler that sends pieces, waits for events and sleeps, as the script says."""

    async def handle(reader, writer):
        await read_request(reader)
        writer.write(head + b"\r\n")
        for step in script:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, asyncio.Event):
                await step.wait()
            else:
                await asyncio.sleep(step)

    return handle


@asynccontextmanager
async def streaming(axon, limits=None, wire=WIRE):
    pool = Pool(4, Resolver())
    stream = await open_stream(Carrier(pool, fresh_lanes(), SIGNER, limits or Limits()), wire, Slot(0, axon, 1, 0.0))
    try:
        yield stream
    finally:
        await stream.close()
        pool.close()
        await asyncio.sleep(0)


async def whole(axon, limits=None, read=text):
    """Return the pieces of a stream, and its outcome."""
    async with streaming(axon, limits) as stream:
        pieces = []
        async for piece in stream.pieces(read):
            stream.tell()
            pieces.append(piece)
        return pieces, stream.outcome()


async def test_pieces_are_handed_out_as_they_arrive():
    more = asyncio.Event()
    async with serving(saying(chunk(b"one"), more, chunk(b"two"), b"0\r\n\r\n")) as axon, streaming(axon) as stream:
        pieces = stream.pieces(text)

        assert await anext(pieces) == "one"
        first = stream.tell()
        more.set()
        assert [piece async for piece in pieces] == ["two"]
        assert stream.tell() > first
        outcome = stream.outcome()

    assert (outcome.verdict, outcome.status_code, outcome.status_message) == (Verdict.OK, 200, "OK")
    assert (outcome.received, outcome.claimed.version, outcome.streamed.chunks) == (6, 7, 2)
    assert outcome.streamed.complete
    assert outcome.timing.connect <= outcome.streamed.first <= outcome.timing.total


async def test_a_refusal_is_no_content_and_its_reason_is_the_outcome():
    async with serving(answering(b'{"message": "no stake"}', "403 Forbidden")) as axon:
        pieces, outcome = await whole(axon)

    assert pieces == []
    assert (outcome.verdict, outcome.status_code, outcome.status_message) == (Verdict.FORBIDDEN, 403, "no stake")
    assert outcome.streamed is None


async def test_a_redirect_is_not_followed():
    async with (
        serving(answering(b"here")) as elsewhere,
        serving(answering(b"", "307 Moved", f"Location: http://{elsewhere.endpoint}/\r\n")) as axon,
    ):
        pieces, outcome = await whole(axon)

    assert (pieces, outcome.verdict, outcome.http_status) == ([], Verdict.REDIRECT, 307)


@pytest.mark.parametrize(
    ("script", "limits", "verdict", "pieces"),
    [
        ([5], Limits(first_byte=0.1), Verdict.FIRST_BYTE_TIMEOUT, []),
        ([chunk(b"one"), 5], Limits(idle=0.1), Verdict.IDLE_TIMEOUT, ["one"]),
        ([chunk(b"one"), 5], Limits(total=0.2), Verdict.TIMEOUT, ["one"]),
        ([chunk(b"one")], Limits(), Verdict.RESET, ["one"]),
        ([chunk(b"one"), 0.05, b"zzz\r\n"], Limits(), Verdict.BAD_RESPONSE, ["one"]),
    ],
)
async def test_what_ends_a_stream_early_is_its_outcome_after_what_arrived(script, limits, verdict, pieces):
    async with serving(saying(*script)) as axon:
        got, outcome = await whole(axon, limits)

    assert (got, outcome.verdict, outcome.streamed.complete) == (pieces, verdict, False)
    assert outcome.http_status == 200


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"x" * 5000, b""), (gzip.compress(b"x" * 10_000_000), b"Content-Encoding: gzip\r\n")]
)
async def test_bytes_are_counted_before_a_class_sees_them(body, encoding):
    seen = []

    async def greedy(response):
        yield await response.read()

    async def tolerant(response):
        async for piece in response.content.iter_chunked(512):
            seen.append(len(piece))
            yield piece

    async with serving(saying(chunk(body), b"0\r\n\r\n", head=HEAD + encoding)) as axon:
        _, first = await whole(axon, Limits(max_bytes=4096), greedy)
        _, second = await whole(axon, Limits(max_bytes=4096), tolerant)

    assert (first.verdict, second.verdict) == (Verdict.TOO_LARGE, Verdict.TOO_LARGE)
    assert sum(seen) <= 4096


async def test_compressed_pieces_are_decoded():
    body = gzip.compress("snow \N{SNOWMAN}".encode())

    async with serving(
        saying(chunk(body[:9]), chunk(body[9:]), b"0\r\n\r\n", head=HEAD + b"Content-Encoding: gzip\r\n")
    ) as axon:
        pieces, outcome = await whole(axon)

    assert ("".join(pieces), outcome.verdict) == ("snow \N{SNOWMAN}", Verdict.OK)


async def test_a_character_in_two_pieces_stays_whole():
    snow = "\N{SNOWMAN}".encode()
    more = asyncio.Event()
    async with serving(saying(chunk(snow[:1]), more, chunk(snow[1:]), b"0\r\n\r\n")) as axon, streaming(axon) as stream:
        asyncio.get_running_loop().call_later(0.05, more.set)

        assert [piece async for piece in stream.pieces(text)] == ["\N{SNOWMAN}"]


async def test_a_class_finds_a_response_of_aiohttp():
    found = {}

    async def curious(response):
        found.update({name.decode(): value.decode() for name, value in response.__dict__["_raw_headers"]})
        found["status"] = response.status
        async for line in response.content:
            yield line

    async with serving(saying(chunk(b"a\nb"), chunk(b"c\n\nrest"), b"0\r\n\r\n")) as axon:
        pieces, outcome = await whole(axon, read=curious)

    assert pieces == [b"a\n", b"bc\n", b"\n", b"rest"]
    assert (found["bt_header_axon_version"], found["status"], outcome.verdict) == ("7", 200, Verdict.OK)


async def test_a_class_may_read_all_of_it_by_aiohttps_own_methods():
    found = []

    async def at_once(response):
        response.raise_for_status()
        found.append(
            (response.ok, response.content_type, response.headers["BT_HEADER_AXON_VERSION"], response.url.path)
        )
        yield await response.json(content_type=None)
        yield await response.text()
        response.release()
        response.close()

    async with serving(saying(chunk(b'{"a":'), chunk(b"1}"), b"0\r\n\r\n")) as axon:
        pieces, outcome = await whole(axon, read=at_once)

    assert (pieces, outcome.verdict) == ([{"a": 1}, '{"a":1}'], Verdict.OK)
    assert found == [(True, "text/event-stream", "7", "/Chat")]


async def test_a_whole_stream_leaves_its_connection_to_the_next():
    connections = []

    async def handle(reader, writer):
        connections.append(writer)
        while True:
            await read_request(reader)
            writer.write(HEAD + b"\r\n" + chunk(b"one") + b"0\r\n\r\n")

    async with (
        serving(handle) as axon,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(keep=1), lambda _: Text(), []) as exchange,
    ):
        outcomes = [await exchange(Slot(0, axon, 1, 0.0)) for _ in range(3)]

    assert [outcome.verdict for outcome in outcomes] == [Verdict.OK] * 3
    assert len(connections) == 1


async def test_a_class_that_fails_is_an_answer_that_cannot_be_understood():
    async def broken(response):
        async for piece in response.content.iter_any():
            yield piece.decode()
            raise KeyError("choices")

    async with serving(saying(chunk(b"one"), chunk(b"two"), b"0\r\n\r\n")) as axon:
        pieces, outcome = await whole(axon, read=broken)

    assert pieces[0].startswith("one")
    assert (outcome.verdict, outcome.status_code) == (Verdict.BAD_RESPONSE, 422)
    assert outcome.status_message == "Failed to parse response: 'choices'"


async def test_who_leaves_early_leaves_nothing_behind():
    gone = asyncio.Event()

    async def handle(reader, writer):
        await read_request(reader)
        writer.write(HEAD + b"\r\n" + chunk(b"one"))
        assert await reader.read() == b""
        gone.set()

    async with serving(handle) as axon:
        before = asyncio.all_tasks()
        async with streaming(axon) as stream, aclosing(stream.pieces(text)) as pieces:
            assert await anext(pieces) == "one"
        await asyncio.wait_for(gone.wait(), 5)

        assert {task for task in asyncio.all_tasks() - before if "handle" not in repr(task)} == set()


async def test_a_slow_reader_costs_the_axon_nothing():
    script = (chunk(b"one"), 0.02, chunk(b"two"), b"0\r\n\r\n")
    async with serving(saying(*script)) as axon, streaming(axon, Limits(total=0.5)) as stream:
        pieces = []
        async for piece in stream.pieces(text):
            stream.tell()
            pieces.append(piece)
            await asyncio.sleep(0.4)
        outcome = stream.outcome()

    assert ("".join(pieces), outcome.verdict) == ("onetwo", Verdict.OK)
    assert outcome.timing.total < 0.4
    assert outcome.streamed.max_gap < 0.3


@pytest.mark.parametrize(
    ("host", "verdict"), [("127.0.0.1", Verdict.CONNECT_REFUSED), ("nowhere.invalid", Verdict.DNS)]
)
async def test_nobody_there_is_told_as_for_every_other_request(host, verdict, closed_port):
    pieces, outcome = await whole(Axon(host, closed_port, SIGNER.ss58_address))

    assert (pieces, outcome.verdict, outcome.http_status, outcome.streamed) == ([], verdict, None, None)


async def test_what_is_no_http_is_no_answer():
    async with serving(saying(head=b"SSH-2.0-OpenSSH\r\n")) as axon:
        _, outcome = await whole(axon)

    assert outcome.verdict is Verdict.BAD_RESPONSE


async def test_a_run_tells_of_every_piece_and_then_of_the_outcome():
    heard = Heard()
    async with (
        serving(saying(chunk(b"one"), 0.05, chunk(b"two"), b"0\r\n\r\n")) as good,
        serving(answering(b'{"message": "no"}', "403 Forbidden")) as refusing,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: Text(), [heard]) as exchange,
    ):
        await run([good, refusing], exchange, [heard], Schedule())

    assert [(chunk.index, chunk.seq, chunk.text) for chunk in heard.chunks] == [(0, 0, "one"), (0, 1, "two")]
    assert heard.chunks[0].at < heard.chunks[1].at <= heard.in_order[0].timing.total
    assert [outcome.verdict for outcome in heard.in_order] == [Verdict.OK, Verdict.FORBIDDEN]


async def test_a_stream_that_is_left_by_the_run_tells_what_had_arrived():
    """Its text and figures, and that it was asked; an axon that had not begun to answer has none of them."""
    heard = Heard()
    async with (
        serving(saying(chunk(b"one"), 0.05, chunk(b"two"), asyncio.Event())) as talking,
        serving(saying(asyncio.Event(), head=b"")) as silent,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: Text(), [heard]) as exchange,
    ):
        going = asyncio.create_task(run([talking, silent], exchange, [heard], Schedule()))
        while len(heard.chunks) < 2:  # noqa: ASYNC110 - an observer sets no event
            await asyncio.sleep(0.01)
        going.cancel()
        await asyncio.wait([going])

    left, unheard = sorted(heard.in_order, key=lambda outcome: outcome.index)
    assert (left.verdict, left.http_status, left.status_code, left.attempts) == (Verdict.CANCELLED, 200, None, 1)
    assert (left.body, left.received, left.streamed.chunks, left.streamed.complete) == ("onetwo", 6, 2, False)
    assert left.streamed.first < left.streamed.max_gap + left.streamed.first <= left.timing.total
    for outcome in (left, unheard):
        assert (outcome.trust.request_signed, outcome.attempts, outcome.sent > 0) == (True, 1, True)
        assert outcome.timing.total > outcome.timing.queued
    assert (unheard.verdict, unheard.http_status, unheard.streamed, unheard.body) == (
        Verdict.CANCELLED,
        None,
        None,
        None,
    )


async def test_a_class_that_cannot_be_copied_reads_all_the_same():
    class Locked(StreamingSynapse):
        _lock: object = PrivateAttr(default_factory=threading.Lock)
        heard: str = ""

        async def process_streaming_response(self, response):
            async for piece in response.content.iter_any():
                self.heard += piece.decode()
                yield piece

        def extract_response_json(self, response):  # noqa: ARG002 - bittensor's interface
            return {"heard": self.heard}

    heard, asked = Heard(), Locked()
    async with (
        serving(saying(chunk(b"one"), b"0\r\n\r\n")) as axon,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: ClassReader(asked), [heard]) as exchange,
    ):
        await run([axon, axon], exchange, [heard], Schedule())

    assert [(outcome.verdict, outcome.body) for outcome in heard.in_order] == [(Verdict.OK, {"heard": "one"})] * 2


async def test_bytes_are_told_without_our_signature_and_as_they_came_for_who_wants_them_untouched():
    said = []

    async def echoing(reader, writer):
        headers, _ = await read_request(reader)
        ours = headers["bt_header_dendrite_signature"].encode()
        said.append(b"\xff" + ours + b"\xff" + ours[2:42])  # at the end, what only begins like it
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(said[0]), 50):
            writer.write(chunk(said[0][at : at + 50]))
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.write(b"0\r\n\r\n")

    heard = Heard()
    async with (
        serving(echoing) as axon,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: Raw(), [heard]) as exchange,
    ):
        await run([axon], exchange, [heard], Schedule())

    (outcome,) = heard.outcomes
    shown = b"".join(told.data for told in heard.chunks)
    assert outcome.body == b"\xff" + ELIDED.encode() + said[0][-41:]
    assert (shown.count(ELIDED.encode()), said[0][2:40] in shown[:-41], shown[-41:]) == (1, False, said[0][-41:])
    assert b"".join(raw_bytes(told) for told in heard.chunks) == said[0]
    assert outcome.streamed.chunks == len(heard.chunks)


@pytest.mark.parametrize("kind", [asyncio.CancelledError, SystemExit, GeneratorExit, ValueError])
async def test_whatever_a_class_raises_is_its_axon_s_outcome_alone(kind):
    class Raising(StreamingSynapse):
        async def process_streaming_response(self, response):
            async for piece in response.content.iter_any():
                if piece == b"bad":
                    raise kind("of its own")
                yield piece

        def extract_response_json(self, response):  # noqa: ARG002 - bittensor's interface
            return {}

    heard = Heard()
    async with (
        serving(saying(chunk(b"bad"), b"0\r\n\r\n")) as bad,
        serving(saying(0.1, chunk(b"good"), b"0\r\n\r\n")) as good,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: ClassReader(Raising()), [heard]) as exchange,
    ):
        await asyncio.wait_for(run([bad, good], exchange, [heard], Schedule()), 10)

    assert [outcome.verdict for outcome in heard.in_order] == [Verdict.BAD_RESPONSE, Verdict.OK]
    assert heard.in_order[0].status_message == "Failed to parse response: of its own"


@pytest.mark.parametrize("said", [b"data:x\n\n", b":\n"], ids=["events", "comments"])
async def test_millions_of_events_that_are_there_at_once_hold_nobody_up(said):
    """What is packed into a few kilobytes would take the event loop minutes."""
    flood = gzip.compress(said * (15_000_000 // len(said)))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
    heard = Heard()
    async with (
        serving(saying(chunk(flood), asyncio.Event(), head=head)) as flooding,
        serving(saying(chunk(b"data: one\n\n"), 0.1, chunk(b"data: two\n\n"), b"0\r\n\r\n")) as good,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: Sse(), [heard]) as exchange,
    ):
        going = asyncio.create_task(run([flooding, good], exchange, [heard], Schedule()))
        while not heard.outcomes:  # noqa: ASYNC110 - an observer sets no event
            await asyncio.sleep(0.01)
        began = time.monotonic()
        going.cancel()
        await asyncio.wait([going])

    assert time.monotonic() - began < 5
    assert next((outcome.index, outcome.body) for outcome in heard.outcomes) == (1, ["one", "two"])
    assert heard.in_order[0].verdict is Verdict.CANCELLED


@pytest.mark.parametrize(
    ("said", "most", "verdict", "message"),
    [
        (2000, 1000, Verdict.TOO_LARGE, "Response too large: more than 1,000 pieces"),
        (1000, 1000, Verdict.OK, "OK"),
    ],
)
async def test_more_pieces_than_anybody_looks_at_are_too_much_and_just_as_many_are_not(
    monkeypatch, said, most, verdict, message
):
    monkeypatch.setattr(streams, "MOST_PIECES", most)
    heard = Heard()
    async with (
        serving(saying(chunk(b"data:x\n\n" * said), b"0\r\n\r\n")) as axon,
        stream_exchange(lambda _: WIRE, SIGNER, Limits(), Way(), lambda _: Sse(), [heard]) as exchange,
    ):
        await run([axon], exchange, [heard], Schedule())

    (outcome,) = heard.outcomes
    assert (outcome.verdict, outcome.status_message) == (verdict, message)
    assert outcome.streamed.chunks == len(heard.chunks) == most


@pytest.mark.parametrize("way", ["iter_chunks", "iter_any", "readchunk"])
async def test_a_class_is_given_whole_chunks_however_large(way):
    """As aiohttp gives them: classes parse them one by one."""
    said = json.dumps({"text": "\u3042" * 13_000}, ensure_ascii=False).encode()

    async def by(response):
        content = response.content
        if way == "readchunk":
            while piece := (await content.readchunk())[0]:
                yield json.loads(piece.decode())
            return
        async for piece in getattr(content, way)():
            yield json.loads((piece if isinstance(piece, bytes) else piece[0]).decode())

    async with serving(saying(chunk(said), 0.1, chunk(said), b"0\r\n\r\n")) as axon:
        pieces, outcome = await whole(axon, read=by)

    assert (outcome.verdict, len(pieces)) == (Verdict.OK, 2)


async def test_a_reader_that_counts_as_nothing_is_asked_once():
    made = []

    class Falsy:
        def __init__(self, response):
            made.append(response)
            self._pieces = response.content.iter_any()

        def __len__(self):
            return 0

        def __aiter__(self):
            return self

        def __anext__(self):
            return anext(self._pieces)

    async with serving(saying(chunk(b"one"), 0.05, chunk(b"two"), b"0\r\n\r\n")) as axon:
        pieces, _ = await whole(axon, read=Falsy)

    assert (pieces, len(made)) == ([b"one", b"two"], 1)
