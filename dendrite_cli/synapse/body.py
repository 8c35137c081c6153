"""`--json` and request items, from what was typed to the fields of a body; every error points at its place."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, and not in its stubs
from math import isinf
from pathlib import Path
from typing import Any

from dendrite_cli import files
from dendrite_cli.errors import UsageError

_FORMATS = {"json", "ndjson", "table", "csv", "raw", "auto"}
_JSON_OUTPUT = "for JSON output write -o json or -o ndjson; --json is the request body: a file, -, or {...}"
DEEPEST = 200
_SPACE = re.compile(r"[ \t\r\n]*")

Fields = dict[str, Any]
Place = Sequence[str | int]
"""Where in a body something is: keys and indexes from the top."""


@dataclass(frozen=True, slots=True)
class JsonText:
    """JSON as it was given, and where it came from."""

    text: str
    name: str


def read_json(value: str, stdin: Callable[[], bytes]) -> JsonText:
    """Return the body that `--json VALUE` names: the JSON itself, `-` for stdin, or a file."""
    if value.lstrip().startswith(("{", "[")):
        return JsonText(value, "--json")
    if value == "-":
        return JsonText(_decoded(stdin(), "stdin"), "stdin")
    if value.startswith("-"):
        raise UsageError(f"--json has no value before {value!r}", help=_JSON_OUTPUT)
    try:
        content = files.read(Path(value))
    except (OSError, ValueError) as problem:
        reason = (getattr(problem, "strerror", None) or "not a file name").lower()
        mistaken = value in _FORMATS
        raise UsageError(f"cannot read the body {value!r}: {reason}", help=_JSON_OUTPUT if mistaken else None) from None
    return JsonText(_decoded(content, value), value)


def parse(source: JsonText) -> Fields:
    """Return the JSON object that a body is; raise UsageError with line, column and the line itself."""
    if not source.text.strip():
        raise UsageError(f"the body from {source.name} is empty", help="an empty body is {}")
    value = parse_value(source)
    if not isinstance(value, dict):
        raise UsageError(f"the body from {source.name} is not a JSON object", help='a body is {"field": value, ...}')
    return value


def parse_value(source: JsonText) -> Any:
    """Return any JSON value; what bittensor's axons or jq would read otherwise than it looks is refused."""
    try:
        value = json.loads(source.text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
        _check_depth(value)
    except json.JSONDecodeError as problem:
        raise _pointed(source, problem.pos, problem.msg) from None
    except RecursionError:
        raise UsageError(f"unusable JSON in {source.name}: nested too deeply") from None
    except ValueError as problem:
        raise UsageError(f"unusable JSON in {source.name}: {problem}") from None
    return value


def place_in(source: JsonText, place: Place, value: object, *, key: bool = False) -> str | None:
    """Return `line N, column M` of a value in the source, or of its key; None where the source says something else."""
    try:
        entry, at = _find(source.text, place)
        if json.JSONDecoder().raw_decode(source.text, at)[0] != value:
            return None
    except (ValueError, IndexError, KeyError):
        return None
    return _line_and_column(source.text, entry if key else at)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeError:
        raise UsageError(f"the body from {name} is not UTF-8 text") from None


def _unique(pairs: list[tuple[str, Any]]) -> Fields:
    fields: Fields = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"the key {name!r} stands there twice")
        fields[name] = value
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text[:20]} is more than a number can hold")
    return number


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} deep")


def _pointed(source: JsonText, at: int, why: str) -> UsageError:
    start = source.text.rfind("\n", 0, at) + 1
    line = source.text[start:].split("\n", 1)[0]
    left = max(0, at - start - 40)
    shown = line[left : left + 80].replace("\t", " ")
    return UsageError(
        f"broken JSON in {source.name}, {_line_and_column(source.text, at)}: {why[:1].lower()}{why[1:]}",
        details=(shown, " " * (at - start - left) + "^"),
    )


def _line_and_column(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def _find(text: str, place: Place) -> tuple[int, int]:
    """Return where the entry at `place` begins, and its value, by walking over what stands before it."""
    entry = at = _skip(text, 0)
    for part in place:
        entry = at = _skip(text, at + 1)
        for number in range(len(text)):
            found: str | int = number
            if isinstance(part, str):
                found, at = scanstring(text, at + 1, True)
                at = _skip(text, _skip(text, at) + 1)
            if found == part:
                break
            _, at = json.JSONDecoder().raw_decode(text, at)
            at = _skip(text, at)
            if text[at] != ",":
                raise KeyError(part)
            entry = at = _skip(text, at + 1)
    return entry, at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
