"""What a dendrite does where bittensor 10.5.0's goes wrong: one observation for each, printed as JSON by name.

`defects.py PROXY`, where PROXY is JSON of host, port and hotkey of a real axon behind a jittering proxy. A test runs it
as it is, and with its import changed; servers are hostile and of its own.
"""

import asyncio
import gzip
import io
import json
import logging
import socket
import struct
import sys
import time
from contextlib import asynccontextmanager

PROXY = json.loads(sys.argv[1])
del sys.argv[1:]  # bittensor parses the command line of whoever imports it

from bittensor import AxonInfo, Dendrite, StreamingSynapse, Synapse  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402
from pydantic import field_validator  # noqa: E402

KEY = Keypair.create_from_uri("//dendrite")
HOTKEY = Keypair.create_from_uri("//axon").ss58_address
EVIL = Keypair.create_from_uri("//evil").ss58_address
IS_OURS = Dendrite.__module__.startswith("dendrite_cli")
LOOKED_UP = []


class Say(Synapse):
    text: str = ""

    @field_validator("text")
    @classmethod
    def ponder(cls, text):
        if text == "slow":
            time.sleep(0.4)
        return text


class Chat(StreamingSynapse):
    words: list[str] = []  # noqa: RUF012 - pydantic copies it

    async def process_streaming_response(self, response):
        async for chunk in response.content.iter_any():
            self.words.append(chunk.decode())
            yield chunk.decode()

    def extract_response_json(self, response):  # noqa: ARG002 - bittensor's interface
        return {"words": self.words}

    def deserialize(self):
        return self.words


def dendrite(**ours):
    return Dendrite(KEY, **ours) if IS_OURS else Dendrite(KEY)


def axon(port, ip="127.0.0.1", hotkey=HOTKEY):
    return AxonInfo(version=1, ip=ip, port=port, ip_type=4, hotkey=hotkey, coldkey=hotkey)


def reply(body, status="200 OK", headers=""):
    kind = "" if "Content-Type" in headers else "Content-Type: application/json\r\n"
    return f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def chunks(*pieces):
    said = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + said


