"""What a whole process costs: `dendrite --help` and a signed ping of one axon, beside `import aiohttp`.

    python benchmarks/startup.py

Run as a program, it measures curl, too, and what a hundred axons add to one. CPU seconds, user and system, of the
process and of what it waited for. On a shared machine they are steadier than the wall clock, which is measured too.
Nothing of the user's is read or written: home, settings and history are temporary.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stub
from measuring import HERE, MeasuringError

_HOTKEY = "5H1MpzxG2ZDKaAQ868GC4i6xt5FzP37Yq8gd5WNowZ84HFHL"
_TRIES = 3
"""Processes of each kind per round; the round's figure is their median."""
_MANY = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Program:
    """A command, and what says that it did its work."""

    label: str
    command: Sequence[str]
    check: Callable[[str], str | None]
    """Takes what it printed; returns what is wrong with that."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A home of its own with a wallet in it, an axon to ping, and the interpreter."""

    python: str
    home: Path
    axon: stub.Stub

    @property
    def programs(self) -> list[Program]:
        """What is measured, in turn."""
        return [
            Program("import", [self.python, "-c", "import aiohttp"], _is_silent),
            Program("help", [self.python, "-m", "dendrite_cli", "--help"], _is_help),
            Program("ping", self._ping(1), self._is_answered),
        ]

    @property
    def peers(self) -> list[Program]:
        """What is measured beside them for orientation."""
        curl = [[f"127.0.0.{number}:{self.axon.port}/Synapse" for number in range(2, 2 + many)] for many in (1, _MANY)]
        post = ["curl", "--silent", "--json", "{}", "--write-out", "\\n%{http_code}\\n"]
        found = [
            Program("python -c pass", [self.python, "-c", "pass"], _is_silent),
            Program(f"ping of {_MANY}", self._ping(_MANY), self._is_answered),
            Program("curl", [*post, *curl[0]], _has_status),
            Program(f"curl --parallel of {_MANY}", [*post, "--parallel", *curl[1]], _has_statuses),
        ]
        return [program for program in found if shutil.which(program.command[0])]

    @property
    def environment(self) -> dict[str, str]:
        """Where nothing is configured and every file of ours is temporary."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        places = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        return {**kept, **places, "HOME": str(self.home)}

    def _ping(self, many: int) -> list[str]:
        axons = [f"{_HOTKEY}@127.0.0.{number}:{self.axon.port}" for number in range(2, 2 + many)]
        named = ["--wallet", "bench", "--wallet-path", str(self.home)]
        return [self.python, "-m", "dendrite_cli", "ping", *axons, *named]

    def _is_answered(self, printed: str) -> str | None:
        records: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
        if not records or not all(
            record["outcome"] == "ok" and record["trust"]["request_signed"] for record in records
        ):
            return f"the ping was not a signed and answered one: {printed[:300]}"
        return self._is_recorded(records[0]["run"], len(records))

    def _is_recorded(self, run: str, many: int) -> str | None:
        """Say what is missing in the history; goal 12 is with the history on."""
        file = self.home / "state" / "dendrite" / "history.db"
        if not file.exists():
            return "the ping left no history"
        with closing(sqlite3.connect(file)) as db:
            kept = db.execute(
                "SELECT exit_code, count(*) FROM run JOIN result ON result.run = run.number WHERE run.id = ?", (run,)
            ).fetchone()
        return None if kept == (0, many) else f"the history does not hold the ping: {kept}"


@contextmanager
def desk(python: str) -> Iterator[Desk]:
    """Make a hotkey, start an axon, and let every program write its bytecode once."""
    with tempfile.TemporaryDirectory(prefix="dendrite-bench-") as home, stub.serving() as axon:
        made = subprocess.run(
            [python, HERE / "startup" / "hotkey.py", home], capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise MeasuringError(f"no hotkey for the ping: {made.stderr.strip()}")
        ready = Desk(python, Path(home), axon)
        for program in ready.programs:
            cost(program, ready.environment)
        yield ready


def measure(desk: Desk) -> dict[str, list[Cost]]:
    """Return what each program takes, several times in turn."""
    costs: dict[str, list[Cost]] = {program.label: [] for program in desk.programs}
    for _ in range(_TRIES):
        for program in desk.programs:
            costs[program.label].append(cost(program, desk.environment))
    return costs


def cost(program: Program, environment: Mapping[str, str]) -> Cost:
    """Run the program on the first core; raise MeasuringError if it did not do its work."""
    with tempfile.TemporaryFile("w+") as output, stub.pinned(0):
        begun = time.perf_counter()
        process = subprocess.Popen(
            program.command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode:
        raise MeasuringError(f"{program.label} ended with {process.returncode}: {printed[-500:]}")
    if wrong := program.check(printed):
        raise MeasuringError(wrong)
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def main() -> None:
    """Print a row per program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="rounds")
    options = parser.parse_args()
    costs: dict[str, list[Cost]] = {}
    with desk(sys.executable) as ready:
        programs = [*ready.programs, *ready.peers]
        for _ in range(options.runs):
            for program in programs:
                costs.setdefault(program.label, []).append(cost(program, ready.environment))
    importing = statistics.median(each.cpu for each in costs["import"])
    print("| process | CPU ms, median [min, max] | x import | wall ms |\n| --- | --- | --- | --- |")
    for label, all_of_them in costs.items():
        cpu, wall = [each.cpu * 1000 for each in all_of_them], [each.wall * 1000 for each in all_of_them]
        times = statistics.median(cpu) / importing / 1000
        spread = f"{statistics.median(cpu):.0f} [{min(cpu):.0f}, {max(cpu):.0f}]"
        print(f"| {label} | {spread} | {times:.2f} | {statistics.median(wall):.0f} |")


def _is_silent(printed: str) -> str | None:
    return printed or None


def _is_help(printed: str) -> str | None:
    return None if "Usage: dendrite" in printed and "ping" in printed else f"no help: {printed[:300]}"


def _has_status(printed: str) -> str | None:
    return None if printed.splitlines()[-1:] == ["200"] else f"curl got {printed[:300]}"


def _has_statuses(printed: str) -> str | None:
    answered = printed.splitlines().count("200")
    return None if answered == _MANY else f"curl got {answered} answers of {_MANY}"


if __name__ == "__main__":
    main()
