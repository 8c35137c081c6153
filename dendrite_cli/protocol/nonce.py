"""Lanes: uuids under which nonces strictly increase, one request in flight on each.

A v10 axon remembers the last nonce of every (hotkey, uuid) and refuses an older one, so two requests in flight
under one uuid race: whichever arrives second and is older gets a false 401. It also never forgets a uuid, so
one per request would grow the miner's memory. Hence a small pool per axon, reused once its request is done.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable


class Lane:
    """One uuid, and the last nonce that was sent under it."""

    __slots__ = ("last", "uuid")

    def __init__(self, uuid: str) -> None:
        self.uuid = uuid
        self.last = 0

    def nonce(self, now: int) -> int:
        """Return `now` in nanoseconds of Unix time, or one more than the last if our clock has not moved on."""
        self.last = max(now, self.last + 1)
        return self.last


class Lanes:
    """The free lanes of every axon; as many as it ever had requests in flight."""

    def __init__(self, new_uuid: Callable[[], str]) -> None:
        self._new_uuid = new_uuid
        self._free: defaultdict[Hashable, list[Lane]] = defaultdict(list)

    def take(self, axon: Hashable) -> Lane:
        """Return a lane that no other request to `axon` is using."""
        free = self._free[axon]
        return free.pop() if free else Lane(self._new_uuid())

    def give_back(self, axon: Hashable, lane: Lane) -> None:
        """Let the next request to `axon` use `lane`."""
        self._free[axon].append(lane)
