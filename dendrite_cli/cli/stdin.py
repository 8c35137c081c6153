"""Standard input, which only one option may read."""

import sys
from collections.abc import Sequence

from dendrite_cli import files
from dendrite_cli.errors import UsageError


def check_readers(targets: Sequence[str], body: object = None, data: object = None) -> None:
    """Raise UsageError when two options want stdin: the second would find nothing."""
    readers = ["-a -"] * list(targets).count("-") + ["--json -"] * (body == "-") + ["--data -"] * (data == "-")
    if len(readers) > 1:
        raise UsageError(f"stdin can be read once, and {' and '.join(readers)} both want it", help="put one in a file")


def read() -> bytes:
    """Return all of stdin, nothing when it is closed; raise UsageError when there is no end of it."""
    try:
        return files.whole(sys.stdin.buffer) if sys.stdin else b""
    except OSError as problem:
        raise UsageError(f"cannot read stdin: {(problem.strerror or 'not readable').lower()}") from None


def read_text() -> str:
    """Return stdin as text; raise UsageError when it is none."""
    try:
        return read().decode("utf-8-sig")
    except UnicodeError:
        raise UsageError("stdin is not UTF-8 text") from None
