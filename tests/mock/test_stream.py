"""Streams of the mock axon: what arrives, when, and where it ends."""

import asyncio
import time
from itertools import islice

import aiohttp
import pytest
from bittensor_wallet import Keypair
from ground.saying import say

from dendrite_cli.mock.axon import Behaviour, MockAxon, serve
from dendrite_cli.mock.behaviour import Streaming
from dendrite_cli.mock.stream import pieces
from dendrite_cli.model import Axon

TEXT = "grüße, \N{WAVING HAND SIGN} welt"


def streaming(**how):
    behaviour = Behaviour(stream=Streaming(**({"text": TEXT} | how)))
    return serve(Keypair.create_from_uri("//axon"), synapses={"Echo": None}, behaviour=behaviour)


async def heard(
    mock: MockAxon, route: str = "Echo", seconds: float = 5
) -> tuple[aiohttp.ClientResponse, list[bytes], bool]:
    """Ask; return the response, its chunks, and whether it came to its end."""
    axon = Axon(mock.host, mock.port, mock.hotkey)
    asked = say(axon, route, {"text": "hi"})
    chunks: list[bytes] = []
    async with aiohttp.ClientSession() as session:
        url = f"http://{mock.host}:{mock.port}/{route}"
        async with session.post(url, data=asked.body, headers=asked.headers) as response:
            try:
                async with asyncio.timeout(seconds):
                    async for chunk, _ in response.content.iter_chunks():
                        chunks.append(chunk)
            except (TimeoutError, aiohttp.ClientPayloadError):
                return response, chunks, False
            return response, chunks, True


async def test_a_good_request_is_answered_by_a_stream_with_the_envelope_first():
    async with streaming() as mock:
        response, chunks, whole = await heard(mock)

    assert (response.status, whole, b"".join(chunks).decode()) == (200, True, TEXT)
    assert response.headers["content-type"] == "text/event-stream"
    assert response.headers["bt_header_axon_status_code"] == "200"
    assert "content-length" not in response.headers


async def test_chunks_cut_characters_wherever_their_size_does():
    async with streaming(size=3) as mock:
        _, chunks, _ = await heard(mock)

    assert [len(chunk) for chunk in chunks[:-1]] == [3] * (len(chunks) - 1)
    with pytest.raises(UnicodeDecodeError):
        chunks[0].decode()


async def test_chunks_come_at_their_rate():
    async with streaming(size=4, rate=20) as mock:
        began = time.monotonic()
        _, chunks, _ = await heard(mock)

    assert time.monotonic() - began >= (len(chunks) - 1) / 20


async def test_a_stream_that_stalls_neither_goes_on_nor_ends():
    async with streaming(size=1, stall=3) as mock:
        _, chunks, whole = await heard(mock, seconds=0.5)

    assert (chunks, whole) == ([b"g", b"r", b"\xc3"], False)


async def test_a_stream_that_is_cut_ends_without_its_end():
    async with streaming(size=1, cut=2) as mock:
        _, chunks, whole = await heard(mock)

    assert (chunks, whole) == ([b"g", b"r"], False)


def test_an_endless_stream_begins_again():
    assert list(islice(pieces(Streaming(size=2, endless=True), "abc"), 5)) == [b"ab", b"c", b"ab", b"c", b"ab"]


async def test_nothing_to_say_is_a_stream_of_nothing():
    async with streaming(text="", endless=True) as mock:
        response, chunks, whole = await heard(mock)

    assert (response.status, chunks, whole) == (200, [], True)


async def test_without_a_text_of_its_own_it_says_the_request_s():
    async with streaming(text=None) as mock:
        _, chunks, _ = await heard(mock)

    assert b"".join(chunks) == b"hi"


async def test_a_ping_is_not_streamed_and_neither_is_a_refusal():
    async with streaming() as mock:
        ping, _, _ = await heard(mock, "Synapse")
        unknown, _, _ = await heard(mock, "Nope")

    assert (ping.status, ping.headers["content-type"]) == (200, "application/json")
    assert (unknown.status, unknown.headers["content-type"]) == (404, "application/json")
