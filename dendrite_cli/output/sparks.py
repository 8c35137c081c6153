"""Small pictures of durations: a sparkline of the latest, and a histogram of all."""

from collections.abc import Iterator, Sequence
from math import floor, log10

from dendrite_cli.output.symbols import Symbols

_STEPS, _ASCII_STEPS = "▁▂▃▄▅▆▇█", "_.-=+*#@"
_MOST_BINS, _LONGEST_BAR = 10, 40
_NICE = (1, 2, 5, 10)
_SHARE = 0.95
"""Of the durations, that the bins are laid out for; slower ones share the last."""


def sparkline(values: Sequence[float | None], symbols: Symbols) -> str:
    """Return a character for each duration, higher for longer; None, which is one that failed, is marked."""
    steps = _ASCII_STEPS if symbols.ellipsis.isascii() else _STEPS
    known = [value for value in values if value is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)
    span = (most - least) or 1.0

    def step(value: float | None) -> str:
        return symbols.failed if value is None else steps[round((value - least) / span * (len(steps) - 1))]

    return "".join(map(step, values))


def histogram(
    values: Sequence[float], symbols: Symbols, columns: int | None = None, *, unit: str = "ms"
) -> Iterator[str]:
    """Yield a line of so many columns for each bin of the values, all alike but for the last, which may be open."""
    if not values:
        return
    ordered = sorted(values)
    width, first = _bins(ordered)
    counts: dict[int, int] = {}
    for value in ordered:
        place = min(int(value // width) - first, _MOST_BINS - 1)
        counts[place] = counts.get(place, 0) + 1
    most, last = max(counts.values()), max(counts)
    labels = [_label(first + place, width) for place in range(last + 1)]
    if ordered[-1] >= (first + _MOST_BINS) * width:
        labels[-1] = f"{(first + last) * width:g}+"
    room = max(map(len, labels))
    around = len(f" {'':{room}} {unit}   {most} ")
    longest = _LONGEST_BAR if columns is None else max(min(_LONGEST_BAR, columns - around), 1)
    for place, label in enumerate(labels):
        count = counts.get(place, 0)
        bar = symbols.bar[0] * max(round(count / most * longest), count > 0)
        yield f" {label.rjust(room)} {unit}  {f'{bar} {count}' if count else ''}".rstrip()


def _bins(ordered: Sequence[float]) -> tuple[float, int]:
    """Return the width of the bins, a round number, and how many of that lie before the first."""
    typical = ordered[min(int(len(ordered) * _SHARE), len(ordered) - 1)]
    rough = max((typical - ordered[0]) / (_MOST_BINS - 1), typical / 100, 0.001)
    power = 10 ** floor(log10(rough))
    width = next(nice * power for nice in _NICE if nice * power >= rough * (1 - 1e-9))
    return width, int(ordered[0] // width)


def _label(place: int, width: float) -> str:
    return f"{place * width:g}-{(place + 1) * width:g}"
