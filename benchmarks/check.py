"""Whether an engine is honest: whether it sends, when its adapter drives it, what a v10 axon accepts.

A fast engine that signs nothing, or the same nonce twice, would win every comparison. So what it sent to the stub is
verified request by request, and then a real bittensor 10.5.0 axon with its own verification has to answer 200.
"""

import argparse
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import measuring
import stub
from measuring import Contender, MeasuringError

_REPS = 2
_CAPTURED = {"small": 48, "empty": 48}
"""The stub cuts samples at 64 kB: larger bodies are left to the real axon."""
_REAL = {"small": 64, "empty": 16, "text1m": 4, "floats": 4}
_START = 60.0


def main() -> None:
    """Check both ways; exit code 1 if a request was refused."""
    args = arguments()
    contender = Contender(args.adapter.stem, args.python, args.adapter, tuple(shlex.split(args.worker_options)))
    results = [by_capture(contender, args.v10, body, n) for body, n in _CAPTURED.items()]
    with real_axon(args.v10) as port:
        results += [by_axon(contender, port, body, n) for body, n in _REAL.items()]
    sys.exit(not all(results))


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", help="interpreter that has the engine")
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--v10", required=True, metavar="PYTHON", help="interpreter that has bittensor 10.5.0")
    parser.add_argument("--worker-options", default="", metavar="'...'", help="as for worker.py")
    return parser.parse_args()


def by_capture(contender: Contender, v10: str, body: str, n: int) -> bool:
    """Say whether every request that the stub sampled would be accepted."""
    with stub.serving() as axons:
        _asked(contender, axons.port, body, n)
        command = [v10, str(measuring.HERE / "captured.py")]
        judged = subprocess.run(command, input=axons.capture(), capture_output=True, check=False)
    print(f"{body}, captured:", (judged.stdout or judged.stderr).decode().strip())
    return judged.returncode == 0


def by_axon(contender: Contender, port: int, body: str, n: int) -> bool:
    """Say whether the real axon answered everything with what it was sent."""
    repetitions = _asked(contender, port, body, n, "--one-ip")
    good, asked = sum(repetition["ok"] for repetition in repetitions), n * _REPS
    print(f"{body}, real axon: {good} of {asked} were answered 200 with the payload")
    if good < asked:
        print("  ", [repetition["codes"] for repetition in repetitions])
    return bool(good == asked)


def _asked(contender: Contender, port: int, body: str, n: int, *options: str) -> list[dict[str, Any]]:
    load = ["--n", str(n), "--reps", str(_REPS), "--body", body, "--port", str(port)]
    try:
        return list(measuring.worker(contender, [*load, *options])["reps"])
    except MeasuringError as problem:
        print(problem)
        return []


@contextmanager
def real_axon(v10: str) -> Iterator[int]:
    """Run a bittensor 10.5.0 axon and yield its port."""
    port = _free_port()
    command = [v10, str(measuring.HERE / "real_axon.py"), str(port)]
    axon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(axon, port)
        yield port
    finally:
        axon.terminate()
        axon.wait()


def _wait_for(axon: subprocess.Popen[bytes], port: int) -> None:
    latest = time.monotonic() + _START
    while axon.poll() is None and time.monotonic() < latest:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit("the bittensor 10 axon did not start; run benchmarks/real_axon.py to see why")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
