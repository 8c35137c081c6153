"""What a shell offers on Tab, without loading what the commands themselves need: Typer alone would take too long.

The commands and their options are read from `grammar.json`, which `python -m dendrite_cli.cli.reference` writes from
their declarations. A shell calls `dendrite _complete words WORD...` with what stands before the cursor and gets, in
the first line, `plain`, `files` or `dirs` and the word that is being completed, then a value and what it means a line.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dendrite_cli.cli.completions import Asked, Offers, offers

NAME = "_complete"
GRAMMAR = f"{os.path.dirname(__file__)}/grammar.json"  # noqa: PTH120 - pathlib is not loaded
_OWN = ("files", "dirs")
"""What shells complete better themselves."""

Tree: TypeAlias = dict[str, Any]


@dataclass
class _State:
    """How far a command line has been understood."""

    path: str = ""
    given: dict[str, str] = field(default_factory=dict)
    places: int = 0
    """How many arguments there are."""
    pending: Tree | None = None
    """The option whose value comes next."""
    literal: bool = False
    """Whether -- was there."""


def main(arguments: Sequence[str]) -> int:
    """Print the answer to a shell; whatever goes wrong, nobody would want to read of it while typing."""
    try:
        words = _split(arguments[1]) if arguments[:1] == ["line"] else list(arguments[1:])
        how, found = complete(words or [""])
        lines = [f"{how}\t{words[-1] if words else ''}", *(f"{value}\t{about}" for value, about in found)]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001 - see above
        return 1
    return 0


def complete(words: Sequence[str]) -> tuple[str, Offers]:
    """Return how the last of the words after the program's name is completed, and by what."""
    with open(GRAMMAR, encoding="utf-8") as stream:  # noqa: PTH123
        tree: Tree = json.load(stream)
    state = _State()
    for word in words[:-1]:
        _take(word, state, tree)
    return _values(words[-1], state, tree[state.path])


def _take(word: str, state: _State, tree: Tree) -> None:
    """Understand one word."""
    here = tree[state.path]
    if state.pending is not None:
        state.given[state.pending["long"]] = word
        state.pending = None
    elif state.literal or not word.startswith("-") or word == "-":
        below = f"{state.path} {word}".strip()
        if here["commands"] and below in tree:
            state.path = below
        else:
            state.places += 1
    elif word == "--":
        state.literal = True
    else:
        _take_option(word, state, here)


def _take_option(word: str, state: _State, here: Tree) -> None:
    name, equals, value = word.partition("=")
    if not word.startswith("--"):
        name, value = word[:2], word[2:]
    option = _named(name, here)
    if option is None:
        return
    state.given[option["long"]] = value
    if not option["flag"] and not (equals or value):
        state.pending = option


def _values(word: str, state: _State, here: Tree) -> tuple[str, Offers]:
    if state.pending is not None:
        return _of(state.pending, word, state)
    if not state.literal and word.startswith("--") and "=" in word:
        name, _, value = word.partition("=")
        option = _named(name, here)
        how, found = _of(option, value, state) if option else ("plain", [])
        return how, [(f"{name}={part}", about) for part, about in found]
    if not state.literal and word.startswith("-"):
        return "plain", _options(word, state, here)
    if here["commands"]:
        return "plain", [(name, about) for name, about in here["commands"].items() if name.startswith(word)]
    places = here["arguments"]
    if places and (state.places < len(places) or places[-1]["many"]):
        how, found = _of(places[min(state.places, len(places) - 1)], word, state)
        if found or how in _OWN:
            return how, found
    return "plain", [] if word or state.literal else _options("--", state, here)


def _of(part: Tree, word: str, state: _State) -> tuple[str, Offers]:
    """Return the values of an option or an argument."""
    if part["choices"]:
        return "plain", [(choice, "") for choice in part["choices"] if choice.startswith(word)]
    if part["source"] in _OWN:
        return part["source"], []
    return "plain", offers(part["source"], Asked(word, state.given))


def _options(word: str, state: _State, here: Tree) -> Offers:
    return [
        (name, option["help"])
        for option in here["options"]
        if option["many"] or option["long"] not in state.given
        for name in option["names"]
        if name.startswith(word) and (name.startswith("--") or word == name)
    ]


def _named(name: str, here: Tree) -> Tree | None:
    option: Tree
    for option in here["options"]:
        if name in option["names"]:
            return option
    return None


def _split(line: str) -> list[str]:
    """Return the words of a line after its first, as a shell would, however unfinished the line is."""
    import shlex

    for end in ("", "'", '"'):
        try:
            words = shlex.split(line + end)
        except ValueError:
            continue
        return words[1:] if end or not line[-1:].isspace() else [*words[1:], ""]
    return line.split()[1:]
