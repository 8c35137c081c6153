"""Runs that are removed for good."""

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dendrite_cli.cli.moments import parse_span
from dendrite_cli.cli.reviewing import history_path
from dendrite_cli.cli.sizes import size_of
from dendrite_cli.errors import ExitCode, UsageError
from dendrite_cli.history import prune as room
from dendrite_cli.history.alive import Alive
from dendrite_cli.history.kept import Keep
from dendrite_cli.history.store import reading
from dendrite_cli.output.terminal import Terminal

if TYPE_CHECKING:
    from dendrite_cli.history.store import Db

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stays."""

    keep: Keep
    most: int | None

    @classmethod
    def of(cls, older_than: str | None, keep: int | None, max_size: str | None, days: float, size: str) -> "Wanted":
        """Return what the options say; without any, what stays by itself."""
        if older_than is None and keep is None and max_size is None:
            return cls(Keep(days * _DAY, size_of(size, "--history-size")), None)
        seconds = None if older_than is None else parse_span(older_than, "--older-than")
        return cls(Keep(seconds, None if max_size is None else size_of(max_size, "--max-size")), keep)


def prune(wanted: Wanted, *, yes: bool, quiet: bool, no_input: bool) -> int:
    """Remove what is not to stay, once that is certain."""
    terminal = Terminal.detect("auto", os.environ, quiet=quiet)
    path = history_path()
    with reading(path) as db:
        if db is None:
            terminal.note("no run is kept yet")
            return ExitCode.OK
        with Alive(path) as alive:
            doomed = room.doomed(db, alive, wanted.keep, time.time(), most=wanted.most)
            if not doomed.runs:
                terminal.note("nothing to remove")
            elif yes or _confirmed(terminal, doomed, no_input=no_input):
                _remove(db, doomed)
                terminal.note(f"removed {_several(doomed)}")
            else:
                terminal.note("nothing was removed")
    return ExitCode.OK


def _remove(db: "Db", doomed: room.Doomed) -> None:
    for number in doomed.runs:
        room.remove(db, number)
    room.give_back(db)


def _confirmed(terminal: Terminal, doomed: room.Doomed, *, no_input: bool) -> bool:
    """Ask; raise UsageError where nobody could answer."""
    if no_input or not terminal.input_tty or not terminal.err.tty:
        raise UsageError(f"this would remove {_several(doomed)} for good", help="add --yes to do it")
    sys.stderr.write(f"remove {_several(doomed)} for good? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _several(doomed: room.Doomed) -> str:
    runs = "1 run" if len(doomed.runs) == 1 else f"{len(doomed.runs)} runs"
    results = "1 result" if doomed.results == 1 else f"{doomed.results:,} results"
    return f"{runs} with {results}, about {doomed.size / 1e6:.1f} MB"
