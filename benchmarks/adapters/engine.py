"""Our engine, as `dendrite query` drives it: prepared once, one exchange held open, outcomes in the axons' order."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import ClassVar, NamedTuple

from dendrite_cli import wallet
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.machine import loop_factory
from dendrite_cli.engine.run import idle_room, run
from dendrite_cli.engine.way import Way
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.load import Loaded
from dendrite_cli.synapse.model import Synapse
from dendrite_cli.synapse.request import prepare

__all__ = ["close", "extract", "fanout", "loop_factory", "open", "reported"]


class BenchText(Synapse):
    """One text, covered by the signature."""

    text: str
    required_hash_fields: ClassVar[tuple[str, ...]] = ("text",)


class BenchFloats(Synapse):
    """Many numbers."""

    values: list[float]
    answer: str | None = None


_MOST = 64 * 2**20
"""Bytes of an answer: the largest body that is measured has 16 MiB, and an envelope around it."""
_CLASSES = {"BenchText": BenchText, "BenchFloats": BenchFloats, "Synapse": Synapse}
_FIELD = {"BenchText": "text", "BenchFloats": "values"}


class Answered(NamedTuple):
    """What is kept of an outcome."""

    verdict: Verdict
    status_code: int | None
    body: object
    total: float | None


class Collected:
    """An observer that keeps what a user of the library keeps: the parsed body, not the bytes."""

    def __init__(self, count: int) -> None:
        self.answers: list[Answered | None] = [None] * count

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is known yet."""

    def finished(self, outcome: Outcome) -> None:
        """Remember the answer at its axon's place."""
        total = outcome.timing.total
        self.answers[outcome.index] = Answered(outcome.verdict, outcome.status_code, outcome.body, total)


async def open(  # noqa: A001 - the adapters' interface
    kind: str, value: object, axons: Sequence[tuple[str, int, str]], timeout: float, options: Mapping[str, str]
) -> SimpleNamespace:
    """Prepare the request and open the exchange, as a run of many rounds does. Option: parallel=N."""
    fields = {_FIELD[kind]: value} if kind in _FIELD else {}
    limits = Limits(total=timeout, max_bytes=_MOST)
    wire = SynapseWire(prepare(Loaded(kind, _CLASSES[kind]), fields, timeout))
    stack = AsyncExitStack()
    schedule = Schedule(parallel=int(options["parallel"]) if "parallel" in options else None)
    way = Way(keep=idle_room(schedule, len(axons)))
    exchange = await stack.enter_async_context(http_exchange(lambda _: wire, wallet.ephemeral(), limits, way))
    return SimpleNamespace(
        kind=kind,
        axons=[Axon(ip, port, hotkey) for ip, port, hotkey in axons],
        exchange=exchange,
        schedule=schedule,
        stack=stack,
    )


async def fanout(engine: SimpleNamespace) -> list[Answered | None]:
    """Ask every axon once."""
    collected = Collected(len(engine.axons))
    await run(engine.axons, engine.exchange, [collected], engine.schedule)
    return collected.answers


def extract(engine: SimpleNamespace, answered: Answered | None) -> tuple[int | str | None, object]:
    """Return the status and the field; an outcome that is not ok shows its verdict for a status."""
    if answered is None:
        return "no outcome", None
    if answered.verdict is not Verdict.OK or not isinstance(answered.body, dict):
        return str(answered.verdict), None
    return answered.status_code, answered.body.get(_FIELD.get(engine.kind, ""))


def reported(_engine: SimpleNamespace, answered: Answered) -> float | None:
    """Return the seconds that the outcome says the exchange took."""
    return answered.total


async def close(engine: SimpleNamespace) -> None:
    """Close the connections."""
    await engine.stack.aclose()
