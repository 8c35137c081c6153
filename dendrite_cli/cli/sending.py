"""A prepared run: sent, shown and judged."""

import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from dendrite_cli.cli.display import Display
from dendrite_cli.cli.fanout import Ended, Rounds, fan_out
from dendrite_cli.cli.keeping import Keeping, writing
from dendrite_cli.cli.options import Format
from dendrite_cli.cli.selecting import Chosen
from dendrite_cli.engine.barred import Barred
from dendrite_cli.engine.decoding import Reader
from dendrite_cli.engine.dns import Resolver
from dendrite_cli.engine.events import Observer
from dendrite_cli.engine.http import http_exchange
from dendrite_cli.engine.limits import Limits, Schedule
from dendrite_cli.engine.run import Exchange
from dendrite_cli.engine.streams import stream_exchange
from dendrite_cli.engine.tcp import TcpExchange
from dendrite_cli.engine.way import Way
from dendrite_cli.errors import ExitCode
from dendrite_cli.model import Axon, Chunk, Outcome, Run, Verdict
from dendrite_cli.networks import shown
from dendrite_cli.protocol import Signer, Wire
from dendrite_cli.run_id import run_id
from dendrite_cli.summary import met, summarise

Connect = Callable[[Sequence[Observer]], AbstractAsyncContextManager[Exchange]]
"""Opens what carries a run; it is told who hears of chunks."""
_RANDOM_BITS = 80
_MOST_REMEMBERED = 200_000
"""Outcomes that the summary of a run without end is of, the latest: some 600 bytes each."""
_LONGEST_REASON = 256
"""Characters that are remembered of why an axon refuses."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs, and how that is named; nobody in an unsigned run."""

    signer: Signer | None = None
    name: str | None = None


@dataclass(slots=True)
class Tally:
    """An observer that remembers what the summary and the exit code need, without the bodies."""

    outcomes: deque[Outcome] = field(default_factory=deque)

    def started(self, index: int, axon: Axon) -> None:
        """Nothing counts before it is done."""

    def chunk(self, chunk: Chunk) -> None:
        """Chunks do not count; their outcome does."""

    def finished(self, outcome: Outcome) -> None:
        """Remember the outcome."""
        reason = outcome.status_message and outcome.status_message[:_LONGEST_REASON]
        told = outcome.claimed._replace(hotkey=None)
        self.outcomes.append(replace(outcome, body=None, content=None, status_message=reason, claimed=told))


def send(
    command: str,
    chosen: Chosen,
    connect: Connect,
    *,
    sender: Sender,
    schedule: Schedule,
    display: Display,
    synapse: str | None = None,
    rounds: Rounds = Rounds(),
    keeping: Keeping = Keeping(),
) -> ExitCode:
    """Ask the axons, show what they do, and return what the shell is told."""
    axons = chosen.axons
    run = Run(
        id=run_id(time.time(), secrets.randbits(_RANDOM_BITS)),
        command=command,
        started_at=time.time(),
        selected=len(axons),
        **_subnet(chosen),
        hotkey=sender.signer.ss58_address if sender.signer else None,
        signed_as=sender.name,
        synapse=synapse,
    )
    with writing(keeping, run, chosen, display.terminal) as written:
        renderer = display.renderer(run)
        tally = Tally(deque(maxlen=_MOST_REMEMBERED if rounds.endless else None))
        # kept before it is shown: nobody may read any more
        observers = [*written.observers, renderer, tally]
        begun = time.monotonic()
        ended = fan_out(axons, barring(connect, chosen), observers, schedule=schedule, rounds=rounds, screen=renderer)
        if ended.signal is not None and display.format is Format.TABLE:
            display.terminal.wipe_echo()
        summary = summarise(tally.outcomes, time.monotonic() - begun, ended.ending, ended.loop_lag)
        code = _code(ended, display, chosen, tally)
        if note := _standing(chosen, sender, tally):
            display.terminal.note(note)
        written.end(summary, code)
        renderer.close(summary)
    return code


def _standing(chosen: Chosen, sender: Sender, tally: Tally) -> str | None:
    """Return why axons may have refused the hotkey that signs, where the subnet tells; None where none refused."""
    refused = any(outcome.verdict is Verdict.FORBIDDEN for outcome in tally.outcomes)
    if not refused or chosen.found is None or sender.signer is None:
        return None
    metagraph, hotkey = chosen.found.metagraph, sender.signer.ss58_address
    ours = next((neuron for neuron in metagraph.axons if neuron.hotkey == hotkey), None)
    if ours is None:
        return f"the hotkey that signs, {hotkey}, is not registered on netuid {metagraph.netuid}"
    if ours.standing is None or ours.standing.validator_permit:
        return None
    stake = f"{ours.standing.stake:,.0f}"
    return f"the hotkey that signs is uid {ours.uid} with a stake of {stake} and no validator permit"


def _code(ended: Ended, display: Display, chosen: Chosen, tally: Tally) -> ExitCode:
    """Return what the shell is told of a run."""
    if ended.signal is not None:
        return ExitCode(128 + ended.signal)
    enough = met(display.requirement, tally.outcomes, named=chosen.named, ending=ended.ending)
    return ExitCode.OK if enough else ExitCode.NOT_MET


def _subnet(chosen: Chosen) -> dict[str, Any]:
    """Return what a run says of the metagraph that it was selected from."""
    if chosen.found is None:
        return {}
    metagraph = chosen.found.metagraph
    return {
        "network": shown(metagraph.network),
        "netuid": metagraph.netuid,
        "block": metagraph.block,
        "age": chosen.found.age,
        "neurons": len(metagraph.axons),
        "selection": chosen.selection,
    }


def barring(connect: Connect, chosen: Chosen) -> Connect:
    """Return how to open a run's connections, to those only that may be dialled."""
    if not chosen.barred:
        return connect

    @asynccontextmanager
    async def barring(observers: Sequence[Observer]) -> AsyncIterator[Barred]:
        async with connect(observers) as exchange:
            yield Barred(exchange, chosen.barred)

    return barring


def by_http(choose: Callable[[Axon], Wire], sender: Sender, limits: Limits, way: Way) -> Connect:
    """Return how to open a run's HTTP connections."""
    return lambda _: http_exchange(choose, sender.signer, limits, way)


def by_streams(
    choose: Callable[[Axon], Wire], sender: Sender, limits: Limits, way: Way, reader: Callable[[Axon], Reader]
) -> Connect:
    """Return how to open a run's streams; it is told who hears of their chunks."""
    return lambda observers: stream_exchange(choose, sender.signer, limits, way, reader, observers)


def by_tcp(limits: Limits, way: Way) -> Connect:
    """Return how to knock at ports and say nothing."""

    @asynccontextmanager
    async def knocking(_observers: Sequence[Observer]) -> AsyncIterator[TcpExchange]:
        yield TcpExchange(limits, Resolver(way.family))

    return knocking
