"""Which runs are going on: each locks a byte of a file, and whatever ends the process lets go of it.

A process number would not do: they come again, and mean nothing in another container that shares the file.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

_FREE = 1
"""Bytes at the start that stand for no run."""


class Alive:
    """The file of one process. One only: closing any descriptor of it lets go of all that the process holds."""

    def __init__(self, history: Path) -> None:
        """Raises OSError."""
        path = history.with_name(f"{history.name}-runs")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._held: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        os.close(self._descriptor)

    def hold(self, number: int) -> None:
        """Say that the run of that number goes on, until the process ends."""
        # a reader that asks may hold it for a moment
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, number + _FREE)
        self._held = number

    def goes_on(self, number: int) -> bool:
        """Say whether a run goes on, in this process or in another."""
        if number == self._held:
            return True
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, number + _FREE)
        except OSError:
            return True
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number + _FREE)
        return False


def running(history: Path, numbers: list[int]) -> set[int]:
    """Return those of the runs that go on; where that cannot be found out, none."""
    if not numbers:
        return set()
    try:
        with Alive(history) as alive:
            return {number for number in numbers if alive.goes_on(number)}
    except OSError:
        return set()
