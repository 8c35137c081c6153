"""How an answer over TLS ends: the connection's end may be heard of before the answer was looked at, or be a fault."""

import asyncio
import gzip
import json
import random
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import trustme
import uvloop
from ground.asking import HOTKEY, ask
from ground.certificates import server

from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Verdict


def said(size: int) -> dict[str, str]:
    return {"text": "".join(random.Random(size).choices("abcdefgh ", k=size))}  # noqa: S311 - any text


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@contextmanager
def answering(ca: trustme.CA, answer):
    """Serve over TLS by `answer(secured)`, connection after connection; yield the axon and a list of the requests."""
    context = server("127.0.0.1", ca=ca)
    requests = []

    def serve() -> None:
        while True:
            plain, _ = listener.accept()
            if over.is_set():
                plain.close()
                return
            with context.wrap_socket(plain, server_side=True) as secured:
                requests.append(secured.recv(65_536))
                answer(secured)

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = threading.Thread(target=serve)
        served.start()
        port = listener.getsockname()[1]
        yield Axon("127.0.0.1", port, HOTKEY, tls=True), requests
        over.set()
        socket.create_connection(("127.0.0.1", port)).close()
        served.join()


def trusting(ca: trustme.CA) -> Way:
    return Way(tls=ssl.create_default_context(cadata=ca.cert_pem.bytes().decode()))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("size", [9_000, 1_000_000, 4_000_000])
def test_the_end_of_a_connection_waits_for_what_came_before_it_to_be_unpacked(ca, loop, counted, size):
    packed = gzip.compress(json.dumps(said(size)).encode(), 1)
    headers = f"Content-Length: {len(packed)}\r\n".encode() if counted else b""

    def answer(secured: ssl.SSLSocket) -> None:
        secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + headers + b"\r\n" + packed)
        with suppress(OSError):  # who has a counted answer whole may be gone by now
            secured.unwrap()

    with answering(ca, answer) as (axon, _), asyncio.Runner(loop_factory=loop) as runner:
        (outcome,) = runner.run(ask([axon], Limits(total=20), way=trusting(ca)))

    assert (outcome.verdict, outcome.body) == (Verdict.OK, said(size))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_what_comes_faster_than_it_is_unpacked_is_bounded(ca, loop):
    """TLS does not hold it back, so it waits here: no more than may be of it at all."""
    packed = gzip.compress(random.Random(1).randbytes(8_000_000), 1)  # noqa: S311 - any bytes

    def answer(secured: ssl.SSLSocket) -> None:
        with suppress(OSError):
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed)

    with answering(ca, answer) as (axon, _), asyncio.Runner(loop_factory=loop) as runner:
        (outcome,) = runner.run(ask([axon], Limits(total=20, max_bytes=100_000), way=trusting(ca)))

    assert outcome.verdict is Verdict.TOO_LARGE


async def test_what_is_no_tls_in_the_middle_of_an_answer_is_a_reset_and_the_axon_is_not_asked_again(ca):
    def answer(secured: ssl.SSLSocket) -> None:
        secured.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":')
        time.sleep(0.2)  # in one read with it, TLS would give neither away
        with socket.socket(fileno=secured.detach()) as plain:
            plain.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with answering(ca, answer) as (axon, requests):
        (outcome,) = await ask([axon], Limits(total=10), Schedule(retries=Retries(1)), way=trusting(ca))

    assert (outcome.verdict, outcome.http_status, len(requests)) == (Verdict.RESET, 200, 1)
