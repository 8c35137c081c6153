from ground.asking import HOTKEY, SIGNER, Heard, listening, read

from dendrite_cli.engine.barred import Barred
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import run
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire


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
