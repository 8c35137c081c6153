"""One measurement: a fresh stub on one core, a fresh process with one engine on another, and what both say.

A sample knows whether its answers were right; a figure made of wrong answers is not a figure.
"""

import json
import statistics
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import stub

HERE = Path(__file__).resolve().parent
ADAPTERS = HERE / "adapters"
_LEAST = 8
_VERSIONS = """
import importlib.metadata, platform
def version(name):
    try: return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError: return f"no {name}"
names = ["aiohttp", "pydantic", "bittensor", "uvloop"]
print("Python", platform.python_version() + ",", ", ".join(map(version, names)))
"""
_AT_ONCE = stub.Behaviour()


class MeasuringError(Exception):
    """A measured process failed."""

    def __init__(self, message: str, who: str = "engine") -> None:
        super().__init__(message)
        self.who = who


@dataclass(frozen=True, slots=True)
class Contender:
    """Who is measured: an interpreter and the adapter of an engine that it has."""

    label: str
    python: str
    adapter: Path
    options: tuple[str, ...] = ()
    """Further options of worker.py."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is measured: how many axons, what they are sent, and how they answer."""

    n: int
    body: str = "small"
    reps: int = 3
    timeout: float = 120.0
    """Seconds per axon, the engine's own; the default is longer than any peer needs."""
    axons: stub.Behaviour = _AT_ONCE
    nofile: int | None = None

    @property
    def options(self) -> list[str]:
        """The worker's command line."""
        given = {"--n": self.n, "--body": self.body, "--reps": self.reps, "--timeout": self.timeout}
        if self.nofile is not None:
            given["--nofile"] = self.nofile
        return [str(word) for pair in given.items() for word in pair]

    def smaller(self) -> "Load":
        """Return a tenth of it, to try things out."""
        return replace(self, n=max(self.n // 10, min(self.n, _LEAST)))


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process said of itself, and what the stub saw of it."""

    contender: Contender
    worker: dict[str, Any]
    stub: dict[str, Any]

    @property
    def cold(self) -> dict[str, Any]:
        """The first repetition: wall_s, cpu_s, ok, reported_p99_s."""
        return dict(self.worker["reps"][0])

    @property
    def warm(self) -> dict[str, float]:
        """The medians of the later repetitions, or the only one."""
        later = self.worker["reps"][1:] or self.worker["reps"]
        return {key: statistics.median(rep[key] for rep in later) for key in ("wall_s", "cpu_s")}

    @property
    def asked(self) -> int:
        """How many axons were asked, all repetitions together."""
        return int(self.worker["n"]) * len(self.worker["reps"])

    @property
    def live(self) -> int:
        """How many of them were to be answered."""
        return self.asked - int(self.stub["blackholed"])

    @property
    def ok(self) -> int:
        """How many were, with the right payload."""
        return sum(rep["ok"] for rep in self.worker["reps"])

    @property
    def failure(self) -> str | None:
        """Say what was wrong with the answers, in one line."""
        if self.ok == self.live and self.stub["requests"] >= self.asked:
            return None
        codes = [rep["codes"] for rep in self.worker["reps"]]
        sent = f"{self.stub['requests']} requests for {self.asked} axons"
        return f"{self.contender.label}: {self.ok} of {self.live} answers were right, {sent}, {codes}"


def measure(contender: Contender, load: Load) -> Sample:
    """Run `contender` once; raise MeasuringError if it does not get to its end."""
    with stub.serving(load.axons) as axons:
        said = worker(contender, [*load.options, "--port", str(axons.port)])
        return Sample(contender, said, axons.stats())


def worker(contender: Contender, options: list[str]) -> dict[str, Any]:
    """Return what a worker on the first core says."""
    command = [contender.python, str(HERE / "worker.py"), str(contender.adapter), *options, *contender.options]
    with stub.pinned(0):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasuringError(f"{contender.label} failed: {_last_words(done.stderr)}", contender.label)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _last_words(stderr: str) -> str:
    """Return where it happened and what: the end of a traceback."""
    return "\n".join(stderr.strip().splitlines()[-4:])


def versions(python: str) -> str:
    """Return what `python` would measure with."""
    done = subprocess.run([python, "-c", _VERSIONS], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasuringError(f"{python} does not run: {done.stderr.strip()}")
    return done.stdout.strip()


def cold_cpu(sample: Sample) -> float:
    """Return the seconds of CPU of the first repetition."""
    return float(sample.cold["cpu_s"])


def warm_cpu(sample: Sample) -> float:
    """Return the seconds of CPU of a later repetition."""
    return sample.warm["cpu_s"]


def cold_wall(sample: Sample) -> float:
    """Return the seconds of the first repetition."""
    return float(sample.cold["wall_s"])


def warm_wall(sample: Sample) -> float:
    """Return the seconds of a later repetition."""
    return sample.warm["wall_s"]
