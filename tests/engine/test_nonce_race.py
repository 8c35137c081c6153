"""Fifty requests at once to one real axon, each delayed on its way: under one uuid most would be refused."""

import pytest
from bittensor_wallet import Keypair
from ground.asking import Heard, read

from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.run import run
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Request, Verdict
from dendrite_cli.protocol.synapse import SynapseWire


@pytest.mark.parametrize("keep", [0, 50])
@pytest.mark.parametrize("name", ["good", "picky"])
async def test_no_nonce_is_too_old_however_requests_overtake_each_other(sdk10, jitter_proxy, name, keep):
    axon = sdk10[name]
    host, port = jitter_proxy(axon["host"], axon["port"], max_ms=20)
    axons = [Axon(host, port, axon["hotkey"])] * 50
    wire = SynapseWire(Request("Synapse", read))
    signer = Keypair.create_from_uri("//racer")
    heard = Heard()

    async with http_exchange(lambda _: wire, signer, Limits(), Way(keep=keep)) as exchange:
        for _ in range(5):
            await run(axons, exchange, [heard], Schedule(per_host=None))

    assert len(heard.outcomes) == 250
    refused = [outcome.status_message for outcome in heard.outcomes if outcome.verdict is not Verdict.OK]
    assert refused == []
