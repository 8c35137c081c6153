"""Who is next: the selection's order, but never more than a few at one host at a time."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

from dendrite_cli.model import Axon


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt at one axon."""

    index: int
    axon: Axon
    attempt: int = 1


class Turns:
    """The axons that wait, those of a busy host behind one another."""

    def __init__(self, axons: Sequence[Axon], per_host: int | None) -> None:
        self._axons = axons
        self._next = 0
        self._per_host = len(axons) if per_host is None else per_host
        self._again: deque[Turn] = deque()
        self._busy: Counter[str] = Counter()
        self._behind: dict[str, deque[Turn]] = {}

    def take(self) -> Turn | None:
        """Return the next turn, and count it at its host until `give_back`; None if nobody can have one now."""
        while self._again or self._next < len(self._axons):
            if self._again:
                turn = self._again.popleft()
            else:
                turn = Turn(self._next, self._axons[self._next])
                self._next += 1
            host = turn.axon.host
            if self._busy[host] < self._per_host:
                self._busy[host] += 1
                return turn
            self._behind.setdefault(host, deque()).append(turn)
        return None

    def give_back(self, turn: Turn) -> None:
        """The host has room for another."""
        host = turn.axon.host
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]
        if behind := self._behind.get(host):
            self._again.append(behind.popleft())
            if not behind:
                del self._behind[host]

    def repeat(self, turn: Turn) -> None:
        """Let the axon have another turn."""
        self._again.append(Turn(turn.index, turn.axon, turn.attempt + 1))
