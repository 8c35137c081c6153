import asyncio

from ground.asking import HOTKEY, SIGNER, Heard, listening, read

from dendrite_cli.engine.barred import Barred
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Retries, Schedule
from dendrite_cli.engine.run import run
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire


async def test_a_barred_axon_is_not_tried_again():
    heard = Heard()
    wire = SynapseWire(Request("Echo", read))
    retries = Schedule(retries=Retries(1, frozenset({"not_serving"})))
    async with http_exchange(lambda _: wire, SIGNER, Limits()) as exchange, asyncio.timeout(5):
        await run([Axon("127.0.0.1", 1, HOTKEY)], Barred(exchange, {0: Verdict.NOT_SERVING}), [heard], retries)

    assert [outcome.attempts for outcome in heard.outcomes] == [0]


async def test_a_barred_axon_has_an_outcome_and_hears_nothing():
    heard = Heard()
    wire = SynapseWire(Request("Echo", read))
    with listening() as (port, connections):
        axons = [Axon("127.0.0.1", port, HOTKEY, uid=uid) for uid in range(2)]
        async with http_exchange(lambda _: wire, SIGNER, Limits()) as exchange:
            barred = Barred(exchange, {0: Verdict.PRIVATE_ADDR, 1: Verdict.NOT_SERVING})
            await run(axons, barred, [heard])

        assert connections() == 0
    assert [outcome.verdict for outcome in heard.in_order] == [Verdict.PRIVATE_ADDR, Verdict.NOT_SERVING]
    assert {(outcome.attempts, outcome.started_at, outcome.timing.total) for outcome in heard.outcomes} == {
        (0, None, None)
    }
    assert {(outcome.protocol, outcome.synapse) for outcome in heard.outcomes} == {("synapse", "Echo")}