@asynccontextmanager
async def serving(answer, host="127.0.0.1"):
    """Answer every request with these bytes, or reset the connection for None; yield the port and what was heard."""
    heard = []

    async def handle(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length"))
            await reader.readexactly(int(length.split(":")[1]))
        except (asyncio.IncompleteReadError, ConnectionError, StopIteration):
            writer.close()
            return
        heard.append(head)
        if answer is None:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            writer.write(answer)
            if b"chunked" in answer:
                await asyncio.sleep(0.2)
                writer.write(b"0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(handle, host, 0) as server:
        yield server.sockets[0].getsockname()[1], heard


async def statuses(*whom, synapse=None, seconds=5):
    """Return the status codes of a batch, or what it raised."""
    async with dendrite() as asking:
        try:
            answers = await asking(list(whom), synapse or Say(text="hi"), deserialize=False, timeout=seconds)
        except Exception as problem:  # noqa: BLE001 - whichever it is
            return f"raised {type(problem).__name__}"
        return [answer.dendrite.status_code for answer in answers]


async def one(port, synapse=None, seconds=5, ip="127.0.0.1", **ours):
    async with dendrite(**ours) as asking:
        return await asking.call(axon(port, ip), synapse or Say(text="hi"), seconds, deserialize=False)


GOOD = reply(b'{"text": "hi"}', headers="bt_header_axon_status_code: 200\r\n")
NULL = reply(b'{"text": "hi", "timeout": null, "dendrite": null}')


async def null_envelope():
    async with serving(NULL) as (null, _), serving(GOOD) as (good, _):
        return await statuses(axon(null), axon(good))


async def redirect():
    async with (
        serving(GOOD) as (there, heard),
        serving(reply(b"", "307 Moved", f"Location: http://127.0.0.1:{there}/Say\r\n")) as (here, _),
    ):
        answer = await one(here)
    return answer.dendrite.status_code, ["dendrite_signature" in head for head in heard]


async def claimed_success():
    body = b'{"message": "boom"}'
    async with serving(reply(body, "500 Broken", "bt_header_axon_status_code: 200\r\n")) as (port, _):
        answer = await one(port)
    return answer.is_success, answer.dendrite.status_code


async def identity():
    said = f"bt_header_dendrite_hotkey: {EVIL}\r\nbt_header_dendrite_nonce: 5\r\nbt_header_axon_hotkey: {EVIL}\r\n"
    said += "bt_header_axon_ip: 6.6.6.6\r\nbt_header_axon_port: 666\r\nbt_header_axon_version: 7\r\n"
    async with serving(reply(b'{"text": "hi", "timeout": 99}', headers=said)) as (port, _):
        answer = await one(port)
    us, them = answer.dendrite, answer.axon
    known = us.hotkey == KEY.ss58_address, us.nonce != 5, them.hotkey == HOTKEY, them.ip == "127.0.0.1"
    return [*known, them.port == port, answer.timeout == 5, them.version]


async def large_answer():
    body = gzip.compress(b'{"text": "' + b"x" * 40_000_000 + b'"}')
    headers = "Content-Encoding: gzip\r\nbt_header_axon_status_code: 200\r\n"
    async with serving(reply(body, headers=headers)) as (port, _):
        answer = await one(port, seconds=20)
    return answer.dendrite.status_code, len(answer.text) > 2


async def decoding_time():
    async with serving(reply(b'{"text": "slow"}', headers="bt_header_axon_status_code: 200\r\n")) as (port, _):
        late = await one(port, seconds=0.3)
        return late.dendrite.status_code, late.dendrite.process_time > 0.3


async def shared_fields():
    async with serving(chunks(b"a")) as (first, _), serving(chunks(b"b")) as (second, _), dendrite() as asking:
        streams = await asking([axon(first), axon(second)], Chat(), streaming=True, timeout=5)
        return [[piece async for piece in stream][-1] for stream in streams]


async def nonce_race():
    axons = [axon(PROXY["port"], PROXY["host"], PROXY["hotkey"])] * 50
    codes = await statuses(*axons, synapse=Synapse(), seconds=20)
    return sorted(set(codes))


async def leaving_a_stream():
    async with serving(chunks(b"one", b"two")) as (port, _), dendrite() as asking:
        stream = await asking(axon(port), Chat(), streaming=True, timeout=5)
        async for _ in stream:
            break
        try:
            await stream.aclose()
        except RuntimeError as problem:
            return str(problem)
        return "closed"


async def query_with_a_failure():
    async with serving(NULL) as (null, _), serving(GOOD) as (good, heard):
        axons = [axon(good), axon(null)]

        def ask():
            try:
                answers = dendrite().query(axons, Say(text="hi"), timeout=5, deserialize=False)
            except Exception as problem:  # noqa: BLE001 - whichever it is
                return f"raised {type(problem).__name__}"
            return [answer.dendrite.status_code for answer in answers]

        found = await asyncio.to_thread(ask)
        return found, len(heard)


async def aquery_twice():
    async with serving(GOOD) as (port, _):
        asking = dendrite()
        return [(await asking.aquery(axon(port), Say(), 5, False)).dendrite.status_code for _ in range(2)]


async def history():
    async with serving(GOOD) as (port, _), dendrite(**({"max_history": 10} if IS_OURS else {})) as asking:
        for _ in range(25):
            await asking.call(axon(port), Say(), 5)
        return len(asking.synapse_history)


async def control_characters():
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    logging.getLogger("dendrite_cli").addHandler(handler)
    logging.getLogger("dendrite_cli").setLevel(logging.DEBUG)
    async with serving(reply(b'{"message": "\\u001b[2Jgone"}', "403 Forbidden")) as (port, _):
        answer = await one(port)
    return answer.dendrite.status_message, "\x1b" in shown.getvalue(), "gone" in shown.getvalue()


async def errors():
    async with (
        serving(None) as (reset, _),
        serving(reply(b"<html>", "502 Bad Gateway", "Content-Type: text/html\r\nRetry-After: 7\r\n")) as (gateway, _),
    ):
        dns = await one(8091, ip="nowhere.invalid")
        down = await one(gateway)
        codes = [answer.dendrite.status_code for answer in (dns, await one(reset), down)]
        return *codes, "retry after 7 s" in down.dendrite.status_message


async def addresses():
    async with serving(GOOD, "::1") as (six, _), serving(GOOD) as (own, heard):
        by_six = await one(six, ip="::1")
        given = {"external_ip": "192.0.2.10"} if IS_OURS else {}
        by_own = await one(own, ip="192.0.2.10", **given)
    host = next(line for line in heard[0].split("\r\n") if line.lower().startswith("host"))
    return by_six.dendrite.status_code, by_own.dendrite.status_code, host.split()[1].partition(":")[0]


async def time_of_a_failure():
    async with serving(reply(b'{"message": "no"}', "403 Forbidden")) as (port, _):
        refused = await one(port)
    failed = await one(port)
    return [isinstance(answer.dendrite.process_time, float) for answer in (refused, failed)]


async def external_ip():
    LOOKED_UP.clear()
    watched = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"}
    sys.addaudithook(lambda event, _: LOOKED_UP.append(event) if event in watched else None)
    dendrite()
    return len(LOOKED_UP) > 0


async def refused_stream():
    async with serving(reply(b'{"message": "no stake"}', "403 Forbidden")) as (port, _), dendrite() as asking:
        stream = await asking(axon(port), Chat(), streaming=True, timeout=5, deserialize=False)
        *pieces, last = [piece async for piece in stream]
        return pieces, last.dendrite.status_code


async def default_synapse():
    async with serving(reply(b"{}")) as (port, _), dendrite() as asking:
        first = await asking.call(axon(port), deserialize=False)
        return first is await asking.call(axon(port), deserialize=False)


async def main():
    found = {
        observe.__name__: await observe()
        for observe in (
            null_envelope,
            redirect,
            claimed_success,
            identity,
            large_answer,
            decoding_time,
            shared_fields,
            nonce_race,
            leaving_a_stream,
            query_with_a_failure,
            aquery_twice,
            history,
            control_characters,
            errors,
            addresses,
            time_of_a_failure,
            external_ip,
            refused_stream,
            default_synapse,
        )
    }
    print(json.dumps(found))  # noqa: T201 - what the test compares


asyncio.run(main())
