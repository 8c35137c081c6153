"""Another attempt, as a real axon sees it: it refuses a nonce that it has heard before."""

import asyncio
from contextlib import asynccontextmanager

from bittensor_wallet import Keypair
from ground.asking import Heard, read, serving

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.run import run
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@asynccontextmanager
async def losing_first_answers(axon: dict, number: int):
    """Pass requests on to a real axon, and lose its first answers: it has heard them."""
    answers: list[bytes] = []

    async def relay(reader, writer):
        onward, back = await asyncio.open_connection(axon["host"], axon["port"])
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        back.write(head + await reader.readexactly(length))
        answers.append(await onward.read())
        back.close()
        writer.write(BUSY if len(answers) <= number else answers[-1])
        await writer.drain()

    async with serving(relay) as relayed:
        yield Axon(relayed.host, relayed.port, axon["hotkey"]), answers


async def test_every_attempt_is_signed_anew(sdk10):
    heard = Heard()
    wire = SynapseWire(Request("Synapse", read))
    async with (
        losing_first_answers(sdk10["good"], 2) as (axon, answers),
        http_exchange(lambda _: wire, Keypair.create_from_uri("//retrier"), Limits()) as exchange,
    ):
        await run([axon], exchange, [heard], Schedule(retries=Retries(2)))

    (outcome,) = heard.outcomes
    assert (outcome.verdict, outcome.attempts) == (Verdict.OK, 3)
    assert [answer.split()[1] for answer in answers] == [b"200"] * 3
