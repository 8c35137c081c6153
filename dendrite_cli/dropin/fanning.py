"""Many axons of one call, paced by the engine; each result is made as soon as its axon is done with."""

from collections.abc import Callable
from typing import Any

from dendrite_cli.dropin.asking import Asking
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.engine.run import run
from dendrite_cli.model import Axon, Chunk, Outcome


class _Results:
    """An observer that keeps results and no answers."""

    def __init__(self, axons: int, filled: Callable[[Outcome], Any]) -> None:
        self.found: list[Any] = [None] * axons
        self._filled = filled

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is known yet."""

    def chunk(self, chunk: Chunk) -> None:
        """These are whole answers."""

    def finished(self, outcome: Outcome) -> None:
        """Make the result."""
        self.found[outcome.index] = self._filled(outcome)


async def ask_all(axons: list[Axon], asking: Asking, filled: Callable[[Outcome], Any], *, at_once: bool) -> list[Any]:
    """Return what `filled` makes of each axon's outcome, in their order; one axon after another unless `at_once`."""
    results = _Results(len(axons), filled)
    # as many per host as there are: a program expects an answer from each within its time-out
    await run(axons, asking, [results], Schedule(parallel=None if at_once else 1, per_host=None), calm=False)
    return results.found
