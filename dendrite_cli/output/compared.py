"""Answers side by side: which record is of which group, and what people are told of that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from dendrite_cli import encoding
from dendrite_cli.answers import ABSENT, Group, Likeness, differing, groups
from dendrite_cli.output import safe
from dendrite_cli.output.columns import COLUMNS, Record
from dendrite_cli.output.symbols import Symbols
from dendrite_cli.output.terminal import Terminal

_MOST_GROUPS, _MOST_PLACES = 12, 6
_WIDEST, _SHORTEST, _LONGEST_PLACE = 120, 24, 40
"""Characters of a line, of a value that is cut off, and of the name of a place."""
_BEFORE = 16
"""Of a value, those before the first that differs."""
_INDENT = "    "


def marked(found: Sequence[Record], likeness: Likeness) -> tuple[list[Record], list[Group]]:
    """Return the records with what group their answer is of, and the groups, of positions among them.

    Only whole answers of axons that were ok are compared; the others stay in no group.
    """
    places = [place for place, record in enumerate(found) if record["ok"] and not record["body_truncated"]]
    # as they were selected, whichever came first
    places.sort(key=lambda place: (found[place]["round"], found[place]["index"]))
    together = groups([found[place]["body"] for place in places], likeness)
    known = [Group(tuple(places[member] for member in group.members), group.answer) for group in together]
    of = {place: number for number, group in enumerate(known) for place in group.members}
    clusters = [_cluster(number, known, len(places), likeness) for number in range(len(known))]
    return [
        dict(record) | {"cluster": clusters[of[place]] if place in of else None} for place, record in enumerate(found)
    ], known


def headline(known: Sequence[Group], symbols: Symbols) -> str:
    """Return `10 answers in 3 groups · 7 of 10 agree`."""
    total = sum(len(group.members) for group in known)
    if not total:
        return "no answers to compare"
    answers, kinds = ("1 answer" if total == 1 else f"{total} answers"), len(known)
    most = len(known[0].members)
    agree = f"all {total} agree" if kinds == 1 else f"{most} of {total} agree"
    said = [f"{answers} in {'1 group' if kinds == 1 else f'{kinds} groups'}"]
    said += [agree] if total > 1 else []
    said += ["no majority"] if 2 * most <= total else []
    said += [f"no answer has {safe.text(name)}" for name in _missing(known)]
    return f" {symbols.dot} ".join(said)


def _missing(known: Sequence[Group]) -> Iterator[str]:
    """Yield the fields that are compared and that no answer has."""
    first = known[0].answer
    for name in first if isinstance(first, Mapping) else ():
        if all(isinstance(group.answer, Mapping) and group.answer.get(name) is ABSENT for group in known):
            yield str(name)


def say(
    terminal: Terminal, known: Sequence[Group], names: Sequence[str], likeness: Likeness, *, noun: str = "axon"
) -> None:
    """Say which answers there are, who gave them, and where they differ from what most axons said."""
    room = min(terminal.err.width or _WIDEST, _WIDEST) - 1
    terminal.say(headline(known, terminal.symbols))
    for number, group in enumerate(known[:_MOST_GROUPS], 1):
        axons = f"1 {noun}" if len(group.members) == 1 else f"{len(group.members)} {noun}s"
        who = _who([names[member] for member in group.members], room - len(axons) - 6)
        terminal.say()
        terminal.say(f" {number}  {terminal.paint(axons, 'bold', stderr=True)}  {who}")
        inner = _Room(terminal, room - len(_INDENT))
        for line in _answer(group, inner) if number == 1 else _difference(known[0], group, inner, likeness):
            terminal.say(f"{_INDENT}{line}")
    if len(known) > _MOST_GROUPS:
        terminal.say(f"and {len(known) - _MOST_GROUPS} other groups")


def name(record: Record) -> str:
    """Return by what people know an axon on a screen: its uid, or else its endpoint."""
    uid = COLUMNS["uid"].value(record)
    return f"uid {uid}" if uid is not None else safe.text(str(COLUMNS["endpoint"].value(record)))


def _cluster(number: int, known: Sequence[Group], total: int, likeness: Likeness) -> dict[str, object]:
    group = known[number]
    return {
        "group": number + 1,
        "size": len(group.members),
        "of": total,
        "majority": 2 * len(group.members) > total,
        "differs": [path for path, _, _ in islice(differing(known[0].answer, group.answer, likeness), _MOST_PLACES)],
    }


def _who(names: Sequence[str], room: int) -> str:
    """Return as many names as have room, and how many others there are."""
    shown: list[str] = []
    for place, name in enumerate(names):
        rest = len(names) - place - 1
        more = f" and {rest} more" if rest else ""
        if shown and len(", ".join([*shown, name])) + len(more) > room:
            return f"{', '.join(shown)} and {len(names) - place} more"
        shown.append(name)
    return ", ".join(shown)


def _answer(group: Group, room: "_Room") -> Iterator[str]:
    """Yield the answer of most axons, a field a line."""
    if not isinstance(group.answer, Mapping) or not group.answer:
        yield room.shown("", group.answer)
        return
    for key, value in islice(group.answer.items(), _MOST_PLACES):
        yield room.shown(f"{safe.text(str(key))}: ", value)
    if len(group.answer) > _MOST_PLACES:
        yield f"and {len(group.answer) - _MOST_PLACES} other fields"


def _difference(most: Group, other: Group, room: "_Room", likeness: Likeness) -> Iterator[str]:
    """Yield a line for each side of every place where the answers differ."""
    found = list(differing(most.answer, other.answer, likeness))
    for path, ours, theirs in found[:_MOST_PLACES]:
        place = safe.text(path.removeprefix("body.") if path != "body" else "answer", limit=_LONGEST_PLACE)
        start = _first_difference(_written(ours), _written(theirs))
        for sign, value, style in (("-", ours, "red"), ("+", theirs, "green")):
            if value is not ABSENT:
                yield room.terminal.paint(room.shown(f"{sign} {place}: ", value, start), style, stderr=True)
    if len(found) > _MOST_PLACES:
        yield f"and {len(found) - _MOST_PLACES} other places"


def _written(value: object) -> str:
    return "" if value is ABSENT else safe.text(encoding.dumps(value))


def _first_difference(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)


@dataclass(frozen=True, slots=True)
class _Room:
    """Where a line may be so many characters long."""

    terminal: Terminal
    columns: int

    def shown(self, label: str, value: object, start: int = 0) -> str:
        """Return a value on a line, from shortly before the character where it begins to differ."""
        text = _written(value)
        length = max(self.columns - len(label), _SHORTEST)
        if len(text) <= length:
            return label + text
        ellipsis = self.terminal.symbols.ellipsis
        length -= 2 * len(ellipsis)
        begin = max(min(start - _BEFORE, len(text) - length), 0)
        cut = ellipsis if begin + length < len(text) else ""
        return f"{label}{ellipsis if begin else ''}{text[begin : begin + length]}{cut}"
