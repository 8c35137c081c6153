"""`ping --identity` and `--discover-hotkey`: from a run's connections to those that ask first who is there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from bittensor_wallet import Keypair
from bittensor_wallet.utils import is_valid_ss58_address

from dendrite_cli import wallet
from dendrite_cli.cli.groups import Knowing
from dendrite_cli.cli.options import Layer
from dendrite_cli.cli.selecting import Chosen
from dendrite_cli.cli.sending import Connect
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.identifying import Discovering, Identifying
from dendrite_cli.engine.limits import Limits
from dendrite_cli.engine.run import Exchange
from dendrite_cli.engine.way import Way
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Axon
from dendrite_cli.protocol.reflection import ChallengeWire, InquiryWire


def check(knowing: Knowing, layer: Layer | None) -> None:
    """Raise UsageError where nobody could be known."""
    for name, given in (("--identity", knowing.prove), ("--discover-hotkey", knowing.discover_hotkey)):
        if given and layer in {Layer.TCP, Layer.HTTP}:
            raise UsageError(
                f"{name} asks a bittensor 10 axon for a signature, and --layer {layer} says nothing to it",
                help="leave --layer out",
            )


def knowing_who(connect: Connect, knowing: Knowing, chosen: Chosen, limits: Limits, way: Way) -> Connect:
    """Return how to open a run's connections, with axons asked first who they are."""
    if not (knowing.prove or knowing.discover_hotkey):
        return connect
    once = replace(way, keep=0)
    inquiry = InquiryWire(wallet.ephemeral().ss58_address, is_valid_ss58_address)

    def announced(axon: Axon, hotkey: str) -> Axon | None:
        there = chosen.found.metagraph.axons if chosen.found else ()
        for neuron in there:
            if neuron.hotkey == hotkey and (neuron.host, neuron.port) == (axon.host, axon.port):
                return replace(neuron, source=axon.source, tls=axon.tls)
        return None

    @asynccontextmanager
    async def opened(observers: Sequence[Observer]) -> AsyncIterator[Exchange]:
        async with (
            connect(observers) as exchange,
            http_exchange(lambda _: ChallengeWire(_signed), None, limits, once) as challenging,
            http_exchange(lambda _: inquiry, None, limits, once) as inquiring,
        ):
            asked = Identifying(exchange, challenging) if knowing.prove else exchange
            yield Discovering(asked, inquiring, announced) if knowing.discover_hotkey else asked

    return opened


def _signed(hotkey: str, signed: bytes, signature: bytes) -> bool:
    """Say whether a signature is the hotkey's."""
    try:
        return bool(Keypair(ss58_address=hotkey).verify(signed, signature))
    except (ValueError, TypeError):
        return False
