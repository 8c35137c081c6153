"""A renderer of which nothing moves while the run goes on: what the others have in common."""

from dendrite_cli.model import Axon, Chunk

CALM = 0.125
"""Seconds from one frame to the next where figures move: eight times a second."""


class Still:
    """Hears of everything, and does nothing before an axon is done with."""

    interval = CALM
    """Seconds from one `redraw` to the next."""

    def started(self, index: int, axon: Axon) -> None:
        """Nothing is said of a request under way."""

    def chunk(self, chunk: Chunk) -> None:
        """Nothing is said of a stream under way; what it said is its outcome's."""

    def redraw(self) -> None:
        """Nothing here moves."""

    def wipe(self) -> None:
        """Nothing was drawn."""

    def last_words(self) -> None:
        """Write what is shown beside the table; here it is all that there is."""
