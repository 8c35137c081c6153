import asyncio
import gzip
import json
import socket
import struct
import zlib

import pytest
from bittensor_wallet import Keypair
from ground.asking import HOTKEY, SIGNER, Heard, answering, ask, read_request, serving

from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.model import Axon, Verdict


async def test_an_answer_is_an_outcome_with_its_times_and_sizes():
    async with serving(answering(b'{"reply":"hi"}')) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.http_status, outcome.body) == (Verdict.OK, 200, {"reply": "hi"})
    assert outcome.content == b'{"reply":"hi"}'
    assert outcome.received == len(outcome.content)
    assert outcome.sent > 500
    assert outcome.trust.request_signed
    timing = outcome.timing
    assert timing.connect is not None
    assert timing.ttfb is not None
    assert timing.download is not None
    assert timing.total >= timing.connect + timing.ttfb + timing.download


async def test_the_axon_can_verify_what_it_received():
    received = {}

    async def handle(reader, writer):
        received["headers"], received["body"] = await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(handle) as axon:
        await ask([axon])

    headers = {name.removeprefix("bt_header_dendrite_"): value for name, value in received["headers"].items()}
    text = f"{headers['nonce']}.{headers['hotkey']}.{HOTKEY}.{headers['uuid']}.{headers['computed_body_hash']}"
    assert Keypair(ss58_address=SIGNER.ss58_address).verify(text, headers["signature"])
    assert json.loads(received["body"])["text"] == "hi"
    assert headers["accept-encoding"] == "gzip, deflate"


async def test_nobody_listens(closed_port):
    (outcome,) = await ask([Axon("127.0.0.1", closed_port, HOTKEY)])

    assert (outcome.verdict, outcome.status_code, outcome.http_status) == (Verdict.CONNECT_REFUSED, 503, None)
    assert outcome.status_message == f"Service unavailable at 127.0.0.1:{closed_port}: Connection refused"
    assert (outcome.attempts, outcome.sent) == (1, 0)


async def test_a_name_that_does_not_exist_is_dns_and_each_name_is_looked_up_once():
    axons = [Axon("no-such-axon.invalid", port, HOTKEY) for port in (1, 2)]

    outcomes = await ask(axons)

    assert [outcome.verdict for outcome in outcomes] == [Verdict.DNS, Verdict.DNS]
    assert [outcome.status_code for outcome in outcomes] == [503, 503]


async def test_a_host_name_shows_its_address():
    async with serving(answering(b"{}")) as axon:
        (outcome,) = await ask([Axon("localhost", axon.port, HOTKEY)])

    assert (outcome.verdict, outcome.axon.address) == (Verdict.OK, "127.0.0.1")
    assert outcome.timing.dns is not None


async def test_an_axon_that_never_answers_times_out_alone():
    async def silent(reader, _writer):
        await read_request(reader)
        await asyncio.sleep(30)

    async with serving(silent) as slow, serving(answering(b"{}")) as quick:
        outcomes = await ask([slow, quick], Limits(total=0.3))

    assert [outcome.verdict for outcome in outcomes] == [Verdict.TIMEOUT, Verdict.OK]
    assert (outcomes[0].status_code, outcomes[0].http_status) == (408, None)
    assert outcomes[0].status_message == "Request timeout after 0.3 seconds"


async def test_the_wait_for_the_first_byte_has_its_own_limit():
    async def silent(reader, _writer):
        await read_request(reader)
        await asyncio.sleep(30)

    async with serving(silent) as axon:
        (outcome,) = await ask([axon], Limits(first_byte=0.2))

    assert (outcome.verdict, outcome.status_code) == (Verdict.FIRST_BYTE_TIMEOUT, 408)
    assert outcome.timing.connect is not None
    assert outcome.timing.ttfb is None


