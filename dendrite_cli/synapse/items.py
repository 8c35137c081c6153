"""Request items as httpie has them: `key=text`, `key:=json`, `key=@file`, `key:=@file`, and paths such as `a[b][0]`."""

import re
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.body import Fields, JsonText, parse_value

_FORMS = "write key=text, key:=json, key=@file, key:=@file; 'a[b][0]:=1' nests, and a backslash escapes"
_SEPARATORS = (":=@", "=@", ":=", "=")
_STEPS = re.compile(r"((?:\\.|[^\\\[\]])*)((?:\[(?:\\.|[^\\\[\]])*\])*)", re.DOTALL)
_STEP = re.compile(r"\[((?:\\.|[^\\\[\]])*)\]", re.DOTALL)
_LONGEST = 1000
"""Entries that an index may add to a list: `a[999999999]` must not fill the memory."""

Step = str | int | None
"""A key, an index, or the end of a list (`[]`)."""


def merge(fields: Fields, items: Sequence[str]) -> Fields:
    """Return `fields` with the value of every item in its place; a later one wins."""
    merged: Fields = deepcopy(fields)
    for item in items:
        steps, value = _parse(item)
        _put(merged, steps, value, item)
    return merged


def _parse(item: str) -> tuple[list[Step], Any]:
    at, separator = _separator(item)
    steps = _path(item[:at], item)
    given = item[at + len(separator) :]
    from_file = separator.endswith("@")
    source = JsonText(_read(given, item), given) if from_file else JsonText(given, f"item {item[:60]!r}")
    return steps, parse_value(source) if separator.startswith(":") else source.text


def _separator(item: str) -> tuple[int, str]:
    """Return the first separator that no backslash escapes, and where it stands."""
    at = 0
    while at < len(item):
        if item[at] == "\\":
            at += 2
            continue
        for separator in _SEPARATORS:
            if item.startswith(separator, at):
                return at, separator
        at += 1
    raise UsageError(f"the item {item!r} has no value", help=_FORMS)


def _path(text: str, item: str) -> list[Step]:
    form = _STEPS.fullmatch(text)
    if not form or not form[1]:
        raise UsageError(f"the item {item!r} has no usable key: {text!r}", help=_FORMS)
    return [_unescaped(form[1]), *(_step(step) for step in _STEP.findall(form[2]))]


def _step(text: str) -> Step:
    if not text:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else _unescaped(text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\=:@\[\]])", r"\1", text)


def _read(name: str, item: str) -> str:
    try:
        return Path(name).expanduser().read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "not a UTF-8 text file").lower()
        raise UsageError(f"cannot read {name!r} of the item {item!r}: {reason}") from None


def _put(fields: Fields, steps: Sequence[Step], value: object, item: str) -> None:
    holder: Any = fields
    for step, following in pairwise(steps):
        inner = _child(holder, step)
        if inner is None:
            inner = {} if isinstance(following, str) else []
            _set(holder, step, inner, item)
        if not isinstance(inner, dict if isinstance(following, str) else list):
            raise UsageError(
                f"the item {item!r} does not fit what stands at {step!r}: a JSON {type(inner).__name__}", help=_FORMS
            )
        holder = inner
    _set(holder, steps[-1], value, item)


def _child(holder: Any, step: Step) -> Any:
    if isinstance(holder, dict):
        return holder.get(step)
    return holder[step] if isinstance(step, int) and step < len(holder) else None


def _set(holder: Any, step: Step, value: object, item: str) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif step is None:
        holder.append(value)
    elif isinstance(step, int):
        missing = step - len(holder) + 1
        if missing > _LONGEST:
            raise UsageError(f"the item {item!r} skips {missing - 1} entries of a list", help=_FORMS)
        holder.extend([None] * missing)
        holder[step] = value
