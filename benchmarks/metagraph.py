"""What the first run on a subnet costs, which asks the chain, and the second, which takes the cache.

Each interpreter has this project and one major of bittensor. The node is the stand-in of the named folder; the first
run asks it through the SDK, the second must not, so the node is stopped before it. Wall clock and CPU of whole
processes, from a new home in every round; the ratios are taken within a round.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PING = ("-m", "dendrite_cli", "ping", "--netuid", "1", "--ephemeral", "--limit", "1", "--require", "0", "-o", "json")


def main() -> None:
    """Print a row for each SDK and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", type=Path, required=True, help="the folder of fake_subtensor.py")
    parser.add_argument("--sdk", action="append", required=True, metavar="NAME=PYTHON")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print("| SDK, neurons | first s | second s | second / first, wall [min, max] | CPU [min, max] |")
    print("| --- | --- | --- | --- | --- |")
    for name, python in (sdk.split("=", 1) for sdk in options.sdk):
        for neurons in (256, 1024):
            subnet = options.node / "subnets" / f"sn1_{neurons}.json"
            rounds = [_round(python, options.node, subnet) for _ in range(options.runs + 1)][1:]
            print(f"| {name}, {neurons} | {_row(rounds)} |", flush=True)


def _round(python: str, node: Path, subnet: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return wall and CPU seconds of a first and of a second run."""
    with tempfile.TemporaryDirectory(prefix="dendrite-bench-") as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": f"{home}/cache"}
        with _serving(node, subnet, environment) as url:
            first = _cost([python, *_PING, "-n", url], environment)
        return first, _cost([python, *_PING, "-n", url], environment)


def _cost(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as talk:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=talk, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        talk.seek(0)
        printed, said = output.read(), talk.read()
    if process.returncode or json.loads(printed)["run"]["netuid"] != 1:
        sys.exit(f"{command} ended with {process.returncode}: {said[-500:]}")
    return wall, usage.ru_utime + usage.ru_stime


@contextmanager
def _serving(node: Path, subnet: Path, environment: dict[str, str]) -> Iterator[str]:
    command = [sys.executable, "-W", "ignore", str(node / "fake_subtensor.py"), "--port", "0", "--block-time", "0"]
    with subprocess.Popen(
        [*command, "--subnet", str(subnet)], stdout=subprocess.PIPE, env=environment, text=True
    ) as program:
        try:
            yield program.stdout.readline().split()[1] if program.stdout else ""
        finally:
            program.kill()


def _row(rounds: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> str:
    first, second = (statistics.median(run[which][0] for run in rounds) for which in (0, 1))
    ratios = [[second[part] / first[part] for first, second in rounds] for part in (0, 1)]
    shares = (f"{statistics.median(each):.2f} [{min(each):.2f}, {max(each):.2f}]" for each in ratios)
    return " | ".join((f"{first:.2f}", f"{second:.2f}", *shares))


if __name__ == "__main__":
    main()
