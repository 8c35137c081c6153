"""Processes by their number: whose child one is, and whether it lives."""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children(parent: int) -> set[int]:
    """Return the living children of a process."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return {number for number in numbers if _stat(number)[1] == str(parent) and alive(number)}


def alive(number: int) -> bool:
    """Tell whether a process runs: one that has ended and was not asked how does not."""
    return _stat(number)[0] not in {"", "Z", "X"}


def gone(numbers: Iterable[int], seconds: float = 5) -> bool:
    """Wait until none of them lives; tell whether that came true."""
    left, end = set(numbers), time.monotonic() + seconds
    while left := {number for number in left if alive(number)}:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def command_line(number: int) -> bytes:
    """Return what every user of the machine can read of it."""
    return (Path("/proc") / str(number) / "cmdline").read_bytes()


def _stat(number: int) -> tuple[str, str]:
    """Return state and parent; nothing of a process that is not there."""
    with suppress(OSError):
        # the name before them is in brackets, and may hold anything
        state, parent, *_ = (Path("/proc") / str(number) / "stat").read_text().rpartition(")")[2].split()
        return state, parent
    return "", ""
