"""Whatever bytes arrive or lie in our files: a value of its type, or the one error that is documented."""

import contextlib
import json
import re

import pytest
from bittensor_wallet import Keypair
from ground.asking import SIGNER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dendrite_cli import records
from dendrite_cli.axons import spoken
from dendrite_cli.cli.speaking import headers
from dendrite_cli.engine.decompression import TooLargeError, UndecodableError
from dendrite_cli.engine.response import CutOffError, NotHttpError, Response
from dendrite_cli.engine.retry import wish
from dendrite_cli.errors import UsageError
from dendrite_cli.history import reader, search
from dendrite_cli.history.store import opened, reading
from dendrite_cli.history.trouble import HistoryError
from dendrite_cli.model import Axon, Call, Outcome, Request
from dendrite_cli.protocol import Reading, Reply, Stamp
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.epistula import EpistulaWire
from dendrite_cli.protocol.reflection import ChallengeWire, InquiryWire, RoutesWire
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.settings import File, Option, read
from dendrite_cli.synapse.answer import read_any
from dendrite_cli.synapse.answer import reader as answer_reader

MIB = 2**20
ESCAPES = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
AXON = Axon("192.0.2.1", 8091, Keypair.create_from_uri("//axon").ss58_address)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=12), part, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 401 \r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/9.9 999 x\r\n",
        b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n",
        b"Content-Type: application/json\r\n", b"bt_header_axon_nonce: 1\r\n", b"name: \xff\xfe\r\n", b": \r\n",
        b"\r\n",
        b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"{}", b'{"text":"hi"}', b"\x1f\x8b\x08\x00", b"\0",
    ]
)  # fmt: skip
PIECES = st.lists(WORDS | st.binary(max_size=30), max_size=14)
NAMES = st.sampled_from(
    ["bt_header_axon_hotkey", "bt_header_axon_nonce", "bt_header_axon_signature", "bt_header_axon_uuid", "name",
     "server",
     "bt_header_axon_process_time", "bt_header_axon_version", "bt_header_axon_status_code", "retry-after"]
)  # fmt: skip
REPLIES = st.builds(
    Reply,
    st.integers(100, 999),
    st.text(max_size=20),
    st.dictionaries(NAMES, st.text(max_size=40) | st.integers().map(str), max_size=6),
    st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
)
CALL = Call("/x", read_any, body=b"{}")
WIRES = [
    SynapseWire(Request("Echo", answer_reader(None, 12.0))),
    BtauthWire(CALL),
    EpistulaWire(CALL),
    ChallengeWire(lambda *_: True),
    InquiryWire(SIGNER.ss58_address, lambda _: True),
    RoutesWire(),
]
MESSAGES = [wire.message(AXON, Stamp(10**18, "uuid"), SIGNER) for wire in WIRES]


@settings(deadline=None)
@given(PIECES, st.booleans())
def test_any_bytes_are_a_response_or_an_error_of_its_own(pieces, ends):
    response = Response(MIB)
    with contextlib.suppress(NotHttpError, TooLargeError, UndecodableError, CutOffError):
        for piece in pieces:
            response.feed(piece)
            assert len(response.reply().content) <= MIB
        if ends:
            response.end()
            assert response.complete
    response.release()


@pytest.mark.parametrize("number", range(len(WIRES)), ids=lambda number: type(WIRES[number]).__name__)
@settings(deadline=None)
@given(reply=REPLIES)
def test_any_reply_means_something_and_its_record_can_be_read(number, reply):
    reading = WIRES[number].read(MESSAGES[number], reply)

    assert isinstance(reading, Reading)
    told = Outcome(
        0, AXON, reading.verdict, WIRES[number].name, status_message=reading.status_message, claimed=reading.claimed
    )
    line = records.encode(records.result(told, "run")).decode()
    assert json.loads(line)
    assert not ESCAPES.search(line)


@settings(deadline=None)
@given(st.dictionaries(st.just("retry-after"), st.text(max_size=40) | st.floats().map(str)))
def test_any_retry_after_is_seconds_or_nothing(told):
    seconds = wish(told, 1_800_000_000.0)

    assert seconds is None or seconds >= 0


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=40) | st.builds("{}: {}".format, st.text(max_size=9), st.text(max_size=9)), max_size=3)
)
def test_any_header_option_is_a_header_or_a_usage_error(given_):
    try:
        told = headers(given_)
    except UsageError:
        return

    assert not set("\r\n\0") & set("".join([*told, *told.values()]))


OPTIONS = {("ping",): {"timeout": Option("timeout", "timeout"), "quiet": Option("quiet", "quiet", flag=True)}}
TOML = st.text(max_size=60) | st.lists(
    st.sampled_from(["timeout = 5", "[ping]", "quiet = true", "timeout = [1", "quiet = 'x'", "[[ping]]", "a.b = 1"]),
    max_size=4,
).map("\n".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=TOML.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40))
def test_any_settings_are_settings_or_a_usage_error(content, tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(content)

    with contextlib.suppress(UsageError):
        assert set(read([File(path)], OPTIONS)) <= {("ping",)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_file_of_remembered_protocols_is_names_or_nothing(content, tmp_path):
    (tmp_path / spoken.NAME).write_bytes(content)

    remembered = spoken.load(tmp_path)
    assert set(remembered.values()) <= {"synapse", "btauth", "epistula"}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The bytes of a history without any run."""
    path = tmp_path_factory.mktemp("history") / "dendrite" / "history.db"
    opened(path).close()
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_any_history_can_be_read_or_is_a_history_error(data, history, tmp_path):
    whole = history.read_bytes()
    if data.draw(st.booleans()):
        content = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    else:
        content = bytearray(whole[: data.draw(st.integers(0, len(whole)))] or data.draw(st.binary(max_size=200)))
    for left in tmp_path.iterdir():
        left.unlink()
    path = tmp_path / "history.db"
    path.write_bytes(content)

    with contextlib.suppress(HistoryError), reading(path) as db:
        assert db is not None
        list(reader.lines(db, search.find(db, "last")))
