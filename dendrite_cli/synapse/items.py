"""Request items as httpie has them: `key=text`, `key:=json`, `key=@file`, `key:=@file`, and paths such as `a[b][0]`."""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

from dendrite_cli import files
from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.body import DEEPEST, Fields, JsonText, parse_value

_FORMS = "write key=text, key:=json, key=@file, key:=@file; 'a[b][0]:=1' nests, and a backslash escapes"
_AXON = re.compile(r"^(\w+(\+\w+)?://|5[1-9A-HJ-NP-Za-km-z]{46,47}@|@.*$)|:\d{1,5}$")
"""What looks like an axon, or a file of them."""
_SEPARATORS = (":=@", "=@", ":=", "==", "=")
_KEY = r"((?:\\.|[^\\\[\]])*)"
_PATH = re.compile(rf"{_KEY}((?:\[{_KEY}\])*)", re.DOTALL)
_STEP = re.compile(rf"\[{_KEY}\]", re.DOTALL)
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}

Step = str | int | None
"""A key, an index, or the end of a list (`[]`)."""


def merge(fields: Fields, items: Sequence[str], read_file: Callable[[str], bytes] | None = None) -> Fields:
    """Return `fields` with the value of every item in its place; a later one wins. `fields` stay as they are."""
    merged: Fields = deepcopy(fields)
    for item in items:
        key, separator, given = _split(item)
        steps = _steps(key, item)
        from_file = separator.endswith("@")
        text = _text(given, item, read_file or _read_file) if from_file else given
        source = JsonText(text, given if from_file else f"item {_short(item)}")
        _put(merged, steps, parse_value(source) if separator.startswith(":") else text, item)
    return merged


def _split(item: str) -> tuple[str, str, str]:
    """Return key, separator and value; a separator after a backslash is none, and has none in the value."""
    at = 0
    while at < len(item):
        if item[at] == "\\":
            at += 2
            continue
        separator = next((separator for separator in _SEPARATORS if item.startswith(separator, at)), None)
        if separator == "==":
            raise UsageError(f"item {_short(item)} is a query parameter in httpie, and a synapse has none", help=_FORMS)
        if separator:
            return item[:at], separator, _plain(item[at + len(separator) :])
        at += 1
    if item.startswith("@"):
        raise UsageError(f"item {_short(item)} has no key", help=f"a file of targets is given with -a {item}; {_FORMS}")
    meant = f"an axon is given with -a {_short(item)}; " if _AXON.search(item) else ""
    raise UsageError(f"item {_short(item)} has no value", help=f"{meant}{_FORMS}")


def _plain(given: str) -> str:
    """Return a value without the escapes of separators; all others are its own."""
    return re.sub(r"\\(.)", lambda pair: pair[1] if pair[1] in "=:@" else pair[0], given, flags=re.DOTALL)


def _steps(key: str, item: str) -> list[Step]:
    form = _PATH.fullmatch(key)
    if not form or not form[1]:
        raise UsageError(f"item {_short(item)} has no usable key: {_short(key)}", help=_FORMS)
    steps = [_unescaped(form[1]), *(_step(step, item) for step in _STEP.findall(form[2]))]
    if len(steps) > DEEPEST:
        raise UsageError(f"item {_short(item)} nests more than {DEEPEST} deep")
    return steps


def _step(text: str, item: str) -> Step:
    if not text:
        return None
    if re.fullmatch(r"-[0-9]+", text):
        raise UsageError(f"item {_short(item)} has the index {text[:20]}; a list begins at 0", help=_FORMS)
    # more digits than any list has entries
    return int(text[:12]) if re.fullmatch(r"[0-9]+", text) else _unescaped(text)


def _unescaped(key: str) -> str:
    """Return a key without its escapes; a number that begins with one is a key, and no index."""
    return re.sub(r"\\([\\=:@\[\]]|-?[0-9]+$)", r"\1", key)


def _text(name: str, item: str, read_file: Callable[[str], bytes]) -> str:
    try:
        return read_file(name).decode("utf-8-sig")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "not UTF-8 text"
        raise UsageError(f"cannot read {name!r} of item {_short(item)}: {reason[:1].lower()}{reason[1:]}") from None


def _read_file(name: str) -> bytes:
    return files.read(Path(name))


def _put(fields: Fields, steps: Sequence[Step], value: object, item: str) -> None:
    holder: Any = fields
    for step, following in pairwise(steps):
        wanted = dict if isinstance(following, str) else list
        inner = _inner(holder, step)
        if inner is None:
            inner = wanted()
            _set(holder, step, inner, item)
        if not isinstance(inner, wanted):
            raise UsageError(
                f"item {_short(item)} needs {_KINDS[wanted]} at {step!r}, and there is {_KINDS[type(inner)]}",
                help=_FORMS,
            )
        holder = inner
    _set(holder, steps[-1], value, item)


def _inner(holder: Any, step: Step) -> Any:
    if isinstance(holder, dict):
        return holder.get(step)
    return holder[step] if isinstance(step, int) and step < len(holder) else None


def _set(holder: Any, step: Step, value: object, item: str) -> None:
    if isinstance(holder, dict):
        holder[step] = value
    elif step is None or step == len(holder):
        holder.append(value)
    elif isinstance(step, int) and step < len(holder):
        holder[step] = value
    else:
        raise UsageError(f"item {_short(item)} leaves a gap: the list has {len(holder)} entries", help=_FORMS)


def _short(text: str, most: int = 60) -> str:
    return repr(text if len(text) <= most else f"{text[: most - 3]}...")
