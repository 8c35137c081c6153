import asyncio

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.engine.content import Content

PIECES = st.lists(st.binary(max_size=8).map(lambda piece: piece.replace(b"\x00", b"\n")), max_size=8)
READS = st.lists(
    st.one_of(
        st.just(("readany",)),
        st.just(("readline",)),
        st.just(("read_nowait",)),
        st.just(("at_eof",)),
        st.tuples(st.sampled_from(["read", "readexactly"]), st.integers(0, 9)),
        st.tuples(st.just("readuntil"), st.sampled_from([b"\n", b"ab"])),
    ),
    max_size=5,
)


async def results(reader, pieces: list[bytes], reads) -> list[object]:
    for piece in pieces:
        reader.feed_data(piece)
    reader.feed_eof()
    found: list[object] = []
    for name, *arguments in reads:
        try:
            result = getattr(reader, name)(*arguments)
            found.append(await result if asyncio.iscoroutine(result) else result)
        except asyncio.IncompleteReadError as problem:
            found.append((problem.partial, problem.expected))
    return [*found, await reader.read()]


class Fed(Content):
    """With the names by which aiohttp feeds its own."""

    def feed_data(self, piece):
        self.feed(piece, 0.0)

    def feed_eof(self):
        self.end()


@given(PIECES, READS)
def test_it_reads_as_aiohttps_own_does(pieces, reads):
    async def both() -> tuple[list[object], list[object]]:
        theirs = StreamReader(BaseProtocol(asyncio.get_running_loop()), 2**16, loop=asyncio.get_running_loop())
        return await results(Fed(), pieces, reads), await results(theirs, pieces, reads)

    ours, theirs = asyncio.run(both())

    assert ours == theirs


async def test_it_iterates_as_aiohttps_own_does():
    def fed() -> Content:
        content = Content()
        content.feed(b"a\nb", 1.0)
        content.end()
        return content

    assert [piece async for piece in fed()] == [b"a\n", b"b"]
    assert [piece async for piece in fed().iter_any()] == [b"a\nb"]
    assert [piece async for piece in fed().iter_chunked(2)] == [b"a\n", b"b"]
    assert [piece async for piece in fed().iter_chunks()] == [(b"a\nb", True)]
    assert await fed().readchunk() == (b"a\nb", True)


async def test_a_reader_waits_until_something_arrives():
    content = Content()
    reading = asyncio.create_task(content.readany())
    await asyncio.sleep(0)

    assert not reading.done()
    content.feed(b"here", 2.0)
    assert (await reading, content.read_at) == (b"here", 2.0)


@pytest.mark.parametrize("name", ["readany", "readline", "read"])
async def test_what_ended_a_stream_early_is_raised_after_all_that_arrived(name):
    content = Content()
    content.feed(b"one\n", 1.0)
    content.end(ConnectionError("cut"))
    read = getattr(content, name)

    if name != "read":
        assert await read() == b"one\n"
    with pytest.raises(ConnectionError, match="cut"):
        await read()


async def test_each_read_knows_when_its_last_byte_arrived():
    content = Content()
    for at, piece in enumerate((b"ab", b"cd", b"ef")):
        content.feed(piece, float(at))

    times = [(await content.read(n), content.read_at) for n in (1, 2, 1, 2)]

    assert times == [(b"a", 0.0), (b"bc", 1.0), (b"d", 1.0), (b"ef", 2.0)]


async def test_a_line_is_not_read_beyond_the_bound_that_is_asked_for():
    content = Content()
    content.feed(b"x" * 100, 1.0)

    with pytest.raises(ValueError, match="more than 10 bytes"):
        await content.readline(max_line_length=10)
