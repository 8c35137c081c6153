import asyncio
import json
import logging
import socket
import time
from dataclasses import replace
from enum import StrEnum
from typing import ClassVar

import aiohttp
import pytest
from bittensor_wallet import Keypair
from ground.asking import ask
from ground.saying import SAYINGS, SIGNER, hear, say
from pydantic import BaseModel

from dendrite_cli.engine.limits import Limits
from dendrite_cli.errors import UsageError
from dendrite_cli.mock.axon import MAX_BODY, Behaviour, MockAxon, Seen, serve
from dendrite_cli.model import Axon, Verdict

KEYPAIR = Keypair.create_from_uri("//axon")


class Hashed(BaseModel):
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)
    text: str = ""
    rest: str = ""


def serving(behaviour: Behaviour | None = None, **options):
    return serve(KEYPAIR, synapses={"Echo": None, "Hashed": Hashed}, behaviour=behaviour or Behaviour(), **options)


def of(mock: MockAxon) -> Axon:
    return Axon(mock.host, mock.port, mock.hotkey)


async def outcome(mock: MockAxon, limits: Limits | None = None):
    return (await ask([of(mock)], limits))[0]


async def test_a_good_request_is_echoed():
    async with serving() as mock:
        answer = await outcome(mock)

    assert (answer.verdict, answer.status_message, answer.body["text"]) == (Verdict.OK, "Success", "hi")
    assert answer.claimed.process_time is not None
    assert answer.claimed.hotkey == mock.hotkey


async def test_it_remembers_what_it_saw():
    async with serving() as mock:
        await hear(of(mock), say(of(mock), nonce=time.time_ns(), uuid="lane"))
        await hear(of(mock), say(of(mock), "Nope").without("bt_header_dendrite_uuid"))

    first, second = mock.seen
    assert (first.route, first.status, first.hotkey, first.uuid) == ("Echo", 200, SIGNER.ss58_address, "lane")
    assert (second.route, second.status, second.uuid) == ("Nope", 404, None)


async def test_it_remembers_only_the_last_thousand():
    async with serving() as mock:
        mock.seen.extend([Seen("Old", 200, None, None, None)] * 1000)

        await hear(of(mock), say(of(mock)))

    assert len(mock.seen) == 1000
    assert mock.seen[-1].route == "Echo"


@pytest.mark.parametrize(
    ("behaviour", "verdict", "text"),
    [
        (Behaviour(refuse="no stake"), Verdict.FORBIDDEN, "Forbidden. Key is blacklisted: no stake."),
        (Behaviour(status=429), Verdict.RATE_LIMITED, "Too Many Requests"),
        (Behaviour(status=408), Verdict.TIMEOUT, "Request Timeout"),
        (Behaviour(status=500), Verdict.SERVER_ERROR, "Internal Server Error"),
        (Behaviour(status=599), Verdict.SERVER_ERROR, "Status 599"),
        (Behaviour(status=206), Verdict.CLIENT_ERROR, "Partial Content"),
        (Behaviour(drop=True), Verdict.RESET, "Service disconnected"),
        (Behaviour(garbage="json"), Verdict.BAD_RESPONSE, "Failed to parse response"),
        (Behaviour(garbage="http"), Verdict.BAD_RESPONSE, "Failed to parse response"),
        (Behaviour(clock=60), Verdict.UNAUTHORIZED, "Not Verified with error: Nonce is too old: acceptable delta is"),
    ],
)
async def test_it_misbehaves_as_told(behaviour, verdict, text):
    async with serving(behaviour) as mock:
        answer = await outcome(mock)

    assert answer.verdict is verdict
    assert answer.status_message.startswith(text)
    assert mock.seen[-1].status == answer.http_status


async def test_a_slow_axon_times_out_alone():
    async with serving(Behaviour(delay=5)) as slow, serving() as quick:
        answers = await ask([of(slow), of(quick)], Limits(total=0.4))

    assert [answer.verdict for answer in answers] == [Verdict.TIMEOUT, Verdict.OK]


async def test_a_delay_is_part_of_its_process_time():
    async with serving(Behaviour(delay=0.2)) as mock:
        answer = await outcome(mock)

    assert answer.verdict is Verdict.OK
    assert answer.claimed.process_time >= 0.2


async def test_a_clock_that_lags_takes_our_nonces_for_fresh():
    async with serving(Behaviour(clock=-600)) as mock:
        answer = await outcome(mock)

    assert answer.verdict is Verdict.OK


async def test_another_receiver_is_told_which_message_was_expected():
    async with serving() as mock:
        wrong = replace(of(mock), hotkey=SIGNER.ss58_address)

        answer = (await ask([wrong]))[0]

    assert answer.verdict is Verdict.UNAUTHORIZED
    assert "Signature mismatch with" in answer.status_message
    assert mock.hotkey in answer.status_message


async def test_a_stale_nonce_is_refused():
    async with serving() as mock:
        answer = await hear(of(mock), say(of(mock), nonce=time.time_ns() - 10 * 10**9))

    assert answer.status == 401
    assert "acceptable delta is 9.00 seconds but request was 10." in answer.text


async def test_a_replay_is_refused_and_a_newer_nonce_is_not():
    async with serving() as mock:
        now = time.time_ns()
        first = say(of(mock), nonce=now, uuid="lane")
        newer = say(of(mock), nonce=now + 1, uuid="lane")
        older = say(of(mock), nonce=now - 1, uuid="another lane")

        answers = [await hear(of(mock), said) for said in (first, first, newer, older)]

    assert [answer.status for answer in answers] == [200, 401, 200, 200]
    assert "a newer one was last processed" in answers[1].text


