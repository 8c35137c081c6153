"""A run that failed, on stderr: words for people, one JSON object for programs."""

import os
import re
import traceback
from collections.abc import Sequence
from itertools import pairwise, takewhile

from dendrite_cli.errors import DendriteError, ExitCode


class Reporter:
    """Knows before the run whether a program or a person reads its errors; later stdout is no longer what it was."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._json = _json_mode(arguments)
        self._traceback = _verbosity(arguments) > 1

    @property
    def asks_for_help(self) -> bool:
        """Whether no more than a help page is wanted."""
        return any(argument in {"-h", "--help"} for argument in takewhile(lambda word: word != "--", self._arguments))

    def assume(self, output: str | None) -> None:
        """Learn which output the settings choose, where nothing else does."""
        if output is not None:
            self._json = _json_mode(self._arguments, output)

    def report(self, problem: Exception) -> ExitCode:
        """Print the error and return its exit code. A traceback needs `-vv`, and only a bug has one."""
        if isinstance(problem, DendriteError):
            known = problem
        else:
            if self._traceback:
                traceback.print_exception(problem)
            known = DendriteError(
                f"internal error: {type(problem).__name__}: {problem}",
                help="this is a bug in dendrite; -vv shows where",
            )
        from dendrite_cli.output.terminal import Terminal

        Terminal.detect("auto", os.environ).error(known, as_json=self._json)
        return known.exit_code


def _json_mode(arguments: Sequence[str], otherwise: str = "auto") -> bool:
    """Whether a program reads us: JSON was asked for, or neither stream is a terminal.

    Read off the arguments themselves, because an error in them comes before they are parsed.
    """
    chosen = os.environ.get("DENDRITE_OUTPUT") or otherwise
    for name, value in pairwise([*arguments, ""]):
        if name == "--":
            break
        if name in {"-o", "--output"} and value:
            chosen = value
        elif found := re.fullmatch(r"(?:-o|--output=)(\w+)", name):
            chosen = found[1]
    if chosen == "auto":
        return not (_is_terminal(1) or _is_terminal(2))
    return chosen in {"json", "ndjson"}


def _verbosity(arguments: Sequence[str]) -> int:
    return sum(
        1 if argument == "--verbose" else argument.count("v")
        for argument in arguments
        if argument == "--verbose" or re.fullmatch(r"-v+", argument)
    )


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False
