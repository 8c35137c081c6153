"""What a Tab costs: the CPU of `dendrite _complete` beyond that of the bare interpreter, as shells call it.

Each question is asked in a folder with a module of synapses, and a home with a wallet, a metagraph of 256 neurons and a
past run. `python benchmarks/completion.py` prints medians of interleaved tries; the exit code is 1 where one is over.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_MUST_MS = 100.0
_NEURONS = 256
_QUESTIONS = (
    ("que",),
    ("query", "--syn"),
    ("ping", "-w", ""),
    ("ping", "--netuid", "1", "-u", ""),
    ("query", "-s", ""),
    ("history", "show", ""),
)
_MODULE = "from bittensor import Synapse\n" + "".join(
    f"class Ask{number}(Synapse):\n    prompt: str\n    answers: list[str] = []\n" for number in range(40)
)


def main() -> int:
    """Measure, print, and say whether every question is cheap enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--tries", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dendrite-bench-") as folder:
        home = _furnish(Path(folder))
        commands = {"bare interpreter": [given.python, "-c", "pass"]} | {
            f"dendrite {' '.join(words)}": [given.python, "-P", "-m", "dendrite_cli", "_complete", "words", *words]
            for words in _QUESTIONS
        }
        costs: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(given.tries + 1):
            for name, command in commands.items():
                took = _cpu(command, home)
                if turn:  # the first writes bytecode
                    costs[name].append(took)
    bare = statistics.median(costs.pop("bare interpreter"))
    print(f"bare interpreter: {bare:.0f} ms of CPU; at most {_MUST_MS:.0f} ms more is meant")
    beyond = {name: statistics.median(took) - bare for name, took in costs.items()}
    for name, more in beyond.items():
        print(f"{more:+6.1f} ms  {name}")
    return int(max(beyond.values()) > _MUST_MS)


def _furnish(home: Path) -> Path:
    (home / "mypkg.py").write_text(_MODULE)
    (home / ".bittensor" / "wallets" / "validator" / "hotkeys").mkdir(parents=True)
    cache = home / ".cache" / "dendrite"
    cache.mkdir(parents=True)
    rows = [[uid, f"5{'F' * 44}{uid:03d}".replace("0", "z"), "192.0.2.1", 8091] for uid in range(_NEURONS)]
    columns = ["uid", "hotkey", "host", "port"]
    (cache / "metagraph-finney-1.json").write_text(json.dumps({"columns": columns, "axons": rows}))
    return home


def _cpu(command: list[str], home: Path) -> float:
    """Return the milliseconds of CPU of a process; raise where it fails or offers nothing."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"]}
    process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stdout is not None  # noqa: S101 - it was asked for
    offered = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or (command[1] != "-c" and offered.count(b"\n") < 2):  # noqa: PLR2004 - the head and an offer
        raise RuntimeError(f"{command} offered {offered!r}")
    return 1000 * (usage.ru_utime + usage.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
