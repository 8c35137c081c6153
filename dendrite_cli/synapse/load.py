"""`pkg.mod:Class`, `./file.py:Class` or a bare route: from what the user names to what is asked."""

import importlib
import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, RootModel

from dendrite_cli.errors import UsageError
from dendrite_cli.model import ENVELOPE
from dendrite_cli.synapse import broken, importing, shim
from dendrite_cli.synapse.discover import classes

PRIVATE = "dendrite_file_"
"""How the names of modules begin that were loaded from a file and not found by name."""

_ROUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FORMS = "write pkg.mod:Class, ./file.py:Class, or a bare route name"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is asked: a route, and its class where one is known."""

    name: str
    cls: type[BaseModel] | None = None
    spec: str | None = None
    """As the user wrote it, to be repeated in advice."""


def load(spec: str, pythonpath: Sequence[Path] = ()) -> Loaded:
    """Return what `spec` names; raise UsageError that says what could not be found, and where it was looked for."""
    if ":" in spec or "/" in spec or spec.endswith(".py"):
        return load_class(spec, pythonpath)
    if "." in spec.strip("."):
        raise UsageError(f"--synapse {spec} names a module and no class", help=f"write {spec}:Class")
    if not _ROUTE.fullmatch(spec):
        raise UsageError(f"--synapse {spec!r} is neither a class nor a route", help=_FORMS)
    return Loaded(spec, spec=spec)


def load_class(spec: str, pythonpath: Sequence[Path] = ()) -> Loaded:
    """Return the class that `spec` names; a bare route is not enough."""
    place, colon, path = spec.rpartition(":")
    if not colon or not place or not path:
        meant = [known for known in classes(as_file=True) if known.rpartition(":")[2] == spec]
        raise UsageError(
            f"{spec!r} names no class", help=f"write pkg.mod:Class or ./file.py:Class{f': {meant[0]}' if meant else ''}"
        )
    with importing.guarded(pythonpath):
        shim.install()
        module = _from_file(place, spec) if _is_file(place) else _from_name(place, spec, pythonpath)
        cls = _found_in(module, path, spec)
        if not isinstance(cls, type) or not issubclass(cls, BaseModel) or issubclass(cls, RootModel):
            raise UsageError(
                f"{path!r} in {place} is not a synapse class (from --synapse {spec})",
                details=_offers(module),
                help="a synapse is a bittensor Synapse or any pydantic model with fields",
            )
        broken.translated(cls.model_rebuild, spec)
    return Loaded(cls.__name__, cls, spec)


def is_synapse(cls: type[BaseModel]) -> bool:
    """Say whether a class carries the v10 envelope: bittensor 10's and ours do, other pydantic models do not."""
    return set(ENVELOPE) <= set(cls.model_fields)


def _is_file(place: str) -> bool:
    return place.endswith(".py") or "/" in place


def _from_name(name: str, spec: str, pythonpath: Sequence[Path]) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} is not the name of a module (from --synapse {spec})", help=_FORMS)
    try:
        return broken.translated(lambda: importlib.import_module(name), spec, unless_missing=name)
    except ModuleNotFoundError as problem:
        searched = ", ".join(map(str, pythonpath)) or "none"
        raise UsageError(
            f"no module named {problem.name!r} (from --synapse {spec})",
            details=(f"searched: the current directory, --pythonpath ({searched}), this environment's site-packages",),
            help=f"run from your subnet's repository, add --pythonpath DIR, or {broken.without_class(spec)}",
        ) from None


def _from_file(place: str, spec: str) -> ModuleType:
    """Load a file under a name of its own, so that it takes no other module's place."""
    path = Path(place).expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"no file {place!r} (from --synapse {spec})", help=_FORMS)
    importing.append(path.parent)
    try:
        return broken.translated(lambda: _execute(path), spec)
    except broken.RelativeImportError:
        if not (path.parent / "__init__.py").is_file():
            raise
        return broken.translated(lambda: _from_package(path), spec)


def _execute(path: Path) -> ModuleType:
    name = f"{PRIVATE}{sha256(str(path).encode()).hexdigest()[:8]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path.name} is not a Python file", help=_FORMS)
    module = importlib.util.module_from_spec(specification)
    # pydantic looks the annotations of a class up in its module
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _from_package(path: Path) -> ModuleType:
    """Import a file that imports its neighbours: as a part of its package."""
    root, parts = path.parent, [] if path.stem == "__init__" else [path.stem]
    while (root / "__init__.py").is_file() and root != root.parent:
        parts.insert(0, root.name)
        root = root.parent
    importing.append(root)
    module = importlib.import_module(".".join(parts))
    found = getattr(module, "__file__", None)
    if found is None or Path(found).resolve() != path:
        raise ImportError(f"its package {parts[0]!r} has the name of another that is installed")
    return module


def _found_in(module: ModuleType, path: str, spec: str) -> object:
    found: object = module
    for part in path.split("."):
        found = broken.translated(partial(getattr, found, part, None), spec)
    if found is not None:
        return found
    offers = _synapses(module)
    near = get_close_matches(path, offers, n=1) or get_close_matches(path, dir(module), n=1)
    raise UsageError(
        f"no class {path!r} in {spec.rpartition(':')[0]} (from --synapse {spec})",
        details=(f"looked in: {getattr(module, '__file__', None) or 'a built-in module'}", *_offers(module)),
        help=f"did you mean {near[0]}?" if near else _FORMS,
    )


def _synapses(module: ModuleType) -> list[str]:
    return [
        name
        for name, item in vars(module).items()
        if isinstance(item, type)
        and issubclass(item, BaseModel)
        and is_synapse(item)
        and name not in {"Synapse", "StreamingSynapse"}
    ]


def _offers(module: ModuleType, most: int = 12) -> tuple[str, ...]:
    names = _synapses(module)
    shown = ", ".join(names[:most]) + ", ..." * (len(names) > most)
    return (f"synapse classes there: {shown}",) if names else ()
