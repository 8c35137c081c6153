"""`pkg.mod:Class`, `./file.py:Class` or a bare route: from what the user names to what is asked.

A user's module is code that we did not write: it must not print into our data, read our arguments, or stand in for
one of our dependencies. Its directories therefore come last on the import path, after everything of ours is loaded.
"""

import importlib
import importlib.util
import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse import shim

_ROUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FORMS = "write pkg.mod:Class, ./file.py:Class, or a bare route name"
_OURS = ("aiohttp", "rich.console", "typer", "bittensor_wallet")
_OPTIONAL = ("brotli", "brotlicffi", "zstandard", "backports.zstd", "aiodns", "uvloop", "isal", "zlib_ng", "cchardet")
"""What our dependencies look for when they are used: settled before a file of the user's could be found instead."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is asked: a route, and its class where one is known."""

    name: str
    cls: type[BaseModel] | None = None


def load(spec: str, pythonpath: Sequence[Path] = ()) -> Loaded:
    """Return what `spec` names; raise UsageError that says what could not be found, and where it was looked for."""
    if ":" in spec or "/" in spec or spec.endswith(".py"):
        return load_class(spec, pythonpath)
    if "." in spec:
        raise UsageError(f"--synapse {spec} names a module and no class", help=f"write {spec}:Class")
    if not _ROUTE.fullmatch(spec):
        raise UsageError(f"--synapse {spec!r} is neither a class nor a route", help=_FORMS)
    return Loaded(spec)


def load_class(spec: str, pythonpath: Sequence[Path] = ()) -> Loaded:
    """Return the class that `spec` names; a bare route is not enough."""
    place, colon, path = spec.rpartition(":")
    if not colon or not place or not path:
        raise UsageError(f"--synapse {spec!r} names no class", help="write pkg.mod:Class or ./file.py:Class")
    with _importing(pythonpath):
        module = _from_file(Path(place), spec) if _is_file(place) else _from_path(place, spec, pythonpath)
        cls = _found_in(module, path, spec)
    if not isinstance(cls, type) or not issubclass(cls, BaseModel):
        raise UsageError(
            f"{path} in {place} is not a synapse class (from --synapse {spec})",
            details=_offers(module),
            help="a synapse is a bittensor Synapse or any pydantic model",
        )
    return Loaded(cls.__name__, cls)


def is_synapse(cls: type[BaseModel]) -> bool:
    """Say whether a class carries the v10 envelope: bittensor 10's and ours do, other pydantic models do not."""
    return set(ENVELOPE) <= set(cls.model_fields)


def _is_file(place: str) -> bool:
    return place.endswith(".py") or "/" in place


def _from_path(name: str, spec: str, pythonpath: Sequence[Path]) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is not the name of a module (from --synapse {spec})", help=_FORMS)
    try:
        return _run(lambda: importlib.import_module(name), spec)
    except ModuleNotFoundError as problem:
        if problem.name is None or not (name == problem.name or name.startswith(f"{problem.name}.")):
            raise _lacking(problem, spec) from None
        searched = ", ".join(map(str, pythonpath)) or "none"
        raise UsageError(
            f"no module named {problem.name!r} (from --synapse {spec})",
            details=(f"searched: the current directory, --pythonpath ({searched}), this environment's site-packages",),
            help="run from your subnet's repository, add --pythonpath DIR, "
            f"or send without the class: --synapse {spec.rpartition(':')[2].rpartition('.')[2]}",
        ) from None


def _from_file(path: Path, spec: str) -> ModuleType:
    """Load a file under a name of its own, so that it takes no other module's place."""
    if not path.is_file():
        raise UsageError(f"no file {path} (from --synapse {spec})", help=_FORMS)
    sys.path.append(str(path.parent.resolve()))
    try:
        return _run(lambda: _execute(path, f"dendrite_file_{path.stem}"), spec)
    except ModuleNotFoundError as problem:
        raise _lacking(problem, spec) from None
    except _RelativeImportError:
        # a part of a package: then its package has to be there
        root = path.resolve().parent
        parts = [path.stem]
        while (root / "__init__.py").is_file():
            parts.insert(0, root.name)
            root = root.parent
        sys.path.append(str(root))
        return _from_path(".".join(parts), spec, (root,))


