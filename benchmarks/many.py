"""All of Bittensor at once: whole processes of `dendrite ping` of 30,000 axons, default options.

    python benchmarks/many.py
    python benchmarks/many.py --axons 3000 --runs 1

As records into a file, with and without the history, and as a table with its live view on a pseudo-terminal: what each
takes of the clock, of the processor and of memory. Every axon has to be answered.
"""

import argparse
import json
import os
import pty
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import stub
from worker import addresses

_PROGRAM = (sys.executable, "-m", "dendrite_cli", "ping", "--ephemeral")


@dataclass(frozen=True, slots=True)
class Took:
    """What one process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    ok: int


def main() -> None:
    """Measure each way in turn and print a row of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axons", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ways = {
        "records, history on": ("-o", "ndjson"),
        "records, --no-history": ("-o", "ndjson", "--no-history"),
        "live view and table, --no-history": ("-o", "table", "--no-history"),
    }
    with tempfile.TemporaryDirectory() as home, stub.serving() as axons:
        listed = Path(home, "axons.txt")
        listed.write_text(
            "".join(f"{key}@{ip}:{port}\n" for ip, port, key in addresses(options.axons, axons.port, one_ip=False))
        )
        took: dict[str, list[Took]] = {way: [] for way in ways}
        for _ in range(options.runs):
            for way, arguments in ways.items():
                took[way].append(_one([*_PROGRAM, f"@{listed}", *arguments], Path(home), screen="table" in arguments))
    print(f"{options.axons:,} axons, {options.runs} rounds, median [min, max]\n")
    print("| what | answered | wall s | CPU s | us per axon | peak MB |\n| --- | --- | --- | --- | --- | --- |")
    for way, all_of_them in took.items():
        per_axon = [each.cpu_s / options.axons * 1e6 for each in all_of_them]
        cells = [
            f"{min(each.ok for each in all_of_them):,}",
            _spread([each.wall_s for each in all_of_them]),
            _spread([each.cpu_s for each in all_of_them]),
            f"{statistics.median(per_axon):.0f}",
            _spread([each.peak_mb for each in all_of_them]),
        ]
        print(f"| {way} | {' | '.join(cells)} |")


def _one(command: Sequence[str], home: Path, *, screen: bool) -> Took:
    """Run the program with a home of its own, its records in a file or its table on a pseudo-terminal."""
    out = home / "out"
    environment = {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "LANG": "C.UTF-8",
    }
    begun = time.monotonic()
    if screen:
        said, status, usage = _on_a_terminal(command, environment)
    else:
        with out.open("wb") as stream:
            actions = [(os.POSIX_SPAWN_DUP2, stream.fileno(), 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
            child = os.posix_spawn(command[0], command, environment, file_actions=actions)
            _, status, usage = os.wait4(child, 0)
        said = b""
    wall = time.monotonic() - begun
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"exit {os.waitstatus_to_exitcode(status)}: {said[-500:].decode(errors='replace')}")
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, _ok(out, said))


def _on_a_terminal(command: Sequence[str], environment: dict[str, str]) -> tuple[bytes, int, "os.struct_rusage"]:
    """Run it with a terminal, which somebody reads."""
    said = bytearray()
    child, screen = pty.fork()
    if child == 0:
        os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted

    def read() -> None:
        while True:
            try:
                piece = os.read(screen, 1 << 16)
            except OSError:
                return
            if not piece:
                return
            said.extend(piece)

    reading = threading.Thread(target=read)
    reading.start()
    _, status, usage = os.wait4(child, 0)
    reading.join(5)
    os.close(screen)
    return bytes(said), status, usage


def _ok(out: Path, said: bytes) -> int:
    if said:
        # the table, not what moved before it
        return said.rpartition(b"STATUS")[2].count(b"200 ok")
    with out.open("rb") as stream:
        return sum(bool(json.loads(line)["ok"]) for line in stream)


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} [{min(values):.1f}, {max(values):.1f}]"


if __name__ == "__main__":
    main()
