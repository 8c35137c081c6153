"""The project's performance goals 1-12 as data: what is measured together, and what is read from it.

Speed and truth pull apart, so figures that could be met one at a time by different settings are read from the same
processes: 3 with 6, and 7 with 10.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from measuring import Load, Sample, cold_cpu, cold_wall, warm_cpu
from startup import Cost
from stub import Behaviour

Peer = Literal["engine", "v10", "aiohttp", "aiohttp-100"]
DEFAULT_TIMEOUT = 12.0
_TRUTH_MS = 100
_BLACKHOLE_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a round, and what it has to be."""

    goal: int
    name: str
    """`{n}` stands for the number of axons."""
    of: Callable[[Mapping[str, Any]], float]
    """Takes a round: the samples or costs by who made them."""
    must: float
    aim: float
    unit: str = "x"
    at_most: bool = False
    """Whether smaller is better."""
    peer: Peer | None = None
    """Who else's answers it needs; the rounds in which they, or the engine's, were wrong do not count."""
    is_share: bool = False
    """Whether it is the share of right answers: every round counts, and the worst is judged."""

    def reaches(self, value: float, bound: float) -> bool:
        """Say whether `value` is at least as good as `bound`."""
        return value <= bound if self.at_most else value >= bound


@dataclass(frozen=True, slots=True)
class FanOut:
    """Figures that are read from the same processes: the engine and its peers under one load, in turn."""

    load: Load
    figures: tuple[Figure, ...]
    shown: tuple[Peer, ...] = ()
    """Peers that are measured only on demand, and in no figure: they fail here."""

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Those that the figures compare with."""
        return tuple(dict.fromkeys(figure.peer for figure in self.figures if figure.peer))


@dataclass(frozen=True, slots=True)
class StartUp:
    """Figures of whole processes."""

    figures: tuple[Figure, ...]


def versus(peer: Peer, of: Callable[[Sample], float]) -> dict[str, Any]:
    """Return a figure's reading and its peer: how many times more the peer takes than the engine."""
    return {"of": lambda samples: of(samples[peer]) / of(samples["engine"]), "peer": peer}


def own(of: Callable[[Sample], float]) -> Callable[[Mapping[str, Sample]], float]:
    """Return how to read a figure of the engine alone."""
    return lambda samples: of(samples["engine"])


def memory(key: str, unit: float = 1.0) -> Callable[[Mapping[str, Sample]], float]:
    """Return how to read kB per axon."""
    return own(lambda sample: float(sample.worker[key]) / unit)


def cpu(program: str) -> Callable[[Mapping[str, list[Cost]]], float]:
    """Return how to read a program's CPU as a multiple of the import's, each the median of its tries."""

    def middle(costs: list[Cost]) -> float:
        return sorted(cost.cpu for cost in costs)[len(costs) // 2]

    return lambda costs: middle(costs[program]) / middle(costs["import"])


def all_right(goal: int, name: str) -> Figure:
    """Return the figure that every live axon has answered rightly, in every round."""

    def share(samples: Mapping[str, Sample]) -> float:
        sample = samples["engine"]
        return 100 * sample.ok / sample.live

    return Figure(goal, name, share, must=100, aim=100, unit="%", is_share=True)


MEASUREMENTS: tuple[FanOut | StartUp, ...] = (
    FanOut(
        Load(2000),
        (
            Figure(1, "CPU, 10.5.0 / engine, N = {n:,}, cold", **versus("v10", cold_cpu), must=15, aim=40),
            Figure(1, "CPU, 10.5.0 / engine, N = {n:,}, warm", **versus("v10", warm_cpu), must=22, aim=60),
        ),
    ),
    FanOut(
        Load(2000),
        (
            Figure(2, "CPU, raw aiohttp / engine, N = {n:,}, cold", **versus("aiohttp", cold_cpu), must=1.0, aim=2.5),
            Figure(2, "CPU, raw aiohttp / engine, N = {n:,}, warm", **versus("aiohttp", warm_cpu), must=1.15, aim=3),
        ),
    ),
    FanOut(
        Load(10_000, reps=1, timeout=DEFAULT_TIMEOUT),
        (
            all_right(3, "right answers, N = {n:,}, default time-out"),
            Figure(3, "CPU, raw aiohttp / engine, N = {n:,}, cold", **versus("aiohttp", cold_cpu), must=1.2, aim=3),
            Figure(6, "peak memory per axon, N = {n:,}", memory("peak_kb_per_axon"), 21, 12, "kB", at_most=True),
            Figure(6, "memory kept per axon, N = {n:,}", memory("kept_kb_per_axon"), 0.3, 0.1, "kB", at_most=True),
        ),
        shown=("v10",),
    ),
    FanOut(
        Load(64, "text1m"),
        (
            Figure(4, "CPU, 10.5.0 / engine, {n} x 1 MiB, cold", **versus("v10", cold_cpu), must=8, aim=12),
            Figure(4, "CPU, 10.5.0 / engine, {n} x 1 MiB, warm", **versus("v10", warm_cpu), must=10, aim=15),
            Figure(4, "peak memory per axon, 1 MiB", memory("peak_kb_per_axon", 1000), 1.4, 1.4, "MB", at_most=True),
        ),
    ),
    FanOut(
        Load(16, "floats"),
        (
            Figure(5, "CPU, 10.5.0 / engine, {n} x 100,000 floats, cold", **versus("v10", cold_cpu), must=24, aim=40),
            Figure(5, "CPU, 10.5.0 / engine, {n} x 100,000 floats, warm", **versus("v10", warm_cpu), must=24, aim=40),
        ),
    ),
    FanOut(
        Load(1000, reps=1, timeout=DEFAULT_TIMEOUT, axons=Behaviour(delay_ms=_TRUTH_MS)),
        (
            Figure(
                7, "wall, aiohttp limit=100 / engine, {n:,} x 100 ms", **versus("aiohttp-100", cold_wall), must=2, aim=5
            ),
            Figure(
                10,
                "reported total at p99 / truth, {n:,} x 100 ms",
                own(lambda sample: sample.cold["reported_p99_s"] * 1000 / _TRUTH_MS),
                1.5,
                1.1,
                at_most=True,
            ),
        ),
        shown=("v10",),
    ),
    FanOut(
        Load(500, reps=1, timeout=_BLACKHOLE_TIMEOUT, axons=Behaviour(blackholes=10)),
        (
            all_right(8, "live axons answered, {n} with 10 % black holes"),
            Figure(8, "wall / time-out", own(lambda s: cold_wall(s) / _BLACKHOLE_TIMEOUT), 1.2, 1.05, at_most=True),
        ),
        shown=("v10",),
    ),
    FanOut(
        Load(2000, reps=2, timeout=DEFAULT_TIMEOUT, nofile=1024),
        (all_right(9, "right answers, N = {n:,}, ulimit -n 1024"),),
        shown=("v10",),
    ),
    StartUp(
        (
            Figure(11, "CPU, dendrite --help / import aiohttp", cpu("help"), 0.8, 0.4, at_most=True),
            Figure(12, "CPU, dendrite ping / import aiohttp", cpu("ping"), 1.9, 1.0, at_most=True),
        )
    ),
)