class _RelativeImportError(Exception):
    """A file imports its neighbours and was not loaded as a part of its package."""


def _execute(path: Path, name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path} is not a Python file", help=_FORMS)
    module = importlib.util.module_from_spec(specification)
    # pydantic looks the annotations of a class up in its module
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def _run(imported: Any, spec: str) -> ModuleType:
    """Run a user's module; what goes wrong in it is a UsageError that shows where."""
    try:
        module: ModuleType = imported()
    except (KeyboardInterrupt, ModuleNotFoundError, UsageError):
        raise
    except ImportError as problem:
        if "relative import" in str(problem):
            raise _RelativeImportError from problem
        raise _broken(problem, spec) from None
    except BaseException as problem:  # noqa: BLE001 - SystemExit too: a module may end the program when imported
        raise _broken(problem, spec) from None
    return module


def _broken(problem: BaseException, spec: str) -> UsageError:
    at = problem.__traceback__
    frames = []
    while at is not None:
        frames.append(f"{at.tb_frame.f_code.co_filename}, line {at.tb_lineno}")
        at = at.tb_next
    theirs = [frame for frame in frames if "importlib" not in frame and "dendrite_cli/synapse/load" not in frame]
    place = theirs[-1:] or ([f"{problem.filename}, line {problem.lineno}"] if isinstance(problem, SyntaxError) else [])
    return UsageError(
        f"the module of --synapse {spec} fails when it is imported: {type(problem).__name__}: {problem}",
        details=tuple(f"at {frame}" for frame in place),
        help="import it with Python alone to see all of it",
    )


def _lacking(problem: ModuleNotFoundError, spec: str) -> UsageError:
    return UsageError(
        f"the module of --synapse {spec} imports {problem.name!r}, which is not installed here",
        help=f"install it beside dendrite, or send without the class: --synapse {spec.rpartition(':')[2]}",
    )


def _found_in(module: ModuleType, path: str, spec: str) -> object:
    found: Any = module
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            near = get_close_matches(part, dir(found), n=1)
            raise UsageError(
                f"no class {path!r} in {spec.rpartition(':')[0]} (from --synapse {spec})",
                details=_offers(module),
                help=f"did you mean {near[0]}?" if near else _FORMS,
            ) from None
    return found


def _offers(module: ModuleType, most: int = 12) -> tuple[str, ...]:
    names = [
        name
        for name, item in vars(module).items()
        if isinstance(item, type) and issubclass(item, BaseModel) and is_synapse(item) and name != "Synapse"
    ]
    shown = ", ".join(names[:most]) + ", ..." * (len(names) > most)
    return (f"synapse classes there: {shown}",) if names else ()


@contextmanager
def _importing(pythonpath: Sequence[Path]) -> Iterator[None]:
    """Let a user's module be found, and keep it away from our arguments and our stdout."""
    _settle_ours()
    shim.install()
    here = os.getcwd()  # noqa: PTH109 - compared with entries as they stand
    sys.path[:] = [entry for entry in sys.path if entry not in {"", here}]
    sys.path += [str(directory.expanduser().resolve()) for directory in pythonpath] + [here]
    arguments, sys.argv = sys.argv, sys.argv[:1]
    os.environ["BT_NO_PARSE_CLI_ARGS"] = "1"
    try:
        with _stdout_on_stderr(), warnings.catch_warnings():
            # their authors' business; bittensor's deprecated form of hash fields warns at every import
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = arguments


def _settle_ours() -> None:
    """Load what we use, and find out what is missing, while only installed packages can be found."""
    for name in _OURS:
        importlib.import_module(name)
    for name in _OPTIONAL:
        with suppress(ImportError):
            importlib.import_module(name)


@contextmanager
def _stdout_on_stderr() -> Iterator[None]:
    """Send what is printed, by Python or below it, to stderr."""
    kept_stream, sys.stdout = sys.stdout, sys.stderr
    if kept_stream is not None:
        kept_stream.flush()
    try:
        kept = os.dup(1)
    except OSError:
        kept = None
    with suppress(OSError):
        os.dup2(2, 1)
    try:
        yield
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
        sys.stdout = kept_stream
        if kept is not None:
            os.dup2(kept, 1)
            os.close(kept)
