"""The exit codes, and the errors that end a run before anything is sent.

A failing axon is data (`model.Outcome`); a failing run is one of these. The edge turns each into one
message on stderr and its exit code; nothing else prints an error or chooses a number.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told."""

    OK = 0
    NOT_MET = 1
    USAGE = 2
    WALLET = 3
    TARGET = 4
    CHAIN = 5
    BUG = 70
    OUTPUT = 74
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class DendriteError(Exception):
    """A run that cannot go on: what happened, to what, and what to do next.

    `message` is one line in lower case without a full stop; `details` are further lines of fact; `help`
    is what to do next, or None.
    """

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, details: tuple[str, ...] = (), help: str | None = None) -> None:  # noqa: A002 - the field's name in every error
        super().__init__(message)
        self.message = message
        self.details = details
        self.help = help


class ClosedPipeError(Exception):
    """Nobody reads our records any more: the end of a run, and no failure to speak of."""


class OutputError(DendriteError):
    """What was found could not be written where it was to go: a full disk, most often."""

    exit_code = ExitCode.OUTPUT

    def __init__(self, problem: OSError) -> None:
        super().__init__(
            f"cannot write: {problem.strerror or 'no reason given'}".lower(),
            help="make room where the output goes, or send it elsewhere",
        )


class UsageError(DendriteError):
    """Options, items, a body or a synapse class that cannot be used."""

    exit_code = ExitCode.USAGE


class WalletError(DendriteError):
    """A hotkey that is missing, locked or unreadable."""

    exit_code = ExitCode.WALLET


class TargetError(DendriteError):
    """Nothing selected, or a target that cannot be understood or signed for."""

    exit_code = ExitCode.TARGET


class ChainError(DendriteError):
    """No chain answered, and no cache or snapshot stands in for it."""

    exit_code = ExitCode.CHAIN
