"""How a user's module is imported: code that we did not write, beside data and dependencies that it must not touch.

It must not print into our data, read our arguments, or stand in for a dependency. So its directories come last on the
import path, after everything of ours is loaded; there they stay, because methods of its classes import later too.
"""

import importlib
import importlib.util
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_OURS = ("aiohttp", "pydantic", "rich.console", "typer", "bittensor_wallet")
_OPTIONAL = (
    *("aiodns", "brotli", "brotlicffi", "backports.zstd", "cchardet", "email_validator"),
    *("isal", "uvloop", "zlib_ng", "zstandard"),
)
"""What our dependencies look for, some of it as late as it is used, and work without."""


@contextmanager
def guarded(directories: Sequence[Path]) -> Iterator[None]:
    """Let modules in `directories` and the current one be found, away from our arguments and our stdout."""
    here = _here()
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    _settle_ours()
    for directory in (*directories, *([Path(here)] if here else [])):
        append(directory.expanduser())
    arguments, sys.argv = sys.argv, sys.argv[:1]
    os.environ["BT_NO_PARSE_CLI_ARGS"] = "1"
    try:
        with _stdout_on_stderr(), warnings.catch_warnings():
            # their authors' business; bittensor's deprecated form of hash fields warns at every import
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = arguments


def append(directory: Path) -> None:
    """Let modules in `directory` be found, after all others."""
    entry = str(directory.resolve())
    if entry not in sys.path:
        sys.path.append(entry)
    importlib.invalidate_caches()


def _here() -> str | None:
    """Return the current directory; None when it was removed."""
    try:
        return str(Path.cwd().resolve())
    except OSError:
        return None


def _settle_ours() -> None:
    """Load what we use, and settle what is not installed, while only installed modules can be found."""
    for name in _OURS:
        importlib.import_module(name)
    for name in _OPTIONAL:
        if name not in sys.modules and not _is_installed(name):
            # None is Python's own mark of a module that is not to be found
            sys.modules[name] = None  # type: ignore[assignment]


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@contextmanager
def _stdout_on_stderr() -> Iterator[None]:
    """Send what is printed to stderr: by Python, below it, and by programs that are started."""
    stream = sys.stdout
    _flush(stream)
    # in this order: with stderr closed, the next descriptor is its number
    below = _duplicate(2) or os.open(os.devnull, os.O_WRONLY)
    kept = _duplicate(1)
    os.dup2(below, 1)
    sys.stdout = sys.stderr or io.StringIO()
    try:
        yield
    finally:
        # what is still held back was printed meanwhile, perhaps to the stream that Python began with
        for printed in (sys.stdout, sys.__stdout__, stream):
            _flush(printed)
        sys.stdout = stream
        os.close(1) if kept is None else os.dup2(kept, 1)
        for number in filter(None, (kept, below)):
            os.close(number)


def _duplicate(number: int) -> int | None:
    try:
        return os.dup(number)
    except OSError:
        return None


def _flush(stream: object) -> None:
    with suppress(AttributeError, OSError, ValueError):
        stream.flush()  # type: ignore[attr-defined]  # None where the descriptor is closed
