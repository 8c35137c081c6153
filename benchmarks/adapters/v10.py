"""The peer: bittensor 10.5.0's own Dendrite, as its users have it.

The one patch keeps it from asking the internet for our address. Option: limit=N connections instead of its 100.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from bittensor.utils import networking

networking.get_external_ip = lambda: "192.0.2.1"

import aiohttp  # noqa: E402 - bittensor reads the patched name when it is imported
from bittensor.core.chain_data import AxonInfo  # noqa: E402
from bittensor.core.dendrite import Dendrite  # noqa: E402
from bittensor.core.synapse import Synapse  # noqa: E402
from bittensor_wallet import Keypair  # noqa: E402


class BenchText(Synapse):
    """One text, covered by the signature."""

    text: str
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)


class BenchFloats(Synapse):
    """Many numbers."""

    values: list[float]
    answer: str | None = None


_SYNAPSES = {
    "BenchText": lambda value: BenchText(text=value),
    "BenchFloats": lambda value: BenchFloats(values=value),
    "Synapse": lambda _: Synapse(),
}
_FIELD = {"BenchText": "text", "BenchFloats": "values"}


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Make the Dendrite and the synapse."""
    dendrite = Dendrite(wallet=Keypair.create_from_uri("//BenchDendrite"))
    if "limit" in options:
        dendrite._session = aiohttp.ClientSession(  # noqa: SLF001 - there is no other way to set it
            connector=aiohttp.TCPConnector(limit=int(options["limit"]))
        )
    return SimpleNamespace(
        dendrite=dendrite,
        kind=kind,
        synapse=_SYNAPSES[kind](value),
        timeout=timeout,
        axons=[
            AxonInfo(version=1, ip=ip, port=port, ip_type=4, hotkey=hotkey, coldkey=hotkey)
            for ip, port, hotkey in axons
        ],
    )


async def fanout(engine: SimpleNamespace) -> list[Any]:
    """Ask every axon."""
    return list(await engine.dendrite.forward(engine.axons, engine.synapse, timeout=engine.timeout, deserialize=False))


def extract(engine: SimpleNamespace, result: Any) -> tuple[int | None, object]:
    """Return the status and the field."""
    field = _FIELD.get(engine.kind)
    return result.dendrite.status_code, getattr(result, field) if field else None


def reported(_engine: SimpleNamespace, result: Any) -> float | None:
    """Return the seconds that the Dendrite says the axon took."""
    took = result.dendrite.process_time
    return None if took is None else float(took)


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    await engine.dendrite.aclose_session()
