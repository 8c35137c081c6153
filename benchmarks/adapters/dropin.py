"""The drop-in `Dendrite`, as a program for bittensor 10 uses it after its import was changed."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from dendrite_cli import AxonInfo, Dendrite, Synapse, wallet


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
    """Make the Dendrite and the synapse; there are no options."""
    if options:
        raise SystemExit("the drop-in has no options")
    return SimpleNamespace(
        dendrite=Dendrite(wallet.ephemeral()),
        kind=kind,
        synapse=_SYNAPSES[kind](value),
        timeout=timeout,
        axons=[AxonInfo(1, ip, port, 4, hotkey, hotkey) for ip, port, hotkey in axons],
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
