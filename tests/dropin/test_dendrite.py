"""How the drop-in behaves where no peer is needed to say what is right."""

import asyncio
import gc
import logging
import threading
import warnings
import weakref
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
import pytest
from bittensor_wallet import Keyfile, Keypair
from ground.asking import answering, read_request, serving
from pydantic import BaseModel, Field, PrivateAttr

from dendrite_cli import AxonInfo, Dendrite, DendriteMixin, Limits, StreamingSynapse, Synapse, TerminalInfo
from dendrite_cli.dendrite import DENDRITE_DEFAULT_ERROR, DENDRITE_ERROR_MAPPING, event_loop_is_running
from dendrite_cli.errors import UsageError, WalletError
from dendrite_cli.model import Axon

KEY = Keypair.create_from_uri("//dendrite")


class Say(Synapse):
    text: str = ""
    items: list[int] = []  # noqa: RUF012 - pydantic copies it

    def deserialize(self):
        return self.text


class Chat(StreamingSynapse):
    said: str = ""

    async def process_streaming_response(self, response):
        async for piece in response.content.iter_any():
            self.said += piece.decode()
            yield piece.decode()

    def extract_response_json(self, response):  # noqa: ARG002 - bittensor's interface
        return {"said": self.said}


async def silent(reader, writer):  # noqa: ARG001 - a handler's interface
    await read_request(reader)
    await reader.read()


def streaming(*pieces: bytes, wait: float = 0.0):
    async def handle(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
        await asyncio.sleep(wait)
        writer.write(b"0\r\n\r\n")

    return handle


@contextmanager
def served(handler):
    """Serve from a thread with a loop of its own, so that the test itself has none; yield the Axon."""
    loop, ready, over, found = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), []

    async def serve():
        async with serving(handler) as axon:
            found.append(axon)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


HI = answering(b'{"text": "hi", "items": [1]}')


async def test_one_axon_gives_one_result_and_a_list_gives_a_list():
    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        assert await dendrite(axon, Say(text="x")) == "hi"
        assert await dendrite([axon], Say(text="x")) == ["hi"]
        assert await dendrite((axon, axon), Say(text="x")) == ["hi", "hi"]
        assert await dendrite([], Say(text="x")) == []


async def test_call_fills_the_synapse_that_it_is_given_and_forward_does_not():
    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        mine, kept = Say(text="x"), Say(text="x")

        assert await dendrite.call(axon, mine, deserialize=False) is mine
        await dendrite(axon, kept)
        await dendrite([axon, axon], kept)

    assert (mine.text, mine.items, mine.is_success, mine.timeout) == ("hi", [1], True, 12.0)
    assert (kept.text, kept.dendrite.status_code) == ("x", None)


async def test_results_share_nothing(closed_port):
    asked = Say(items=[1, 2])
    nobody = Axon("127.0.0.1", closed_port, "x")

    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        found = await dendrite([axon, axon, nobody, nobody], asked, deserialize=False)

    lists = [id(synapse.items) for synapse in [asked, *found]]
    ends = [id(end) for synapse in [asked, *found] for end in (synapse.dendrite, synapse.axon)]
    assert len(set(lists)) == len(lists)
    assert len(set(ends)) == len(ends)


async def test_frozen_fields_keep_what_was_asked():
    class Quiz(Synapse):
        question: str = Field(default="q", frozen=True)
        answer: str = ""

    async with serving(answering(b'{"question": "forged", "answer": "a"}')) as axon, Dendrite(KEY) as dendrite:
        found = await dendrite(axon, Quiz(), deserialize=False)

    assert (found.question, found.answer) == ("q", "a")


async def test_a_class_that_fails_to_deserialize_one_answer_leaves_the_others(caplog):
    class Picky(Say):
        def deserialize(self):
            if self.text == "bad":
                raise KeyError("choices")
            return self.text

    async with serving(HI) as good, serving(answering(b'{"text": "bad"}')) as bad, Dendrite(KEY) as dendrite:
        first, second, third = await dendrite([good, bad, good], Picky())
        with pytest.raises(KeyError):
            await dendrite(bad, Picky())

    assert (first, third) == ("hi", "hi")
    assert (second.dendrite.status_code, second.dendrite.status_message) == (422, "Failed to parse response: 'choices'")
    assert "deserialize() failed" in caplog.text


async def test_one_after_another_is_really_that():
    busy, most = 0, 0

    async def handle(reader, writer):
        nonlocal busy, most
        await read_request(reader)
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.02)
        busy -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(handle) as axon, Dendrite(KEY) as dendrite:
        await dendrite([axon] * 4, Say(), run_async=False)
        in_turn, most = most, 0
        await dendrite([axon] * 4, Say())

    assert in_turn == 1
    assert most > 1


