"""bittensor's removed names under SDK 11: a v10 module still loads, with our classes.

`bittensor.Synapse`, `.StreamingSynapse` and `.logging`, and the modules `bittensor.core.synapse` and `.stream`,
resolve to ours from before a user's import to the end of the process. Under SDK 10 nothing is touched, and this
is never active where dendrite_cli is only imported as a library.
"""

import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import logging
import sys
from collections.abc import Sequence
from types import ModuleType

from dendrite_cli.synapse.model import StreamingSynapse, Synapse, TerminalInfo

_SDK = "bittensor"
_LAST_WITH_SYNAPSE = 10


class _Log(logging.LoggerAdapter[logging.Logger]):
    """bittensor 10's `logging`, as far as synapse modules use it: it goes to the standard library's."""

    def trace(self, message: object, *arguments: object) -> None:
        self.debug(message, *arguments)

    def success(self, message: object, *arguments: object) -> None:
        self.info(message, *arguments)


_LOG = _Log(logging.getLogger(_SDK))
_CORE: dict[str, dict[str, object]] = {
    "bittensor.core": {},
    "bittensor.core.synapse": {"Synapse": Synapse, "TerminalInfo": TerminalInfo},
    "bittensor.core.stream": {"StreamingSynapse": StreamingSynapse, "Synapse": Synapse},
}
_NAMES: dict[str, object] = {"Synapse": Synapse, "StreamingSynapse": StreamingSynapse, "TerminalInfo": TerminalInfo}


def install() -> None:
    """Supply the removed names, unless the SDK has them itself."""
    if _has_synapse() or any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    if _SDK in sys.modules:
        _complete(sys.modules[_SDK])


def _has_synapse() -> bool:
    try:
        version = importlib.metadata.version(_SDK)
    except importlib.metadata.PackageNotFoundError:
        return False
    return int(version.split(".")[0]) <= _LAST_WITH_SYNAPSE


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the removed modules with us, and the package itself where it is, to be completed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in _CORE:
            return importlib.machinery.ModuleSpec(name, _Supplied(), is_package=name == "bittensor.core")
        if name != _SDK:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is None:
            return importlib.machinery.ModuleSpec(name, _Supplied(), is_package=True)
        if found.loader is not None:
            found.loader = _Completing(found.loader)
        return found


class _Supplied(importlib.abc.Loader):
    """A module that is ours from the start."""

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:  # noqa: ARG002 - Python's own
        return None

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(_CORE.get(module.__name__, {}))
        if module.__name__ == _SDK:
            _complete(module)


class _Completing(importlib.abc.Loader):
    """The installed SDK, with what it lacks."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _complete(module)


def _complete(module: ModuleType) -> None:
    for name, item in _NAMES.items():
        if not hasattr(module, name):
            setattr(module, name, item)
    # bittensor 11 has the standard library's under a private name; v10's has methods of its own
    module.logging = _LOG  # type: ignore[attr-defined]
