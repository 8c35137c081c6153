"""What an axon costs as work grows: more axons, larger bodies; tables, and curves in docs/plots.

    python benchmarks/curves.py --v10 V10
    python benchmarks/curves.py --v10 V10 --quick --runs 1

Contenders take turns within a round; a figure is the median over the rounds. matplotlib draws the curves.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import (
    ADAPTERS,
    Contender,
    Load,
    MeasuringError,
    Sample,
    cold_cpu,
    cold_wall,
    measure,
    versions,
    warm_cpu,
)

PLOTS = Path(__file__).resolve().parent.parent / "docs" / "plots"
_AXONS = (1, 16, 256, 2_000, 10_000, 30_000)
_BODIES = {"small": (100, 256), "text10k": (10 * 2**10, 256), "text1m": (2**20, 64), "text16m": (16 * 2**20, 8)}
"""Bytes, and how many axons are sent so much."""
_MOST = {"10.5.0": 2_000, "10.5.0, cached schema": 2_000}
"""Axons beyond which bittensor's Dendrite loses what it asks."""
_MOST_BYTES = {"10.5.0": 2**20, "10.5.0, cached schema": 2**20}

Point = Sequence[Sample]
Curves = dict[str, dict[int, list[Sample]]]
"""By contender, then by the number of axons or of bytes: a sample of each round."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is read from a sample."""

    name: str
    unit: str
    of: Callable[[Sample], float]


QUANTITIES = (
    Quantity("CPU per axon, cold", "us", lambda sample: cold_cpu(sample) / int(sample.worker["n"]) * 1e6),
    Quantity("CPU per axon, warm", "us", lambda sample: warm_cpu(sample) / int(sample.worker["n"]) * 1e6),
    Quantity("wall, cold", "s", cold_wall),
    Quantity("peak memory per axon", "kB", lambda sample: float(sample.worker["peak_kb_per_axon"])),
)


def main() -> None:
    """Measure, print and draw."""
    options = arguments()
    contenders = _contenders(options)
    for python in dict.fromkeys(contender.python for contender in contenders):
        print(versions(python))
    sizes = [count for count in _AXONS if not options.quick or count <= max(_AXONS) // 10]
    axons = {count: Load(count, reps=2) for count in sizes}
    bodies = {
        size: Load(max(1, count // (10 if options.quick else 1)), body, reps=2)
        for body, (size, count) in _BODIES.items()
    }
    by_axons = _measured(contenders, axons, _MOST, options.runs)
    by_bodies = _measured(contenders, bodies, _MOST_BYTES, options.runs)
    for what, curves, loads in (("axons", by_axons, axons), ("bytes", by_bodies, bodies)):
        for quantity in QUANTITIES:
            _table(what, quantity, curves, loads)
    if options.json:
        told = {"axons": _told(by_axons), "bytes": _told(by_bodies)}
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    if not options.quick:
        _draw("axons", QUANTITIES[0], by_axons)
        _draw("axons", QUANTITIES[3], by_axons)
        _draw("bytes", QUANTITIES[0], by_bodies)


def arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--v10", metavar="PYTHON", help="of an environment with bittensor 10.5.0")
    parser.add_argument("--runs", type=int, default=3, help="rounds")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, and no plots: does it all work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
    return parser.parse_args()


def _contenders(options: argparse.Namespace) -> list[Contender]:
    named = [
        Contender("dendrite", sys.executable, ADAPTERS / "engine.py"),
        Contender("aiohttp", sys.executable, ADAPTERS / "raw_aiohttp.py"),
        Contender("pycurl", sys.executable, ADAPTERS / "pycurl_multi.py"),
        Contender("pyreqwest", sys.executable, ADAPTERS / "reqwest.py"),
    ]
    if options.v10:
        named.append(Contender("10.5.0", options.v10, ADAPTERS / "v10.py"))
        named.append(Contender("10.5.0, cached schema", options.v10, ADAPTERS / "v10_cached.py"))
    return [contender for contender in named if _is_there(contender)]


def _is_there(contender: Contender) -> bool:
    """Say whether it can be measured here; an engine that is not installed is named and left out."""
    try:
        measure(contender, Load(1, reps=1))
    except MeasuringError as problem:
        print(f"{contender.label} is left out: {str(problem).splitlines()[-1]}")
        return False
    return True


def _measured(contenders: Sequence[Contender], loads: Mapping[int, Load], most: Mapping[str, int], runs: int) -> Curves:
    curves: Curves = {contender.label: {} for contender in contenders}
    for size, load in loads.items():
        for _ in range(runs):
            for contender in contenders:
                if size <= most.get(contender.label, size):
                    _add(curves[contender.label].setdefault(size, []), contender, load)
    return {label: {size: found for size, found in points.items() if found} for label, points in curves.items()}


def _add(samples: list[Sample], contender: Contender, load: Load) -> None:
    """Add a sample; one whose answers were wrong is no figure, and says so."""
    try:
        sample = measure(contender, replace(load))
    except MeasuringError as problem:
        print(problem)
        return
    if sample.failure:
        print(sample.failure)
        return
    samples.append(sample)


def _table(what: str, quantity: Quantity, curves: Curves, loads: Mapping[int, Load]) -> None:
    print(f"\n{quantity.name}, {quantity.unit}, by {what}\n")
    print("|  |" + "".join(f" {size:,} |" for size in loads))
    print("| --- |" + " --- |" * len(loads))
    for label, points in curves.items():
        cells = [_cell(quantity, points.get(size)) for size in loads]
        print(f"| {label} |" + "".join(f" {cell} |" for cell in cells), flush=True)


def _cell(quantity: Quantity, samples: Point | None) -> str:
    if not samples:
        return "-"
    value = statistics.median(map(quantity.of, samples))
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - three digits tell enough


def _told(curves: Curves) -> dict[str, dict[int, dict[str, float]]]:
    return {
        label: {
            size: {quantity.name: statistics.median(map(quantity.of, samples)) for quantity in QUANTITIES}
            for size, samples in points.items()
        }
        for label, points in curves.items()
    }


def _draw(what: str, quantity: Quantity, curves: Curves) -> None:
    """Draw a curve of each contender, legible on a light and on a dark page."""
    try:
        import matplotlib as mpl
    except ImportError:
        print("matplotlib is not installed: no plots")
        return
    mpl.use("svg")
    from matplotlib import pyplot as plt

    grey = "#808890"
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "dendrite", "font.size": 11, "text.color": grey})
    figure, axes = plt.subplots(figsize=(7.2, 4.2))
    for number, (label, points) in enumerate(curves.items()):
        values = [statistics.median(map(quantity.of, points[size])) for size in points]
        style = {"linewidth": 2.6 if number == 0 else 1.6, "color": f"C{number}"}
        axes.plot(list(points), [max(value, 0.01) for value in values], marker="o", label=label, **style)
    axes.set(xscale="log", yscale="log", xlabel=what, ylabel=f"{quantity.name} ({quantity.unit})")
    axes.tick_params(colors=grey, which="both")
    axes.xaxis.label.set_color(grey)
    axes.yaxis.label.set_color(grey)
    axes.grid(color=grey, alpha=0.25)
    for spine in axes.spines.values():
        spine.set_color(grey)
    axes.legend(frameon=False, labelcolor=grey)
    PLOTS.mkdir(parents=True, exist_ok=True)
    name = f"{quantity.name.split(',')[0].replace(' ', '-').lower()}-by-{what}.svg"
    figure.savefig(PLOTS / name, transparent=True, metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)
    print(f"drew {name}")


if __name__ == "__main__":
    main()
