"""Who wants to hear of a run while it goes on."""

from typing import Protocol

from dendrite_cli.model import Axon, Chunk, Outcome


class Observer(Protocol):
    """Hears of every axon that is dialled, of every chunk and of every outcome, in the order in which they happen.

    Called on the event loop between the exchanges: remember and return. An exception ends the run.
    """

    def started(self, index: int, axon: Axon) -> None:
        """The axon at `index` of the selection is about to be dialled."""

    def chunk(self, chunk: Chunk) -> None:
        """A piece of an axon's stream is there; between its `started` and its `finished`."""

    def finished(self, outcome: Outcome) -> None:
        """One axon is done with; exactly once per axon and round."""
