"""Which answers are alike: groups of equal ones, which of them most axons gave, and where the others differ.

Pure, and about plain JSON values. Numbers may be told apart by a tolerance, and answers by some of their fields only.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

_TOLERANCE = re.compile(r"(\d+(?:\.\d+)?(?:e-?\d+)?|\.\d+)(%?)", re.ASCII | re.IGNORECASE)
_WHOLE = "body"


class _Absent:
    """What an answer has where it has nothing; it equals itself alone."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Likeness:
    """When two answers are alike."""

    fields: tuple[tuple[str, ...], ...] = ()
    """What is compared, as keys down into the answer; empty for all of it."""
    tolerance: float = 0.0
    """How far apart two equal numbers may be: as they are, or as a share of the larger one."""
    relative: bool = False

    @classmethod
    def parse(cls, fields: str | None = None, tolerance: str | None = None) -> "Likeness":
        """Return what `answer,meta.score` and `0.01` or `1%` ask for; raise ValueError for anything else."""
        names = [name.strip().removeprefix(f"{_WHOLE}.") for name in (fields or "").split(",")] if fields else []
        if not all(all(name.split(".")) for name in names):
            raise ValueError(f"{fields!r} names no fields; write answer or answer,meta.score")
        keys = tuple(tuple(name.split(".")) for name in dict.fromkeys(names))
        if tolerance is None:
            return cls(keys)
        found = _TOLERANCE.fullmatch(tolerance)
        if found is None:
            raise ValueError(f"{tolerance!r} is no tolerance; write 0.01, or 1% of the larger number")
        return cls(keys, float(found[1]) / (100 if found[2] else 1), relative=bool(found[2]))

    def seen(self, answer: object) -> object:
        """Return what of an answer is compared."""
        if not self.fields:
            return answer
        return {".".join(keys): _at(answer, keys) for keys in self.fields}

    def near(self, one: float, other: float) -> bool:
        """Say whether two numbers count as equal."""
        if one == other or (one != one and other != other):  # noqa: PLR0124 - what NaN alone is
            return True
        try:
            apart, largest = abs(one - other), max(abs(one), abs(other))
            return isfinite(apart) and apart <= self.tolerance * (largest if self.relative else 1)
        except OverflowError:  # an integer beyond all floats
            return False


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that are alike."""

    members: tuple[int, ...]
    """Positions among all answers."""
    answer: object
    """What is compared of the first of them, which stands for all."""


def groups(answers: Sequence[object], likeness: Likeness) -> list[Group]:
    """Return the groups of like answers, the largest first, and of two as large the one that began first.

    With a tolerance an answer belongs to the first group whose first answer it is near to: being near is not handed on.
    """
    found: list[tuple[object, list[int]]] = []
    exact: dict[str, list[int]] = {}
    for place, answer in enumerate(answers):
        seen = likeness.seen(answer)
        key = _key(seen)
        members = exact.get(key)
        if members is None and likeness.tolerance:
            members = next((known for first, known in found if alike(first, seen, likeness)), None)
        if members is None:
            members = []
            found.append((seen, members))
        exact[key] = members
        members.append(place)
    found.sort(key=lambda group: -len(group[1]))
    return [Group(tuple(members), answer) for answer, members in found]


def alike(one: object, other: object, likeness: Likeness) -> bool:
    """Say whether two values are equal, but for what the tolerance allows."""
    return next(differing(one, other, likeness), None) is None


def differing(
    one: object, other: object, likeness: Likeness = Likeness(), path: str = _WHOLE
) -> Iterator[tuple[str, object, object]]:
    """Yield where two JSON values differ, as paths such as `body.answer.0`, and what is there in each."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*one, *other]):
            yield from differing(one.get(key, ABSENT), other.get(key, ABSENT), likeness, f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differing(*pair, likeness, f"{path}.{place}")
    elif not _same(one, other, likeness):
        yield path, one, other


def _same(one: object, other: object, likeness: Likeness) -> bool:
    if _is_number(one) and _is_number(other):
        return likeness.near(one, other)  # type: ignore[arg-type]  # the line above
    return type(one) is type(other) and one == other


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at(answer: object, keys: Sequence[str]) -> object:
    for key in keys:
        if isinstance(answer, Mapping):
            answer = answer.get(key, ABSENT)
        elif isinstance(answer, list) and key.isascii() and key.isdigit() and int(key) < len(answer):
            answer = answer[int(key)]
        else:
            return ABSENT
    return answer


def _key(seen: object) -> str:
    """Return a text that is the same for equal values only; 1 and 1.0 are equal, 1 and true are not."""
    return json.dumps(_plain(seen), sort_keys=True, default=repr)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not ABSENT}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
