"""`--proto auto`: from a run's connections to those that find out first, and remember, what axons speak."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from dendrite_cli.axons import spoken
from dendrite_cli.axons.cache import folder_of
from dendrite_cli.cli.sending import Connect
from dendrite_cli.cli.speaking import Layered, Wires
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.finding import Finding
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import Exchange
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.probe import ProbeWire


def finding(connect: Connect, wires: Wires, choice: Wires | Layered, limits: Limits, way: Way) -> Connect:
    """Return how to open a run's connections, with what axons speak found out where nobody said it."""
    if not wires.finds_out:
        return connect
    folder, once = folder_of(os.environ), replace(way, keep=0)
    wires.found.update(spoken.load(folder))

    def as_asked(axon: Axon) -> ProbeWire:
        return ProbeWire(wires.method_of(axon), wires.path_of(axon) or "/")

    @asynccontextmanager
    async def opened(observers: Sequence[Observer]) -> AsyncIterator[Exchange]:
        async with (
            connect(observers) as exchange,
            http_exchange(lambda _: ProbeWire(), None, limits, once) as greeting,
            http_exchange(as_asked, None, limits, once) as knocking,
        ):

            def probes(axon: Axon) -> Iterator[Exchange]:
                yield greeting
                if wires.path_of(axon) not in {None, "/"}:
                    yield knocking

            found = Finding(exchange, choice, probes, BtauthWire.name)
            yield found
        spoken.store(folder, found.worked)

    return opened
