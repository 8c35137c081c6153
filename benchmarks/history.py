"""What the history costs: to read it when it is large, and to write it while axons are asked.

Reading: whole processes over a history of a million results that is made first, in a temporary home or in `--home`,
where it stays for another time. Writing: CPU of whole processes that ping the stub, with and without the history in
turn, per outcome. The home is temporary, and nothing of the user's is read.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import stub

from dendrite_cli.history.book import Book, Entry, entry
from dendrite_cli.history.kept import Asking, End
from dendrite_cli.history.store import opened, path_of
from dendrite_cli.model import Axon, Claimed, Ending, Outcome, Run, Timing, Trust, Verdict
from dendrite_cli.run_id import run_id
from dendrite_cli.summary import summarise

_HOTKEY = "5H1MpzxG2ZDKaAQ868GC4i6xt5FzP37Yq8gd5WNowZ84HFHL"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PROGRAM = (sys.executable, "-P", "-m", "dendrite_cli")
_FLEET = 2_000
_DAYS = 80
_REFUSING = 7
"""Each so many-th axon refuses."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, in seconds."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pings", type=int, default=15, help="with the history, and as many without")
    parser.add_argument("--home", type=Path, help="where the large history is kept, or was")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dendrite-bench-") as home:
        _measure_reading(options.home or Path(home), options.results, options.rounds)
        _measure_writing(Path(home) / "writing", options.pings)


def _measure_reading(home: Path, results: int, rounds: int) -> None:
    environment = _environment(home)
    path = path_of(environment)
    if path is None:
        raise SystemExit(f"{home} is no folder for a history; name one by its whole path")
    if not path.exists():
        _fill(path, results)
    size = path.stat().st_size / 1e9
    print(
        f"\n{results:,} results, {size:.2f} GB\n\n| command | wall s, median [min, max] | CPU s |\n| --- | --- | --- |"
    )
    commands = (
        "list",
        "list --limit 1000",
        f"list --hotkey {_hotkey(17)}",
        "show last",
        "show last -o table",
        "stats",
        "stats --by uid",
        "stats --by synapse",
        "stats --by outcome",
        "stats --since 7d",
        "stats --since 365d",
        "diff last last",
    )
    for command in commands:
        costs = [_cost(("history", *command.split()), environment) for _ in range(rounds + 1)][1:]
        print(f"| `history {command}` | {_spread([cost.wall for cost in costs])} | {_middle(costs):.2f} |", flush=True)


def _measure_writing(home: Path, rounds: int) -> None:
    home.mkdir()
    environment = _environment(home)
    with stub.serving() as axon:
        file = home / "axons.txt"
        places = (f"{_HOTKEY}@127.1.{place // 250}.{place % 250 + 1}:{axon.port}" for place in range(_FLEET))
        file.write_text("\n".join(places))
        ping = ("ping", f"@{file}", "--ephemeral", "-q")
        _cost((*ping, "--history"), environment)
        cpu: dict[str, list[float]] = {"--history": [], "--no-history": []}
        for place in range(rounds):
            # who comes first takes turns, too
            for option in sorted(cpu, reverse=bool(place % 2)):
                cpu[option].append(_cost((*ping, option), environment).cpu / _FLEET * 1e6)
    differences = [kept - not_kept for kept, not_kept in zip(*cpu.values(), strict=True)]
    # what a neighbour on the machine does is only ever added: the least of each are the nearest to the cost
    least = min(cpu["--history"]) - min(cpu["--no-history"])
    print(f"\nCPU us per outcome of a ping of {_FLEET:,} axons: {least:.1f} between the least of {rounds} each;")
    print(f"within rounds {_spread(differences, 1)}")


def _fill(path: Path, results: int) -> None:
    """Make a history of runs over the same axons, spread over months."""
    db = opened(path)
    axons = [_axon(uid) for uid in range(_FLEET)]
    runs = max(results // _FLEET, 1)
    began = time.time() - _DAYS * 86_400
    for number in range(runs):
        begun = began + number * _DAYS * 86_400 / runs
        run = Run(run_id(begun, number), "query", begun, _FLEET, _HOTKEY, "w/h", "Bench", "finney", 1, 7, 1.0, _FLEET)
        asking = Asking(run, axons, ("query", "-s", "Bench"))
        outcomes = [_outcome(axon, number, begun) for axon in axons]
        book = Book(db, asking)
        book.open()
        book.begin()
        book.add(list(_entries(outcomes, asking)))
        book.end(End(Ending.COMPLETE, 3.0, 1, summarise(outcomes, 3.0)))
        book.commit()
        print(f"\rmaking the history: {number + 1} of {runs} runs", end="", file=sys.stderr, flush=True)
    db.close()


def _entries(outcomes: Sequence[Outcome], asking: Asking) -> Iterator[Entry]:
    return (entry(outcome, asking) for outcome in outcomes)


def _hotkey(uid: int) -> str:
    """Return what looks like one."""
    return "5" + "".join(random.Random(uid).choices(_BASE58, k=47))  # noqa: S311 - anybody's


def _axon(uid: int) -> Axon:
    place = f"192.0.{uid // 250}.{uid % 250}"
    return Axon(place, 8091, _hotkey(uid), 1, uid, f"5C{uid % 9}", 7, "metagraph")


def _outcome(axon: Axon, number: int, begun: float) -> Outcome:
    uid = axon.uid or 0
    seconds = 0.05 + uid % 97 / 1000 + number % 53 / 500
    good = Outcome(
        uid,
        axon,
        Verdict.OK,
        "synapse",
        "Bench",
        attempts=1,
        http_status=200,
        status_code=200,
        status_message="Success",
        started_at=begun,
        timing=Timing(0.01, None, 0.03, None, seconds, 0.001, seconds + 0.03),
        claimed=Claimed(0.02, 10_005_000, axon.hotkey),
        trust=Trust(request_signed=True),
        sent=900,
        received=1_500,
        body={"answer": "what the axon had to say of it " * 6},
    )
    if uid % _REFUSING:
        return good
    refused = {"http_status": 403, "status_code": 403, "status_message": "Not enough stake", "body": None}
    return replace(good, verdict=Verdict.FORBIDDEN, **refused)


def _cost(arguments: Sequence[str], environment: dict[str, str]) -> Cost:
    with tempfile.TemporaryFile() as output, stub.pinned(0):
        begun = time.perf_counter()
        process = subprocess.Popen([*_PROGRAM, *arguments], stdout=output, stderr=subprocess.STDOUT, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()
    if process.returncode or not printed:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}: {printed[-500:]!r}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "LANG": "C.UTF-8"}


def _middle(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _spread(figures: Sequence[float], digits: int = 2) -> str:
    middle, least, most = statistics.median(figures), min(figures), max(figures)
    return f"{middle:.{digits}f} [{least:.{digits}f}, {most:.{digits}f}]"


if __name__ == "__main__":
    main()
