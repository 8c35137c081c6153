"""Which of many rows are on the screen: those that fit, in their order, and on to the next when they are done with."""

import heapq
from collections.abc import Callable
from time import monotonic

_DWELL = 1.0
"""Seconds for which a row that is done with is left to be read before another takes its place."""


class Window:
    """A choice among rows that are known by their number. What is slow stays, what is done makes room."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._waiting: list[int] = []
        """A heap of rows to be shown: the lowest number comes next."""
        self._queued: set[int] = set()
        """The same, for looking one up."""
        self._shown: set[int] = set()
        self._done: dict[int, float] = {}
        """Of those shown that are done with: when that was seen first."""

    def add(self, number: int) -> None:
        """There is a row of this number to be shown, for the first time or, in a new round, again."""
        if number in self._shown:
            self._done.pop(number, None)
        elif number not in self._queued:
            self._queued.add(number)
            heapq.heappush(self._waiting, number)

    def remove(self, number: int) -> None:
        """There is no such row any more."""
        self._shown.discard(number)
        self._done.pop(number, None)
        if number in self._queued:
            self._queued.remove(number)
            self._waiting.remove(number)
            heapq.heapify(self._waiting)

    def choose(self, room: int, is_done: Callable[[int], bool]) -> list[int]:
        """Return the numbers of at most `room` rows, in order."""
        now = self._clock()
        self._mark(is_done, now)
        while len(self._shown) > room:
            self._put_back(max(self._shown, key=lambda number: (number in self._done, number)))
        self._drop_what_was_read(len(self._waiting) - (room - len(self._shown)), now)
        while self._waiting and len(self._shown) < room:
            number = heapq.heappop(self._waiting)
            self._queued.remove(number)
            self._shown.add(number)
        self._mark(is_done, now)
        return sorted(self._shown)

    def _mark(self, is_done: Callable[[int], bool], now: float) -> None:
        for number in self._shown:
            if number not in self._done and is_done(number):
                self._done[number] = now

    def _drop_what_was_read(self, wanted: int, now: float) -> None:
        """Make room for as many others, the rows that are done longest first."""
        for number in sorted(self._done, key=lambda number: (self._done[number], number))[: max(wanted, 0)]:
            if now - self._done[number] >= _DWELL:
                self._shown.remove(number)
                del self._done[number]

    def _put_back(self, number: int) -> None:
        """Take a row away for want of room, to be shown again when there is some."""
        self._shown.remove(number)
        self._done.pop(number, None)
        self.add(number)