async def test_a_mismatch_of_streaming_and_class_is_warned_about(caplog):
    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        stream = await dendrite(axon, Say(), streaming=True, deserialize=False)
        *pieces, last = [piece async for piece in stream]

        assert "streaming is True, and a Say cannot be streamed" in caplog.text
        assert (pieces, last.dendrite.status_code) == ([], 422)

    async with serving(streaming(b"hi")) as axon, Dendrite(KEY) as dendrite:
        stream = await dendrite(axon, Chat(), deserialize=False)
        first, last = [piece async for piece in stream]
        assert (first, last.said, last.is_success) == ("hi", "hi", True)
        assert "streaming is False, and a Chat can be streamed" in caplog.text


async def test_a_stream_of_nobody_is_one_synapse_that_says_so(closed_port):
    async with Dendrite(KEY) as dendrite:
        for axon in (Axon("127.0.0.1", closed_port, "x"), AxonInfo(1, "0.0.0.0", 0, 4, "x", "x")):  # noqa: S104
            (last,) = [piece async for piece in dendrite.call_stream(axon, Chat(), deserialize=False)]

            assert last.dendrite.status_code == 503
            assert last.dendrite.status_message.startswith("Service unavailable at ")


async def test_many_streams_that_are_left_leave_no_task_and_no_connection():
    async with serving(streaming(b"one", wait=10)) as axon:
        before = asyncio.all_tasks()
        async with Dendrite(KEY) as dendrite:
            for _ in range(5):
                async for piece in await dendrite(axon, Chat(), streaming=True):
                    assert piece == "one"
                    break
            gc.collect()
            await asyncio.sleep(0.05)

        ours = [task for task in asyncio.all_tasks() - before if "handle" not in repr(task)]
    assert ours == []


async def test_an_overridden_call_is_used_for_every_axon():
    class Counting(Dendrite):
        calls = 0

        async def call(self, *args, **kwargs):
            self.calls += 1
            return await super().call(*args, **kwargs)

    async with serving(HI) as axon, Counting(KEY) as dendrite:
        assert await dendrite([axon, axon], Say()) == ["hi", "hi"]
        assert await dendrite([axon, axon], Say(), run_async=False) == ["hi", "hi"]
        assert dendrite.calls == 4


async def test_the_time_out_of_a_call_is_that_of_the_dendrite_unless_it_names_one(closed_port):
    axon = Axon("127.0.0.1", closed_port, "x")
    for made, given, seconds in (
        (Dendrite(KEY), {}, 12.0),
        (Dendrite(KEY, timeout=3), {}, 3.0),
        (Dendrite(KEY, timeout=3), {"timeout": 12}, 12.0),
        (Dendrite(KEY, limits=Limits(total=7)), {}, 7.0),
    ):
        async with made as dendrite:
            assert (await dendrite(axon, Say(), deserialize=False, **given)).timeout == seconds


async def test_limits_beside_the_time_out_are_named_when_they_are_met():
    async with serving(silent) as axon, Dendrite(KEY, limits=Limits(first_byte=0.1)) as dendrite:
        found = await dendrite(axon, Say(), deserialize=False)

    assert (found.dendrite.status_code, found.is_timeout) == (408, True)
    assert found.dendrite.status_message == "First byte timeout after 0.1 seconds"