async def test_a_refused_request_uses_up_no_nonce():
    async with serving() as mock:
        good = say(of(mock), uuid="lane")
        forged = good.having(bt_header_dendrite_signature="0x" + "00" * 64)

        answers = [await hear(of(mock), said) for said in (forged, good)]

    assert [answer.status for answer in answers] == [401, 200]


async def test_one_altered_byte_of_a_hash_field_is_found_and_elsewhere_is_not():
    async with serving() as mock:
        fields = {"text": "pay 1", "rest": "say 1"}
        said = [say(of(mock), "Hashed", fields, hashed=("pay 1",)) for _ in range(3)]
        tampered = said[1].carrying(said[1].body.replace(b"pay 1", b"pay 9"))
        elsewhere = said[2].carrying(said[2].body.replace(b"say 1", b"say 9"))

        answers = [await hear(of(mock), each) for each in (said[0], tampered, elsewhere)]

    assert [answer.status for answer in answers] == [200, 500, 200]


async def test_a_refusal_is_signed_over_the_senders_text():
    async with serving() as mock:
        said = say(of(mock)).having(bt_header_dendrite_hotkey="a1b2c3")

        headers = (await hear(of(mock), said)).headers

    text = f"{headers['bt_header_axon_nonce']}.a1b2c3.{mock.hotkey}.{headers['bt_header_axon_uuid']}"
    signature = headers["bt_header_axon_signature"]
    assert Keypair(ss58_address=mock.hotkey).verify(text.encode(), signature)


async def test_a_good_answer_is_not_signed():
    async with serving() as mock:
        answer = await hear(of(mock), say(of(mock)))

    assert "bt_header_axon_signature" not in answer.headers
    assert answer.headers["bt_header_axon_status_code"] == "200"


async def test_a_body_over_the_limit_is_refused():
    async with serving() as mock:
        said = say(of(mock)).carrying(b" " * (MAX_BODY + 1))

        assert (await hear(of(mock), said)).status == 413


async def test_a_compressed_body_is_not_expanded():
    async with serving() as mock:
        said = say(of(mock), "Echo", {"text": "hi"}).having(**{"content-encoding": "gzip"})

        assert (await hear(of(mock), said)).status == 200


async def test_a_thousand_depths_of_json_do_not_end_it():
    async with serving() as mock:
        deep = b'{"x":' + b"[" * 900 + b"]" * 900 + b"}"
        await hear(of(mock), say(of(mock)).carrying(deep))

        assert (await hear(of(mock), say(of(mock)))).status == 200


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /Echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /Echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /Echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort",
        b"POST /\xff%ff HTTP/1.1\r\nHost: x\r\nbt_header_dendrite_hotkey: \xff\xfe\r\n\r\n",
        b"POST /Echo HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /Echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    ],
)
async def test_a_hostile_client_neither_stops_it_nor_makes_it_talk(nonsense, capfd, caplog):
    async with serving() as mock:
        reader, writer = await asyncio.open_connection(mock.host, mock.port)
        writer.write(nonsense)
        writer.write_eof()
        await reader.read()
        writer.close()

        assert (await outcome(mock)).verdict is Verdict.OK

    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_closing_cuts_open_connections_at_once():
    clock = asyncio.get_running_loop().time
    async with serving(Behaviour(delay=60)) as mock:
        waiting = asyncio.create_task(hear(of(mock), say(of(mock))))
        idle = await asyncio.open_connection(mock.host, mock.port)
        await asyncio.sleep(0.1)
        started = clock()

    assert clock() - started < 1
    with pytest.raises(aiohttp.ClientError):
        await waiting
    assert await idle[0].read() == b""
    idle[1].close()


async def test_cancelling_it_frees_the_port():
    listening = asyncio.Event()

    async def run():
        async with serving(port=port):
            listening.set()
            await asyncio.sleep(60)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    task = asyncio.create_task(run())
    await listening.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken_is_a_clear_error():
    async with serving() as mock:
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1 port {mock.port}: address already in use"):
            await serving(port=mock.port).__aenter__()


async def test_it_listens_on_ipv6():
    async with serving(host="::1") as mock:
        assert (await outcome(mock)).verdict is Verdict.OK


async def test_every_saying_gets_an_answer_and_none_stops_it():
    async with serving() as mock:
        statuses = {name: (await hear(of(mock), said(of(mock)))).status for name, said in SAYINGS.items()}

        assert (await outcome(mock)).verdict is Verdict.OK

    assert set(statuses.values()) <= {200, 400, 401, 404, 405, 422, 429, 500}


async def test_what_cannot_be_said_in_headers_is_v10s_bare_500():
    class Kind(StrEnum):
        A = "a"

    class Choice(BaseModel):
        kind: Kind

    async with serve(KEYPAIR, synapses={"Choice": Choice}) as mock:
        answer = await hear(of(mock), say(of(mock), "Choice", {"kind": "a"}, stand_ins=(("kind", b'"a"'),)))

    assert (answer.status, answer.text) == (500, "Internal Server Error")


async def test_the_json_of_an_answer_is_the_synapse_with_its_envelope():
    async with serving() as mock:
        answer = json.loads((await hear(of(mock), say(of(mock), "Hashed", {"text": "a"}, hashed=("a",)))).text)

    assert (answer["name"], answer["text"], answer["rest"]) == ("Hashed", "a", "")
    assert (answer["axon"]["status_code"], answer["axon"]["status_message"]) == (200, "Success")
    assert answer["dendrite"]["hotkey"] == SIGNER.ss58_address
