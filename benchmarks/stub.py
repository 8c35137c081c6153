"""The stub axon, built when it is first needed and started afresh for each measurement.

In C, because a Python server on the other core would be slower than the clients that it is to measure.
"""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("stub_axon.c")
_CONTROL_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the stub answers: when, and whom not at all."""

    delay_ms: int = 0
    blackholes: int = 0
    """Percent of the requests, by arrival, that are never answered."""

    @property
    def arguments(self) -> list[str]:
        """The stub's command line."""
        return ["-d", str(self.delay_ms), "-x", str(self.blackholes)]


@dataclass(frozen=True, slots=True)
class Stub:
    """A running stub."""

    port: int

    def stats(self) -> dict[str, Any]:
        """Return what it counted: requests, connections, blackholed, late_us, cpu_s and more."""
        return dict(json.loads(self._control("stats")))

    def capture(self) -> bytes:
        """Return the sampled raw requests, each after a line with its length."""
        return self._control("capture")

    def reset(self) -> None:
        """Forget the counts and the samples."""
        self._control("reset")

    def _control(self, word: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__{word}", timeout=_CONTROL_TIMEOUT) as answer:
            return bytes(answer.read())


@contextmanager
def serving(behaviour: Behaviour = Behaviour()) -> Iterator[Stub]:
    """Run a stub on a free port, on the second of our cores."""
    with pinned(1):
        process = subprocess.Popen([built(), "-p", "0", *behaviour.arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield Stub(_port(process))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Run on the `core`th of our cores, so that what is started meanwhile stays there.

    With a single core nothing is pinned.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def built() -> Path:
    """Return the program, compiled if this source was not compiled before; exit with a message if it cannot be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dendrite-benchmarks"
    program = cache / f"stub_axon-{sha256(SOURCE.read_bytes()).hexdigest()[:12]}"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix(f".{os.getpid()}")
        _compile(unfinished)
        unfinished.replace(program)
    return program


def _compile(program: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None:
        raise SystemExit("gcc is missing, and the benchmarks' stub axon is written in C; install gcc and try again")
    done = subprocess.run(
        [compiler, "-O2", "-Wall", "-o", program, SOURCE], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"gcc cannot compile {SOURCE}:\n{done.stderr}")


def _port(process: subprocess.Popen[str]) -> int:
    first = process.stdout.readline() if process.stdout else ""
    word, _, port = first.partition(" ")
    if word != "ready":
        raise SystemExit(f"the stub axon did not start: {first.strip() or 'it said nothing'}")
    return int(port)