async def test_a_truncated_answer_is_a_payload_error():
    async def cut(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    async with serving(cut) as axon, Dendrite(KEY) as dendrite:
        found = await dendrite(axon, Say(), deserialize=False)

    assert found.dendrite.status_code == 400
    assert found.dendrite.status_message == "Payload error: closed before the whole answer"
    assert found.axon.status_code is None


async def test_history_has_the_latest_and_is_not_the_synapses_themselves():
    async with serving(HI) as axon, Dendrite(KEY, max_history=3) as dendrite:
        for text in "abcde":
            last = await dendrite.call(axon, Say(text=text), deserialize=False)
        last.dendrite.status_code = 999

    assert len(dendrite.synapse_history) == 3
    entry = dendrite.synapse_history[-1]
    assert (type(entry), entry.dendrite.status_code, entry.axon.hotkey) == (Synapse, 200, axon.hotkey)
    assert entry.computed_body_hash
    assert entry.dendrite.uuid == last.dendrite.uuid


async def test_no_history_is_kept_where_none_is_wanted():
    async with serving(HI) as axon, Dendrite(KEY, max_history=0) as dendrite:
        await dendrite(axon, Say())

        assert dendrite.synapse_history == []


def test_query_works_without_a_loop_and_leaves_the_programs_own_alone():
    mine = asyncio.new_event_loop()
    asyncio.set_event_loop(mine)
    try:
        with served(HI) as axon:
            dendrite = Dendrite(KEY)

            assert dendrite.query(axon, Say()) == "hi"
            assert dendrite.query([axon] * 20, Say(), timeout=5) == ["hi"] * 20
            assert asyncio.get_event_loop_policy().get_event_loop() is mine
    finally:
        asyncio.set_event_loop(None)
        mine.close()


async def test_query_inside_a_running_loop_says_what_to_use_instead():
    with pytest.raises(RuntimeError, match=r"await dendrite\.forward"):
        Dendrite(KEY).query(Axon("127.0.0.1", 1, "x"), Say())


def test_one_uuid_serves_all_loops_so_that_a_miner_remembers_one():
    with served(HI) as axon:
        dendrite = Dendrite(KEY)
        used = {dendrite.query(axon, Say(), deserialize=False).dendrite.uuid for _ in range(5)}

    assert len(used) == 1


def test_a_loop_that_somebody_closed_is_replaced():
    with served(HI) as axon:
        dendrite = Dendrite(KEY)
        for _ in range(3):
            # leaves without closing the dendrite
            assert asyncio.run(dendrite.forward(axon, Say())) == "hi"
        gc.collect()


def test_two_threads_can_use_one_dendrite():
    found = []

    with served(HI) as axon:
        dendrite = Dendrite(KEY)
        threads = [threading.Thread(target=lambda: found.append(dendrite.query([axon] * 5, Say()))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == [["hi"] * 5] * 3


async def test_a_session_that_somebody_closed_is_replaced():
    async with Dendrite(KEY) as dendrite:
        first = await dendrite.session
        assert isinstance(first, aiohttp.ClientSession)
        assert await dendrite.session is first
        await first.close()

        second = await dendrite.session
        assert not second.closed
    assert second.closed


async def test_it_can_be_used_again_after_it_was_closed():
    async with serving(HI) as axon:
        dendrite = Dendrite(KEY)
        assert await dendrite.aquery(axon, Say()) == "hi"
        assert await dendrite.aquery(axon, Say()) == "hi"
        await dendrite.aclose_session()
        assert await dendrite(axon, Say()) == "hi"
        await dendrite.aclose_session()


async def test_closing_without_waiting_inside_a_loop_says_what_to_use_instead():
    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        dendrite.close_session()  # there is nothing yet
        await dendrite(axon, Say())

        with pytest.raises(RuntimeError, match="aclose_session"):
            dendrite.close_session()


def test_close_session_closes_what_a_loop_has_left_open():
    with served(HI) as axon:
        dendrite = Dendrite(KEY)
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(dendrite.forward(axon, Say())) == "hi"
        dendrite.close_session(using_new_loop=True)

    assert loop.is_closed()


async def test_a_dendrite_that_nobody_has_any_more_closes_its_connections():
    gone = asyncio.Event()

    async def handle(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        assert await reader.read() == b""
        gone.set()

    async with serving(handle) as axon:
        dendrite = Dendrite(KEY)
        await dendrite(axon, Say())
        await asyncio.sleep(0.01)
        assert not gone.is_set()

        del dendrite
        gc.collect()
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_cancelled_call_is_cancelled_and_the_dendrite_goes_on():
    async with serving(silent) as mute, serving(HI) as axon, Dendrite(KEY) as dendrite:
        for whom in (mute, [mute, axon]):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(dendrite(whom, Say()), 0.1)
        assert await dendrite(axon, Say()) == "hi"


@pytest.mark.parametrize("wallet", [KEY, SimpleNamespace(hotkey=KEY)], ids=["keypair", "wallet"])
def test_a_wallet_or_a_keypair_signs(wallet):
    dendrite = Dendrite(wallet)

    assert dendrite.keypair is KEY
    assert str(dendrite) == repr(dendrite) == f"dendrite({KEY.ss58_address})"


def test_without_a_wallet_it_is_the_default_one(monkeypatch, tmp_path):
    monkeypatch.setenv("BT_WALLET_PATH", str(tmp_path))
    with pytest.raises(WalletError, match="no wallet 'default'"):
        Dendrite()

    (tmp_path / "default" / "hotkeys").mkdir(parents=True)
    Keyfile(str(tmp_path / "default" / "hotkeys" / "default"), "default").set_keypair(KEY, encrypt=False)
    assert Dendrite().keypair.ss58_address == KEY.ss58_address


def test_what_cannot_sign_is_said_to_be_so():
    with pytest.raises(TypeError, match="a str cannot sign"):
        Dendrite("//dendrite")


async def test_what_cannot_be_asked_is_said_before_anything_is_sent():
    class Plain(BaseModel):
        text: str = ""

    async with Dendrite(KEY) as dendrite:
        with pytest.raises(UsageError, match="Plain is no synapse"):
            await dendrite(Axon("127.0.0.1", 1, "x"), Plain())
        with pytest.raises(TypeError, match="a str is no axon"):
            await dendrite([Axon("127.0.0.1", 1, "x"), "127.0.0.1:1"], Say())
    assert dendrite.synapse_history == []


def test_a_request_that_a_program_sends_itself_is_signed():
    dendrite = Dendrite(KEY, external_ip="192.0.2.1")
    synapse = dendrite.preprocess_synapse_for_request(AxonInfo(1, "192.0.2.9", 8091, 4, "5Fx", "c"), Say(), 5)

    us, them = synapse.dendrite, synapse.axon
    text = f"{us.nonce}.{us.hotkey}.5Fx.{us.uuid}.{synapse.body_hash}"
    assert KEY.verify(text, us.signature)
    assert (us.ip, us.uuid, them.ip, them.port, synapse.timeout) == (
        "192.0.2.1", dendrite.uuid, "192.0.2.9", 8091, 5.0,
    )  # fmt: skip


async def test_an_answer_that_a_program_got_itself_is_taken_in():
    dendrite = Dendrite(KEY)
    headers = (
        "bt_header_axon_status_message: Fine\r\nbt_header_axon_version: 7\r\nbt_header_axon_process_time: nan?\r\n"
    )
    async with (
        serving(answering(b'{"text": "hi", "timeout": 99}', headers=headers)) as axon,
        await dendrite.session as session,
        session.post(f"http://{axon.endpoint}/Say") as response,
    ):
        synapse = dendrite.preprocess_synapse_for_request(axon, Say())
        dendrite.process_server_response(response, await response.json(content_type=None), synapse)

    assert (synapse.text, synapse.timeout, synapse.dendrite.status_code) == ("hi", 12.0, 200)
    assert (synapse.axon.status_message, synapse.axon.version, synapse.axon.process_time) == ("Fine", 7, None)
    assert synapse.dendrite.hotkey == KEY.ss58_address
    await dendrite.aclose_session()


def connector_error(kind: type) -> Exception:
    key = aiohttp.client_reqrep.ConnectionKey("h", 1, False, True, None, None, None)
    return kind(key, OSError(111, "refused"))


@pytest.mark.parametrize(
    ("problem", "code", "text"),
    [
        (connector_error(aiohttp.ClientConnectorError), 503, "Service unavailable at 192.0.2.9:8091/Say"),
        (connector_error(aiohttp.ClientConnectorDNSError), 503, "Service unavailable at 192.0.2.9:8091/Say"),
        (TimeoutError(), 408, "Request timeout after 12.0 seconds"),
        (aiohttp.ServerTimeoutError("slow"), 504, "Server timeout error after 12.0 seconds"),
        (aiohttp.ServerDisconnectedError("gone"), 503, "Service disconnected: gone"),
        (aiohttp.ClientOSError(104, "reset"), 503, "Service disconnected: [Errno 104] reset"),
        (aiohttp.ClientPayloadError("cut"), 400, "Payload error: cut"),
        (
            aiohttp.ClientResponseError(SimpleNamespace(real_url="x"), (), status=418, message="tea"),
            418,
            "Client response error",
        ),
        (aiohttp.InvalidURL("x"), 500, "Client error: x"),
        (ValueError("json"), 422, "Failed to parse response: json"),
    ],
)
def test_an_exception_is_known_by_its_nearest_relative(problem, code, text, caplog):
    synapse = Say(axon=TerminalInfo(ip="192.0.2.9", port=8091))

    with caplog.at_level(logging.DEBUG):
        assert Dendrite(KEY).process_error_message(synapse, "Say", problem) is synapse

    assert synapse.dendrite.status_code == code
    assert synapse.dendrite.status_message.startswith(text)
    assert type(problem).__name__ in caplog.text


def test_the_mapping_is_bittensors():
    assert DENDRITE_ERROR_MAPPING[TimeoutError] == ("408", "Request timeout")
    assert DENDRITE_DEFAULT_ERROR == ("422", "Failed to parse response")
    assert issubclass(Dendrite, DendriteMixin)


async def test_it_knows_whether_a_loop_is_running():
    assert event_loop_is_running()
    assert not await asyncio.to_thread(event_loop_is_running)


async def test_a_class_that_cannot_be_copied_deeply_is_asked_all_the_same():
    class Locked(Say):
        _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with serving(HI) as axon, Dendrite(KEY) as dendrite:
            assert await dendrite([axon, axon], Locked()) == ["hi", "hi"]


async def test_garbage_that_a_program_makes_between_its_calls_is_collected():
    class Node:
        def __init__(self):
            self.itself = self

    alive: list[weakref.ref] = []

    async with serving(HI) as axon, Dendrite(KEY) as dendrite:
        for _ in range(200):
            await dendrite([axon] * 3, Say())
            alive += [weakref.ref(Node()) for _ in range(100)]

    assert sum(node() is not None for node in alive) < 10_000
