"""Axons that are not dialled: they have an outcome like any other, and nothing is sent to them."""

from collections.abc import Mapping

from dendrite_cli.engine.run import Exchange, Slot
from dendrite_cli.model import Outcome, Timing, Verdict

_TEXTS = {
    Verdict.NOT_SERVING: "Not serving",
    Verdict.PRIVATE_ADDR: "Private address",
}


class Barred:
    """Says of barred axons why they are not asked, and lets an exchange ask the others."""

    def __init__(self, exchange: Exchange, verdicts: Mapping[int, Verdict]) -> None:
        """`verdicts` are those of the barred axons, by index."""
        self._exchange = exchange
        self._verdicts = verdicts

    async def __call__(self, slot: Slot) -> Outcome:
        """Return why the axon is not dialled, or what it did."""
        verdict = self._verdicts.get(slot.index)
        if verdict is None:
            return await self._exchange(slot)
        undialled = self._exchange.cancelled(slot, attempts=0)
        return Outcome(
            slot.index,
            slot.axon,
            verdict,
            undialled.protocol,
            undialled.synapse,
            slot.round,
            status_message=_TEXTS.get(verdict),
            timing=Timing(),
        )

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return self._exchange.cancelled(slot, attempts=attempts)