async def test_silence_in_the_middle_of_an_answer_has_its_own_limit():
    async def stalling(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await asyncio.sleep(30)

    async with serving(stalling) as axon:
        (outcome,) = await ask([axon], Limits(idle=0.2))

    assert (outcome.verdict, outcome.status_code, outcome.http_status) == (Verdict.IDLE_TIMEOUT, 408, 200)


async def test_a_body_in_drops_cannot_outlive_the_total():
    async def dripping(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(dripping) as axon:
        (outcome,) = await ask([axon], Limits(total=0.5, idle=0.2))

    assert outcome.verdict is Verdict.TIMEOUT


async def test_a_connection_that_nobody_accepts_is_a_connect_timeout():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(("127.0.0.1", port))

        (outcome,) = await ask([Axon("127.0.0.1", port, HOTKEY)], Limits(connect=0.3))

        for other in others:
            other.close()

    assert (outcome.verdict, outcome.status_code) == (Verdict.CONNECT_TIMEOUT, 408)
    assert outcome.status_message == "Connect timeout after 0.3 seconds"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
async def test_an_axon_that_hangs_up_is_reset(answer):
    async def cutting(reader, writer):
        await read_request(reader)
        writer.write(answer)

    async with serving(cutting) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.status_code) == (Verdict.RESET, 503)


async def test_a_connection_reset_is_reset():
    async def resetting(reader, writer):
        await read_request(reader)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    async with serving(resetting) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.status_code) == (Verdict.RESET, 503)


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n"]
)
async def test_what_is_not_http_is_a_bad_response(answer):
    async def talking(reader, writer):
        await read_request(reader)
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.2)

    async with serving(talking) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.status_code, outcome.http_status) == (Verdict.BAD_RESPONSE, 422, None)
    assert "\n" not in str(outcome.status_message)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_never_followed(status):
    followed = Heard()

    async def elsewhere(_reader, _writer):
        followed.started_.append(1)

    async with serving(elsewhere) as other:
        location = f"Location: http://127.0.0.1:{other.port}/Echo\r\n"
        async with serving(answering(b"{}", status, location)) as axon:
            (outcome,) = await ask([axon])

    assert outcome.verdict is Verdict.REDIRECT
    assert followed.started_ == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_is_decoded(encoding):
    content = b'{"reply":"' + b"a" * 100_000 + b'"}'
    packed = gzip.compress(content) if encoding == "gzip" else zlib.compress(content)

    async with serving(answering(packed, headers=f"Content-Encoding: {encoding}\r\n")) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.content) == (Verdict.OK, content)


async def test_a_body_larger_than_the_limit_is_too_large():
    async with serving(answering(b" " * 5000)) as axon:
        (outcome,) = await ask([axon], Limits(max_bytes=4999))

    assert (outcome.verdict, outcome.status_code, outcome.http_status) == (Verdict.TOO_LARGE, 413, 200)
    assert outcome.content is None


async def test_a_body_of_exactly_the_limit_is_read():
    async with serving(answering(b"{}" + b" " * 98)) as axon:
        (outcome,) = await ask([axon], Limits(max_bytes=100))

    assert outcome.verdict is Verdict.OK


async def test_the_limit_counts_what_a_compressed_body_becomes():
    bomb = gzip.compress(b" " * 50_000_000)

    async with serving(answering(bomb, headers="Content-Encoding: gzip\r\n")) as axon:
        (outcome,) = await ask([axon], Limits(max_bytes=1_000_000))

    assert len(bomb) < 100_000
    assert outcome.verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize(
    ("encoding", "content"),
    [("gzip", b"not gzip"), ("br", b"{}"), ("gzip, gzip", b"{}"), ("deflate", b"\xff\xff\xff")],
)
async def test_a_body_in_an_encoding_nobody_asked_for_or_a_broken_one_is_a_bad_response(encoding, content):
    async with serving(answering(content, headers=f"Content-Encoding: {encoding}\r\n")) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.status_code) == (Verdict.BAD_RESPONSE, 422)


async def test_a_compressed_body_that_was_cut_off_is_a_bad_response():
    packed = gzip.compress(b'{"a":1}')[:-6]

    async with serving(answering(packed, headers="Content-Encoding: gzip\r\n")) as axon:
        (outcome,) = await ask([axon])

    assert outcome.verdict is Verdict.BAD_RESPONSE


@pytest.mark.parametrize(
    "headers",
    [
        f"X-Long: {'a' * 100_000}\r\n",
        "".join(f"X-{number}: a\r\n" for number in range(3000)),  # 30 kB, and 32 more for each
        "X-Many: a\r\n" * 7000,
    ],
)
async def test_headers_beyond_our_limit_are_too_large(headers):
    async with serving(answering(b"{}", headers=headers)) as axon:
        (outcome,) = await ask([axon])

    assert (outcome.verdict, outcome.status_code) == (Verdict.TOO_LARGE, 413)


async def test_an_ipv6_axon_is_asked():
    async def handle(reader, writer):
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(handle, "::1", 0)
    async with server:
        (outcome,) = await ask([Axon("::1", server.sockets[0].getsockname()[1], HOTKEY)])

    assert outcome.verdict is Verdict.OK


async def test_cookies_of_one_axon_are_not_sent_to_another():
    seen = []

    async def baking(reader, writer):
        seen.append((await read_request(reader))[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b; Path=/\r\n\r\n{}")

    async with serving(baking) as axon:
        await ask([axon, axon], schedule=Schedule(parallel=1))

    assert len(seen) == 2
    assert all("cookie" not in headers for headers in seen)


async def test_the_environment_names_no_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with serving(answering(b"{}")) as axon:
        (outcome,) = await ask([axon])

    assert outcome.verdict is Verdict.OK
