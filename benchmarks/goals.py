"""The performance goals, measured: one command for all of them or for some.

For every figure the median of the rounds with the smallest and the largest, and whether it is met. A round in which
somebody's answers were wrong gives no ratio: if they were the engine's, the goal is missed.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import startup
from figures import MEASUREMENTS, FanOut, Figure, Peer, StartUp
from measuring import ADAPTERS, Contender, MeasuringError, Sample, measure, versions

Round = Mapping[str, Any]
_PATIENT = ("--timeout", "120")
"""The floor waits as long as it takes: all its requests start at once, and the last ones wait longest in its queue."""
_FORM = "{:>4}  {:49} {:>9} {:>21} {:>7} {:>7}  {}"


@dataclass(slots=True)
class Rounds:
    """What was measured, round by round, and what went wrong."""

    played: list[tuple[Round, frozenset[str]]] = field(default_factory=list)
    """Each round, and whose answers in it were wrong."""
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Who, and what."""

    def add(self, played: Round) -> None:
        """Take in one round."""
        failures = {
            label: sample.failure for label, sample in played.items() if isinstance(sample, Sample) and sample.failure
        }
        self.problems += failures.items()
        self.played.append((played, frozenset(failures)))

    def values(self, figure: Figure) -> list[float]:
        """Return the figure's value in every round that counts for it."""
        needed = set() if figure.is_share else {"engine", figure.peer}
        return [figure.of(played) for played, wrong in self.played if not needed & wrong]

    def problems_of(self, figure: Figure) -> list[tuple[str, str]]:
        """Return what went wrong on the figure's own ground."""
        return [(who, what) for who, what in self.problems if who in {"engine", figure.peer}]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and its values, one per round."""

    figure: Figure
    values: Sequence[float]
    problems: Sequence[tuple[str, str]] = ()
    """Who, and what."""

    @property
    def engine_failed(self) -> bool:
        """Whether the engine's own answers were wrong, or it did not get to its end."""
        return any(who == "engine" for who, _ in self.problems)

    @property
    def value(self) -> float:
        """The one that is judged."""
        if self.figure.is_share:
            return max(self.values) if self.figure.at_most else min(self.values)
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether the engine does what it must."""
        return bool(self.values) and not self.engine_failed and self.figure.reaches(self.value, self.figure.must)

    @property
    def result(self) -> str:
        """The judgement in a word or two."""
        if self.engine_failed:
            return "MISSED: see below"
        if not self.values:
            return "NO FIGURE"
        if not self.is_met:
            return "MISSED"
        return "met, and the aim" if self.figure.reaches(self.value, self.figure.aim) else "met"


def main() -> None:
    """Measure the chosen goals; exit code 1 if one of them is missed."""
    args = arguments()
    measurements = [smaller(measurement) for measurement in MEASUREMENTS] if args.quick else MEASUREMENTS
    chosen = [kept for measurement in measurements if (kept := of_goals(measurement, args.goal)).figures]
    contenders = contenders_of(args)
    for python in dict.fromkeys(needed(chosen, contenders, shown=args.all_peers)):
        print(f"{python}: {versions(python)}")
    if args.quick:
        print("quick: a tenth of the axons; these are not the goals' figures")
    print(f"{args.runs} rounds; the median [smallest, largest]")
    print(_FORM.format("goal", "figure", "median", "[min, max]", "must", "aim", ""))
    met = [said(measured) for measurement in chosen for measured in figures_of(measurement, contenders, args)]
    sys.exit(not all(met))


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goal", type=int, action="append", choices=range(1, 13), metavar="N", help="repeatable")
    parser.add_argument("--runs", type=int, help="rounds; 5, or 2 with --quick")
    parser.add_argument("--quick", action="store_true", help="a tenth of the axons, to see that everything works")
    parser.add_argument("--v10", metavar="PYTHON", help="interpreter with bittensor 10.5.0, for goals 1, 4 and 5")
    parser.add_argument("--python", default=sys.executable, help="interpreter with the engine; default: this one")
    parser.add_argument("--all-peers", action="store_true", help="10.5.0 also where it fails (goals 3, 7-10); slow")
    parser.add_argument("--engine-option", action="append", default=[], metavar="NAME=VALUE", help="for the adapter")
    parser.add_argument("--engine-loop", default="adapter", choices=["asyncio", "uvloop", "adapter"])
    parser.add_argument("--json", type=Path, metavar="FILE", help="append every raw sample and every figure")
    args = parser.parse_args()
    args.runs = args.runs or (2 if args.quick else 5)
    return args


def smaller(measurement: FanOut | StartUp) -> FanOut | StartUp:
    """Return it with a tenth of the axons."""
    return replace(measurement, load=measurement.load.smaller()) if isinstance(measurement, FanOut) else measurement


def of_goals(measurement: FanOut | StartUp, goals: Sequence[int] | None) -> FanOut | StartUp:
    """Return the measurement with the figures of the wanted goals."""
    wanted = [figure for figure in measurement.figures if not goals or figure.goal in goals]
    if isinstance(measurement, FanOut):
        wanted = [replace(figure, name=figure.name.format(n=measurement.load.n)) for figure in wanted]
    return replace(measurement, figures=tuple(wanted))


def contenders_of(args: argparse.Namespace) -> dict[Peer, Contender]:
    """Return who can be measured."""
    options = ["--loop", args.engine_loop, *(word for option in args.engine_option for word in ("--option", option))]
    raw = ADAPTERS / "raw_aiohttp.py"
    contenders: dict[Peer, Contender] = {
        "engine": Contender("engine", args.python, ADAPTERS / "engine.py", tuple(options)),
        "aiohttp": Contender("aiohttp", args.python, raw, _PATIENT),
        "aiohttp-100": Contender("aiohttp-100", args.python, raw, (*_PATIENT, "--option", "limit=100")),
    }
    if args.v10:
        contenders["v10"] = Contender("v10", args.v10, ADAPTERS / "v10.py")
    return contenders


def needed(
    measurements: Sequence[FanOut | StartUp], contenders: Mapping[Peer, Contender], *, shown: bool
) -> Iterator[str]:
    """Yield the interpreters; exit if a goal cannot be measured without the one that was not given."""
    yield contenders["engine"].python
    for measurement in measurements:
        if not isinstance(measurement, FanOut):
            continue
        for peer in (*measurement.peers, *(measurement.shown if shown else ())):
            if peer not in contenders:
                goal = measurement.figures[0].goal
                raise SystemExit(f"goal {goal} compares with bittensor 10.5.0: give its interpreter with --v10")
            yield contenders[peer].python


def figures_of(
    measurement: FanOut | StartUp, contenders: Mapping[Peer, Contender], args: argparse.Namespace
) -> list[Measured]:
    """Measure, and read the figures."""
    record = partial(_record, args.json)
    with playing(measurement, contenders, args) as play:
        rounds = Rounds()
        for number in range(args.runs):
            try:
                played = play()
            except MeasuringError as problem:
                rounds.problems.append((problem.who, str(problem)))
                continue
            record({"round": number, "measured": {label: _plain(raw) for label, raw in played.items()}})
            rounds.add(played)
    measured = [Measured(figure, rounds.values(figure), rounds.problems_of(figure)) for figure in measurement.figures]
    return [_recorded(one, record) for one in measured]


@contextmanager
def playing(
    measurement: FanOut | StartUp, contenders: Mapping[Peer, Contender], args: argparse.Namespace
) -> Iterator[Callable[[], dict[str, Any]]]:
    """Yield what plays one round."""
    if isinstance(measurement, StartUp):
        with startup.desk(args.python) as desk:
            yield lambda: startup.measure(desk)
        return
    load = measurement.load
    peers: tuple[Peer, ...] = (*measurement.peers, "engine", *(measurement.shown if args.all_peers else ()))
    shown: set[Peer] = set(measurement.shown)

    def play() -> dict[str, Any]:
        samples: dict[str, Any] = {peer: measure(contenders[peer], load) for peer in peers}
        for peer in shown.intersection(samples):
            _say_beside(samples.pop(peer))
        if load.axons.delay_ms:
            late = samples["engine"].stub["late_us"] / 1000
            print(f"      the stub's answers to the engine left up to {late:.1f} ms late")
        return samples

    yield play


def _say_beside(sample: Sample) -> None:
    cold = sample.cold
    right = f"{sample.ok} of {sample.live} right"
    print(f"      beside it, {sample.contender.label}: {right}, {cold['wall_s']:.2f} s, {cold['cpu_s']:.2f} s CPU")


def said(measured: Measured) -> bool:
    """Print the row; return whether the goal is met."""
    figure = measured.figure
    median = spread = "-"
    if measured.values:
        median = _number(statistics.median(measured.values), figure.unit)
        spread = f"[{_number(min(measured.values))}, {_number(max(measured.values))}]"
    sign = "<=" if figure.at_most else ">="
    bounds = [f"{sign} {bound:g}" for bound in (figure.must, figure.aim)]
    print(_FORM.format(figure.goal, figure.name, median, spread, *bounds, measured.result), flush=True)
    for _, problem in measured.problems[:3]:
        print(f"      {problem}")
    return measured.is_met


def _number(value: float, unit: str = "") -> str:
    return f"{value:.4g}{' ' * (unit not in {'', 'x'})}{unit}"


def _recorded(measured: Measured, record: Callable[[dict[str, Any]], None]) -> Measured:
    figure = measured.figure
    judged = {"values": list(measured.values), "result": measured.result, "problems": list(measured.problems)}
    record({"goal": figure.goal, "figure": figure.name, "must": figure.must, "aim": figure.aim, **judged})
    return measured


def _record(file: Path | None, line: dict[str, Any]) -> None:
    if file:
        with file.open("a") as stream:
            print(json.dumps(line, default=str), file=stream)


def _plain(raw: Sample | list[startup.Cost]) -> Any:
    return [asdict(cost) for cost in raw] if isinstance(raw, list) else asdict(raw)


if __name__ == "__main__":
    main()
