"""What is wrong with a history, in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from dendrite_cli.errors import DendriteError, ExitCode

_SAID = (
    ("locked", "another program holds it locked"),
    ("busy", "another program holds it locked"),
    ("readonly", "it is read-only"),
    ("disk is full", "the disk is full"),
    ("disk i/o error", "it cannot be written: the disk is full or fails"),
    ("not a database", "it is no history, or it is damaged"),
    ("malformed", "it is damaged"),
    ("unable to open", "it cannot be opened"),
)


class HistoryError(DendriteError):
    """A history that cannot be used, or a run that is not in it."""

    exit_code = ExitCode.TARGET


@contextmanager
def decoding() -> Iterator[None]:
    """Raise HistoryError for what is made of kept text and numbers that dendrite does not write."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as problem:
        raise HistoryError(
            "the history holds what dendrite does not write", help="move it away, and a new one is made"
        ) from problem


def said(problem: Exception) -> str:
    """Return why a history cannot be used."""
    if isinstance(problem, HistoryError):
        return problem.message
    if isinstance(problem, UnicodeError):
        return "it is damaged"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror.lower()
    text = str(problem).lower()
    return next((words for sign, words in _SAID if sign in text), text)


def is_locked(problem: Exception) -> bool:
    """Say whether another program has it just now, so that it is worth trying again."""
    text = str(problem).lower()
    return "locked" in text or "busy" in text
