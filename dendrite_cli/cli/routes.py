"""`dendrite synapse list`: what axons say that they serve."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dendrite_cli import records
from dendrite_cli.cli import wiring
from dendrite_cli.cli.fanout import Rounds, fan_out
from dendrite_cli.cli.groups import Bounds, Listing, Subnet
from dendrite_cli.cli.listed import show_routes, terminal_of
from dendrite_cli.cli.selecting import choose
from dendrite_cli.cli.sending import Sender, barring, by_http
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.errors import ExitCode
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.protocol.reflection import RoutesWire


@dataclass(slots=True)
class _Told:
    """What the axons told, and a screen that shows nothing meanwhile."""

    outcomes: list[Outcome] = field(default_factory=list)
    interval: float = 1.0

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is shown before it is there."""

    def chunk(self, chunk: Chunk) -> None:
        """Nothing streams."""

    def finished(self, outcome: Outcome) -> None:
        """Remember what one told."""
        self.outcomes.append(outcome)

    def redraw(self) -> None:
        """There is nothing to draw."""

    def wipe(self) -> None:
        """There is nothing to take away."""


def routes(targets: Sequence[str], subnet: Subnet, bounds: Bounds, shown: Listing) -> ExitCode:
    """Ask every target what it serves, unsigned."""
    terminal = terminal_of(shown)
    limits, way = wiring.limits_of(bounds), wiring.way_of(bounds)
    chosen = choose(targets, subnet, terminal)
    way = wiring.secured(way, bounds, chosen, terminal)
    told = _Told()
    wire = RoutesWire()
    connect = barring(by_http(lambda _: wire, Sender(), limits, way), chosen)
    ended = fan_out(
        chosen.axons, connect, [told], schedule=Schedule(), rounds=Rounds(deadline=bounds.deadline), screen=told
    )
    in_order = sorted(told.outcomes, key=lambda outcome: outcome.index)
    show_routes(terminal, shown, [records.routes(outcome) for outcome in in_order])
    if ended.signal is not None:
        return ExitCode(128 + ended.signal)
    return ExitCode.OK if all(isinstance(outcome.body, list) for outcome in in_order) else ExitCode.NOT_MET
