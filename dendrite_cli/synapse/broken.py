"""What goes wrong in a user's own module, said in one line that points into it.

Any exception may come out of code that we did not write, also one that means to end the program; none of them is a
bug of ours, and all of them are told apart from a module that is not there.
"""

import linecache
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from traceback import walk_tb
from typing import TypeVar

from dendrite_cli.errors import UsageError

_Result = TypeVar("_Result")
_NOT_THEIRS = (
    "<frozen",
    str(Path(__file__).parents[1] / "_")[:-1],
    *(sysconfig.get_path(name) + "/" for name in ("stdlib", "purelib", "platlib")),
)
_LONGEST = 300


class RelativeImportError(UsageError):
    """A file imports its neighbours, and was not loaded as a part of its package."""


def translated(run: Callable[[], _Result], spec: str, *, unless_missing: str | None = None) -> _Result:
    """Run their code; what goes wrong in it is a UsageError that shows where.

    ModuleNotFoundError passes when it means the module `unless_missing` or one that it is in.
    """
    try:
        return run()
    except (KeyboardInterrupt, UsageError):
        raise
    except ModuleNotFoundError as problem:
        if problem.name and unless_missing and f"{unless_missing}.".startswith(f"{problem.name}."):
            raise
        raise (_lacking(problem, spec) if problem.name else _broken(problem, spec)) from None
    except ImportError as problem:
        kind = RelativeImportError if "relative import" in str(problem) else UsageError
        raise _broken(problem, spec, kind) from None
    except BaseException as problem:  # noqa: BLE001 - SystemExit too: a module may end the program when imported
        raise _broken(problem, spec) from None


def without_class(spec: str) -> str:
    """Return the advice to send to the route alone."""
    return f"send without the class: --synapse {spec.rpartition(':')[2].rpartition('.')[2]}"


def _broken(problem: BaseException, spec: str, kind: type[UsageError] = UsageError) -> UsageError:
    return kind(
        f"the module of --synapse {spec} fails when it is imported: {said(problem)}",
        details=_place(problem),
        help=_needs_10(problem) or f"mend it, or {without_class(spec)}",
    )


def _lacking(problem: ModuleNotFoundError, spec: str) -> UsageError:
    return UsageError(
        f"the module of --synapse {spec} imports {problem.name!r}, which is not installed here",
        details=_place(problem),
        help=_needs_10(problem) or f"install it beside dendrite, add --pythonpath DIR, or {without_class(spec)}",
    )


def said(problem: BaseException) -> str:
    """Return an exception's type and the first line of its message."""
    try:
        text = str(problem.msg if isinstance(problem, SyntaxError) else problem).strip()
    except Exception:  # noqa: BLE001 - a class of their own
        text = ""
    first = text.partition("\n")[0][:_LONGEST]
    return f"{type(problem).__name__}: {first}" if first else type(problem).__name__


def _needs_10(problem: BaseException) -> str | None:
    """Return the advice for a name that only bittensor 10 has."""
    missing = isinstance(problem, ImportError) and (problem.name or "").partition(".")[0] == "bittensor"
    return "it needs bittensor 10: run dendrite from an environment that has it" if missing else None


def _place(problem: BaseException) -> tuple[str, ...]:
    """Return the line of theirs that failed, or the deepest one if all of it is installed code."""
    if isinstance(problem, SyntaxError) and problem.filename and problem.lineno:
        lines = [(problem.filename, problem.lineno)]
    else:
        lines = [(frame.f_code.co_filename, number) for frame, number in walk_tb(problem.__traceback__)]
    lines = [line for line in lines if line[0] not in {__file__, sys.modules["importlib"].__file__}]
    theirs = [line for line in lines if not line[0].startswith(_NOT_THEIRS)]
    for file, number in theirs[-1:] or lines[-1:]:
        return (f"at {file}, line {number}: {linecache.getline(file, number).strip()}".removesuffix(": "),)
    return ()
