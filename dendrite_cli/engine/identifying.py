"""Axons that are asked who they are before they are asked anything else."""

from collections.abc import Callable
from dataclasses import replace

from dendrite_cli.engine.run import Exchange, Slot, timed
from dendrite_cli.model import Axon, Claimed, Outcome, Trust, Verdict
from dendrite_cli.protocol.reflection import Proven

_NS = 10**9


class Identifying:
    """Lets an exchange ask an axon that has proved to hold its hotkey, or is not of the kind that can."""

    def __init__(self, exchange: Exchange, challenging: Exchange) -> None:
        """`challenging` asks by a ChallengeWire."""
        self._exchange = exchange
        self._challenging = challenging
        self._known: dict[int, tuple[Trust, int | None]] = {}
        """By index what earlier rounds have found out, and the version."""

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did, with what is known of its key; nothing is signed for one with another key."""
        if slot.axon.hotkey is None or slot.axon.protocol not in {None, "synapse"}:
            return await self._exchange(slot)
        slot = slot if slot.index in self._known else timed(slot)
        if slot.index not in self._known and (failed := await self._challenge(slot)) is not None:
            return failed
        trust, version = self._known[slot.index]
        outcome = await self._exchange(slot)
        told = trust._replace(request_signed=outcome.trust.request_signed, body_covered=outcome.trust.body_covered)
        known = outcome.claimed if outcome.claimed.version is not None else outcome.claimed._replace(version=version)
        return replace(outcome, trust=told, claimed=known)

    async def _challenge(self, slot: Slot) -> Outcome | None:
        """Find out about an axon's key; return the outcome of one that has another, or does not answer."""
        asked = await self._challenging(slot)
        if not asked.ok:
            return asked
        proven = asked.body if isinstance(asked.body, Proven) else None
        skew, error = (None, None) if proven is None else _skew(asked, proven)
        trust = Trust(identity=_identity(proven), clock_skew=skew, clock_error=error)
        if proven and not proven.held:
            return replace(
                asked,
                verdict=Verdict.IDENTITY_MISMATCH,
                status_message=f"Another key than {slot.axon.hotkey} answered",
                trust=trust,
                body=None,
                content=None,
            )
        self._known[slot.index] = (trust, asked.claimed.version)
        return None

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return self._exchange.cancelled(slot, attempts=attempts)


class Discovering:
    """Has axons without a hotkey name theirs, and lets an exchange ask those for which somebody else says so, too."""

    def __init__(self, exchange: Exchange, inquiring: Exchange, announced: Callable[[Axon, str], Axon | None]) -> None:
        """`inquiring` asks by an InquiryWire; `announced` returns the axon the chain knows by that hotkey there."""
        self._exchange = exchange
        self._inquiring = inquiring
        self._announced = announced

    async def __call__(self, slot: Slot) -> Outcome:
        """Return what the axon did, with the hotkey that it gives for its own."""
        if slot.axon.hotkey is not None:
            return await self._exchange(slot)
        slot = timed(slot)
        asked = await self._inquiring(slot)
        if not asked.ok:
            return asked
        hotkey = asked.claimed.hotkey
        known = self._announced(slot.axon, hotkey) if hotkey else None
        if known is not None:
            return await self._exchange(replace(slot, axon=known))
        return replace(asked, protocol="http", synapse=None, body=None, content=None, claimed=Claimed(hotkey=hotkey))

    def cancelled(self, slot: Slot, *, attempts: int) -> Outcome:
        """Return the outcome of an axon whose answer nobody waits for any more."""
        return self._exchange.cancelled(slot, attempts=attempts)


def _identity(proven: Proven | None) -> str:
    if proven is None:
        return "unproven"
    return "proven" if proven.held else "mismatch"


def _skew(asked: Outcome, proven: Proven) -> tuple[float | None, float | None]:
    """Return by how many seconds its clock is ahead of ours, and by how many that may be wrong: half of `ttfb`."""
    timing = asked.timing
    if asked.started_at is None or timing.ttfb is None:
        return None, None
    left = asked.started_at + sum(stage or 0.0 for stage in (timing.dns, timing.connect, timing.tls))
    error = timing.ttfb / 2
    return proven.clock / _NS - (left + error), error
