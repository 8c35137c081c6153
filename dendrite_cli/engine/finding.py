"""Axons of which nobody said what they speak: they are asked that first, unsigned and without a body.

The request itself is sent once, in the protocol that was found. What worked is remembered by hotkey, and what was
remembered and did not work is forgotten.
"""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Protocol

from dendrite_cli.engine.attempt import undone
from dendrite_cli.engine.run import Exchange, Slot, timed
from dendrite_cli.model import Axon, Outcome, Verdict

_WRONG = frozenset({Verdict.UNAUTHORIZED, Verdict.NOT_FOUND, Verdict.CLIENT_ERROR, Verdict.BAD_RESPONSE})
"""What an axon may answer to another protocol than its own."""


class Choice(Protocol):
    """Which protocol each axon is spoken to in."""

    @property
    def found(self) -> MutableMapping[str, str]:
        """What was found, by hotkey, else by endpoint."""

    def is_known(self, axon: Axon) -> bool:
        """Whether it is said or found already what an axon speaks."""

    def protocol_of(self, axon: Axon) -> str:
        """Return what an axon is spoken to in."""

    def lacking(self, axon: Axon) -> str | None:
        """Return why an axon cannot be asked in its protocol; None where it can."""


class Finding:
    """Finds out what an axon speaks, and lets an exchange ask it."""

    def __init__(
        self, exchange: Exchange, choice: Choice, probes: Callable[[Axon], Iterator[Exchange]], usual: str
    ) -> None:
        """`probes` are exchanges whose outcomes' body is the protocol's name; `usual` is what is tried in the end."""
        self._exchange = exchange
        self._choice = choice
        self._probes = probes
        self._usual = usual
        self.worked: dict[str, str | None] = {}
        """By hotkey what was spoken with success; None for what was remembered and does not work."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did; the way there, where that was in vain."""
        axon, choice = slot.axon, self._choice
        remembered = choice.is_known(axon)
        slot = slot if remembered else timed(slot)
        if not remembered and (failed := await self._find(slot)) is not None:
            return failed
        if lacking := choice.lacking(axon):
            return Outcome(
                slot.index,
                axon,
                Verdict.UNSUPPORTED_PROTOCOL,
                choice.protocol_of(axon),
                round=slot.round,
                status_message=lacking,
            )
        outcome = await self._exchange(slot)
        self._learn(outcome, remembered=remembered)
        return outcome

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        if self._choice.lacking(slot.axon) is None:
            return self._exchange.cancelled(slot, attempts=attempts)
        return undone(slot, self._choice.protocol_of(slot.axon), attempts=attempts)

    async def _find(self, slot: Slot) -> Outcome | None:
        """Find out what the axon speaks; return the outcome of one that answers no HTTP at all."""
        found = None
        for number, probe in enumerate(self._probes(slot.axon)):
            outcome = await probe(slot)
            if not outcome.ok and number == 0:
                return outcome
            if isinstance(outcome.body, str):
                found = outcome.body
                break
        self._choice.found[key_of(slot.axon)] = found or self._usual
        return None

    def _learn(self, outcome: Outcome, *, remembered: bool) -> None:
        hotkey = outcome.axon.hotkey
        if hotkey is None or outcome.axon.protocol is not None or not outcome.trust.request_signed:
            return
        if outcome.ok:
            self.worked[hotkey] = outcome.protocol
        elif remembered and outcome.verdict in _WRONG:
            self.worked[hotkey] = None


def key_of(axon: Axon) -> str:
    """Return by what an axon is remembered."""
    return axon.hotkey or axon.endpoint
