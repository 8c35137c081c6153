"""How an answer over TLS ends: the connection's end may be heard of before the answer was looked at, or be a fault."""

import asyncio
import gzip
import json
import random
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
import trustme
import uvloop
from ground.asking import HOTKEY, ask
from ground.certificates import server

from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Verdict

SAID = {"text": "".join(random.Random(3).choices("abcdefgh ", k=9_000))}  # noqa: S311 - any text
PACKED = gzip.compress(json.dumps(SAID).encode(), 1)


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
def test_the_end_of_a_connection_waits_for_what_came_before_it_to_be_unpacked(ca, loop, counted):
    headers = f"Content-Length: {len(PACKED)}\r\n".encode() if counted else b""

    def answer(secured: ssl.SSLSocket) -> None:
        secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + headers + b"\r\n" + PACKED)
        secured.unwrap()

    with answering(ca, answer) as (axon, _), asyncio.Runner(loop_factory=loop) as runner:
        (outcome,) = runner.run(ask([axon], Limits(total=10), way=trusting(ca)))

    assert (outcome.verdict, outcome.body) == (Verdict.OK, SAID)


async def test_what_is_no_tls_in_the_middle_of_an_answer_is_a_reset_and_the_axon_is_not_asked_again(ca):
    def answer(secured: ssl.SSLSocket) -> None:
        secured.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":')
        time.sleep(0.2)  # in one read with it, TLS would give neither away
        with socket.socket(fileno=secured.detach()) as plain:
            plain.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)

    with answering(ca, answer) as (axon, requests):
        (outcome,) = await ask([axon], Limits(total=10), Schedule(retries=Retries(1)), way=trusting(ca))

    assert (outcome.verdict, outcome.http_status, len(requests)) == (Verdict.RESET, 200, 1)
