"""What a stream's bytes become, however they are cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.engine.decoding import Enough, Raw, Sse, Text


class Content:
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def iter_any(self):
        for piece in self._pieces:
            yield piece


class Response:
    """Of aiohttp's response, the part that plain readers read."""

    def __init__(self, *pieces: bytes) -> None:
        self.content = Content([piece for piece in pieces if piece])


async def read(reader, *pieces: bytes) -> list[object]:
    return [piece async for piece in reader.pieces(Response(*pieces))]


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


async def test_characters_that_arrive_in_two_pieces_stay_whole():
    reader = Text()

    assert await read(reader, b"gr\xc3", b"\xbc\xc3\x9f", b"e\xf0\x9f", b"\x91\x8b") == [
        "gr",
        "üß",
        "e",
        "\N{WAVING HAND SIGN}",
    ]
    assert reader.body(Response()) == "grüße\N{WAVING HAND SIGN}"


async def test_what_is_no_utf_8_is_replaced_and_half_a_character_at_the_end_too():
    assert "".join(await read(Text(), b"a\xffb", b"\xf0\x9f")) == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"


async def test_raw_bytes_are_as_they_came():
    reader = Raw()

    assert await read(reader, b"\xff", b"\x00a") == [b"\xff", b"\x00a"]
    assert reader.body(Response()) == b"\xff\x00a"


@pytest.mark.parametrize(
    ("said", "events"),
    [
        (b"data: one\n\ndata:two\n\n", ["one", "two"]),
        (b"data: one\r\n\r\ndata: two\r\rdata: three\n\n", ["one", "two", "three"]),
        (b'event: delta\nid: 7\ndata: {"a":1}\n\n', ['{"a":1}']),
        (b"data: first\ndata: second\n\n", ["first\nsecond"]),
        (b"data:  two spaces\n\n", [" two spaces"]),
        (b": a comment\n\n\ndata: x\n\n", ["x"]),
        (b"data\n\n", [""]),
        (b"data: cut off\n", []),
        (b"\xef\xbb\xbfdata: after a mark\n\n", ["after a mark"]),
        ("data: a\u2028b\x0bc\n\n".encode(), ["a\u2028b\x0bc"]),
        (b"", []),
    ],
)
async def test_of_server_sent_events_the_data_are_taken(said, events):
    reader = Sse()

    assert await read(reader, said) == events
    assert reader.body(Response()) == events


async def test_an_event_that_ends_in_carriage_returns_does_not_wait_for_the_next():
    told = []

    class Slow(Content):
        async def iter_any(self):
            for piece in (b"data: one\r\r", b"\ndata: two\r\n\r", b"\n"):
                yield piece
                told.append(len(heard))

    heard = []
    response = Response()
    response.content = Slow([])
    async for event in Sse().pieces(response):
        heard.append(event)  # noqa: PERF401 - when they come is what is looked at

    assert (heard, told) == (["one", "two"], [1, 2, 2])


async def test_a_line_that_does_not_end_costs_no_more_than_its_bytes():
    pieces = [b"data: "] + [b"x" * 64] * 100_000 + [b"\n\n"]

    assert await read(Sse(), *pieces) == ["x" * 6_400_000]


@given(
    st.lists(st.text(alphabet="ab \u00e9\u2028:", min_size=1, max_size=8), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.data(),
)
async def test_events_are_the_same_however_the_bytes_are_cut(texts, end, data):
    said = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    sizes = data.draw(st.lists(st.integers(1, 7), max_size=30))

    assert await read(Sse(), *cut(said, sizes), b": the end\n") == texts


@pytest.mark.parametrize(
    ("most", "stop_on", "heard"),
    [
        (2, None, ["hel", "lo "]),
        (None, "lo", ["hel", "lo "]),
        (None, "never", ["hel", "lo ", "wor", "ld"]),
        (1, "world", ["hel"]),
        (None, "^hel", ["hel"]),
    ],
)
async def test_a_stream_is_left_when_it_is_enough(most, stop_on, heard):
    reader = Enough(Text(), most, re.compile(stop_on) if stop_on else None)

    assert await read(reader, b"hel", b"lo ", b"wor", b"ld") == heard
    assert reader.body(Response()) == "".join(heard)
