"""bittensor's removed names under SDK 11: a v10 module still loads, with our classes.

`bittensor.Synapse`, `.StreamingSynapse`, `.logging` and the modules `bittensor.core.synapse` and `.stream` are ours
from before a user's import to the end of the process; the installed SDK is run when any other name of it is asked
for, since that costs 0.65 s. Under SDK 10 nothing is touched, and this is never active where dendrite_cli is only
imported as a library.
"""

import importlib.abc
import importlib.machinery
import importlib.metadata
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

from dendrite_cli.synapse.model import StreamingSynapse, Synapse, TerminalInfo

_SDK = "bittensor"
_LAST_WITH_SYNAPSE = 10
_TRACE, _SUCCESS = 5, 21
_LEVELS = {
    "trace": _TRACE,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "success": _SUCCESS,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_ASKED_OF_REAL = {"__all__", "__version__"}
"""The only special names that run the SDK: Python itself asks modules for many that they do not have."""


class Log:
    """bittensor 10's `logging`, as far as synapse modules use it: the standard library's, which does not print."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(_SDK)
        # without a handler of its own, Python prints warnings to stderr
        self._logger.addHandler(logging.NullHandler())

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Return how to log at a level; what else v10's has (`set_debug`, `on`) only sets its printing up."""
        if name.startswith("__"):
            raise AttributeError(name)
        return partial(self._say, _LEVELS[name]) if name in _LEVELS else self._ignore

    def exception(self, *said: object, **_: object) -> None:
        """Log an error with the exception that is being handled."""
        self._say(logging.ERROR, *said, exc_info=True)

    def _say(self, level: int, *said: object, exc_info: object = None, **_: object) -> None:
        # v10's take a prefix and a suffix after the message, the standard library's take arguments to format
        self._logger.log(level, "%s", " ".join(map(str, said)), exc_info=bool(exc_info))

    def _ignore(self, *_: object, **__: object) -> None:
        """Do nothing."""


def install() -> None:
    """Supply the removed names, unless the SDK has them itself."""
    if _has_synapse() or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    ours = _ours()
    sys.meta_path.insert(0, _Finder(ours))
    if _SDK in sys.modules:
        vars(sys.modules[_SDK]).update(ours)


def _has_synapse() -> bool:
    try:
        version = importlib.metadata.version(_SDK)
    except importlib.metadata.PackageNotFoundError:
        return False
    return int(version.partition(".")[0]) <= _LAST_WITH_SYNAPSE


def _ours() -> dict[str, Any]:
    """Return the removed names of the package; the removed modules can be imported from now on."""
    synapse, stream = {"Synapse": Synapse, "TerminalInfo": TerminalInfo}, {"StreamingSynapse": StreamingSynapse}
    core = _module("core", {})
    core.__path__ = []
    vars(core).update(synapse=_module("core.synapse", synapse), stream=_module("core.stream", stream | synapse))
    return {**synapse, **stream, "core": core, "logging": Log()}


def _module(name: str, names: dict[str, Any]) -> ModuleType:
    module = ModuleType(f"{_SDK}.{name}", "bittensor 10's, by dendrite.")
    vars(module).update(names)
    sys.modules[module.__name__] = module
    return module


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the SDK's package with our names in it."""

    def __init__(self, ours: dict[str, Any]) -> None:
        self._loader = _Loader(ours)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the package here, and its other modules where they are, once the package was run."""
        if name.startswith(f"{_SDK}."):
            self._loader.run_real()
        if name != _SDK:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        spec = importlib.machinery.ModuleSpec(name, self._loader, is_package=True)
        if found is not None:
            self._loader.real = found.loader
            spec.origin, spec.has_location = found.origin, found.has_location
            spec.submodule_search_locations = found.submodule_search_locations
        return spec


class _Loader(importlib.abc.Loader):
    """Makes the package with our names alone, and runs the installed one in it when that does not do."""

    def __init__(self, ours: dict[str, Any]) -> None:
        self.real: importlib.abc.Loader | None = None
        self._ours = ours
        self._module: ModuleType | None = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        self._module = _Package(spec.name)
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self._ours)

    def run_real(self) -> None:
        """Run the installed SDK, once: while it runs, it imports its own modules."""
        real, self.real = self.real, None
        if real is not None and self._module is not None:
            real.exec_module(self._module)
            vars(self._module).update(self._ours)


class _Package(ModuleType):
    """`bittensor` before it was run."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") or name in _ASKED_OF_REAL:
            vars(self)["__loader__"].run_real()
            if name in vars(self):
                return vars(self)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
