"""Contenders side by side: each in turn, round after round, and ratios of neighbours only.

A shared machine is not equally fast all the time. What ran in the same round ran under the same conditions, so ratios
are taken within a round and the median over the rounds.
"""

import argparse
import json
import shlex
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from measuring import (
    Contender,
    Load,
    MeasuringError,
    Sample,
    cold_cpu,
    cold_wall,
    measure,
    versions,
    warm_cpu,
    warm_wall,
)
from stub import Behaviour

_HEAD = (
    f"{'':16} | {'cold rps':>8} {'x':>6} {'cpu us':>8} {'x':>6} | {'warm rps':>8} {'x':>6} {'cpu us':>8} {'x':>6} "
    f"| {'ok %':>5} {'peak kB':>8} {'kept kB':>8} {'conns':>6} {'stub us':>7}"
)


def main() -> None:
    """Measure and print one line per contender."""
    args = arguments()
    contenders = [contender(text) for text in args.contender]
    axons = Behaviour(args.delay, args.blackholes)
    load = Load(args.n, args.body, args.reps, args.timeout, axons, args.nofile)
    for python in dict.fromkeys(contender.python for contender in contenders):
        print(f"{python}: {versions(python)}")
    rounds = [[measured(contender, load, args.json) for contender in contenders] for _ in range(args.runs)]
    print(f"{args.runs} rounds of {load}; x is the paired median ratio to {contenders[0].label}, larger is better")
    print(_HEAD)
    for number, contender_ in enumerate(contenders):
        print(row(contender_.label, [(samples[0], samples[number]) for samples in rounds]))


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contender", nargs="+", metavar="LABEL='PYTHON ADAPTER [worker options]'")
    parser.add_argument("--runs", type=int, default=5, help="rounds")
    parser.add_argument("--n", type=int, default=256, help="axons")
    parser.add_argument("--body", default="small", choices=["small", "text10k", "text1m", "text16m", "empty", "floats"])
    parser.add_argument("--reps", type=int, default=3, help="repetitions in one process; the first is cold")
    parser.add_argument("--timeout", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--delay", type=int, default=0, metavar="MS", help="each answer comes so much later")
    parser.add_argument("--blackholes", type=int, default=0, metavar="PERCENT", help="so many are never answered")
    parser.add_argument("--nofile", type=int, help="ulimit -n")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append every sample")
    return parser.parse_args()


def contender(text: str) -> Contender:
    """Return what LABEL='PYTHON ADAPTER [worker options]' names."""
    label, _, command = text.partition("=")
    python, adapter, *options = shlex.split(command)
    return Contender(label, python, Path(adapter), tuple(options))


def measured(contender: Contender, load: Load, file: Path | None) -> Sample | None:
    """Return a sample; None, and say so, if the process failed."""
    try:
        sample = measure(contender, load)
    except MeasuringError as problem:
        print(problem)
        return None
    if file:
        with file.open("a") as stream:
            print(json.dumps(asdict(sample), default=str), file=stream)
    return sample


def row(label: str, pairs: Sequence[tuple[Sample | None, Sample | None]]) -> str:
    """Return the line of one contender: (the first contender's sample, its own) per round."""
    paired = [(base, own) for base, own in pairs if base and own]
    if not paired:
        return f"{label:16} | no figures"
    samples = [own for _, own in paired]
    parts = [f"{label:16}", _pace(paired, cold_wall, cold_cpu)]
    parts.append(_pace(paired, warm_wall, warm_cpu) if len(samples[0].worker["reps"]) > 1 else " " * 31)
    right = 100 * sum(sample.ok for sample in samples) / sum(sample.live for sample in samples)
    peak = _median(samples, lambda sample: sample.worker["peak_kb_per_axon"])
    kept = _median(samples, lambda sample: sample.worker["kept_kb_per_axon"])
    connections = _median(samples, lambda sample: sample.stub["max_open"])
    stub_us = _median(samples, lambda sample: sample.stub["cpu_s"] / max(1, sample.stub["requests"]) * 1e6)
    return " | ".join([*parts, f"{right:5.1f} {peak:8.2f} {kept:8.2f} {connections:6.0f} {stub_us:7.1f}"])


def _pace(
    pairs: Sequence[tuple[Sample, Sample]], wall: Callable[[Sample], float], cpu: Callable[[Sample], float]
) -> str:
    """Return right answers per second and CPU for each; ratios only of rounds whose answers were all right."""
    samples = [own for _, own in pairs]
    rps = _median(samples, lambda sample: sample.worker["n"] * _right_share(sample) / wall(sample))
    us = _median(samples, lambda sample: cpu(sample) / max(1, sample.worker["n"] * _right_share(sample)) * 1e6)
    fair = [(base, own) for base, own in pairs if base.failure is None and own.failure is None]
    if not fair:
        return f"{rps:8.0f} {'-':>6} {us:8.1f} {'-':>6}"
    by_wall = statistics.median(wall(base) / wall(own) for base, own in fair)
    by_cpu = statistics.median(cpu(base) / cpu(own) for base, own in fair)
    return f"{rps:8.0f} {by_wall:6.2f} {us:8.1f} {by_cpu:6.2f}"


def _right_share(sample: Sample) -> float:
    return sample.ok / sample.asked


def _median(samples: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    return statistics.median(map(of, samples))


if __name__ == "__main__":
    main()
