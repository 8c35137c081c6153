"""The engine in one process for half an hour, asking healthy and hostile axons round after round; nothing may grow.

    python benchmarks/soak.py
    python benchmarks/soak.py --minutes 5

Every round asks as many axons as there are faults in the test suite, and as many healthy ones; then it begins anew, as
`dendrite ping --watch` does. A row per minute says what the process holds, without a collection of garbage before it.
The verdict compares the last third with the second, when all has been loaded and warmed up.
"""

import argparse
import asyncio
import gc
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import hostile

from dendrite_cli.model import Axon, Verdict

_MINUTE = 60.0
_GROWTH = 1.05
"""Of resident memory and objects, from the second third to the last."""
_TELLS = {"rss_kb": min}
"""What tells of a third, but for the median: an answer of 16 MiB that was let go of leaves its room in resident memory
for a minute or more, now in this third and now in that. What is not let go of raises the least of it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds."""

    rss_kb: int
    objects: int
    descriptors: int
    tasks: int
    threads: int


def main() -> None:
    """Print a row per minute, and what it comes to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--timeout", type=float, default=2.0, help="seconds per axon")
    options = parser.parse_args()
    with hostile.served("faults") as faults, hostile.served("healthy") as healthy:
        (port,) = healthy.values()
        ports = [*faults.values(), *[port] * len(faults)]
        held = asyncio.run(_soak(hostile.axons(ports), port, options.minutes, options.timeout))
    _judge(held)


async def _soak(axons: Sequence[Axon], healthy: int, minutes: float, timeout: float) -> list[Held]:
    print("| minute | rounds | rss_kb | objects | descriptors | tasks | threads |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    begun, rounds, rows = time.monotonic(), 0, []
    while len(rows) < minutes:
        outcomes = await hostile.ask(axons, timeout)
        rounds += 1
        lost = [outcome for outcome in outcomes if outcome.axon.port == healthy and outcome.verdict is not Verdict.OK]
        if lost or len(outcomes) != len(axons):
            raise SystemExit(f"round {rounds}: {len(outcomes)} outcomes of {len(axons)}, {len(lost)} healthy lost")
        del outcomes, lost
        if time.monotonic() - begun >= (len(rows) + 1) * _MINUTE:
            rows.append(_held())
            print(f"| {len(rows)} | {rounds} | {' | '.join(map(str, astuple(rows[-1])))} |", flush=True)
    return rows


def _held() -> Held:
    resident = hostile.status("VmRSS")
    gc.collect()  # what is only waiting for the collector is three times as much, now and then
    return Held(
        resident,
        len(gc.get_objects()),
        len(list(Path("/proc/self/fd").iterdir())),
        len(asyncio.all_tasks()),
        threading.active_count(),
    )


def _judge(rows: Sequence[Held]) -> None:
    third = max(len(rows) // 3, 1)
    for name in Held.__slots__:
        tells = _TELLS.get(name, statistics.median)
        before, after = (
            tells([getattr(row, name) for row in part]) for part in (rows[third : 2 * third], rows[-third:])
        )
        print(f"{name}: {before:,.0f}, then {after:,.0f}: {'flat' if after <= before * _GROWTH else 'GROWS'}")


if __name__ == "__main__":
    main()
