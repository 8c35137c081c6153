"""The world's streams, asked once and touched nowhere else: stdout is for data, stderr for talk.

What a stream is (a terminal or not, how wide, coloured or not) is decided here for the whole run. The real stdout is
claimed for records alone, since a wallet library or a user's class may print whatever it likes.
"""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from dendrite_cli import records
from dendrite_cli.errors import DendriteError, OutputError
from dendrite_cli.output import safe
from dendrite_cli.output.symbols import ASCII, UNICODE, Symbols
from dendrite_cli.output.wrapped import fold

if TYPE_CHECKING:
    from dendrite_cli.output.console import PlainConsole

_STANDARD = ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w"))
_FALLBACK, _FALLBACK_ROWS = 80, 24
_STILL = frozenset({"dumb", "unknown"})
"""Terminals by TERM that print, and do nothing else."""
_SGR = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
"""The sixteen colours, which follow the user's own theme."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A file descriptor and what it leads to."""

    fd: int
    tty: bool = False
    color: bool = False
    width: int | None = None
    """Columns; None where lines may be of any length."""
    fixed: bool = False
    """Whether the user gave the width, so that it stays as it is when the window changes."""
    moves: bool = False
    """Whether its cursor can be moved, so that what was drawn can be drawn over."""


@dataclass(slots=True)
class Terminal:
    """The streams of this process, and how to write to them."""

    out: Stream
    err: Stream
    symbols: Symbols = UNICODE
    encoding: str = "utf-8"
    input_tty: bool = False
    quiet: bool = False
    """Whether talk is left out; errors never are."""
    make_way: Callable[[], None] | None = None
    """Takes away what is being drawn on the screen, before something is said there."""

    @classmethod
    def detect(
        cls, color: Literal["auto", "always", "never"], environ: Mapping[str, str], *, quiet: bool = False
    ) -> "Terminal":
        """Return the terminal of this process. A closed standard stream becomes the null device first."""
        for fd, name, mode in _STANDARD:
            _occupy(fd, name, mode)
        utf8 = _utf8(environ)
        return cls(
            _stream(1, color, environ),
            _stream(2, color, environ),
            symbols=UNICODE if utf8 and environ.get("TERM") != "dumb" else ASCII,
            encoding="utf-8" if utf8 else "ascii",
            input_tty=os.isatty(0),
            quiet=quiet,
        )

    def claim_stdout(self) -> None:
        """Keep stdout for `write`: whatever else prints in this process goes to stderr from now on."""
        if self.out.fd != 1:
            return
        sys.stdout.flush()
        self.out = replace(self.out, fd=os.dup(1))
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def measure(self) -> tuple[int, int]:
        """Return the columns and rows of the screen as they are now; what is written from now on fits them."""
        columns, rows = _FALLBACK, _FALLBACK_ROWS
        with suppress(OSError):
            size = os.get_terminal_size(self.out.fd)
            # 0 is what a terminal says that was never told its size
            columns, rows = size.columns or columns, size.lines or rows
        if self.out.fixed and self.out.width:
            columns = min(columns, self.out.width)
        elif self.out.tty:
            self.out = replace(self.out, width=columns)
        return columns, rows

    def wipe_echo(self) -> None:
        """Take away the `^C` that a terminal shows of a key: what is written next begins at its line's beginning."""
        if self.out.moves:
            with suppress(OSError):
                _write(self.out.fd, b"\r\x1b[K")

    def takes_frames(self) -> bool:
        """Say whether the screen can be drawn on just now: not in a background job, nor after Ctrl-S."""
        import select

        try:
            if os.tcgetpgrp(self.out.fd) != os.getpgrp():
                return False
        except OSError:
            pass  # a terminal, but not the one that controls us: nobody else draws there
        return bool(select.select([], [self.out.fd], [], 0)[1])

    def write(self, data: bytes | bytearray) -> None:
        """Write all of it to stdout, at once and unbuffered.

        Raises BrokenPipeError when nobody reads any more, OutputError when there is no room for it.
        """
        try:
            _write(self.out.fd, data)
        except BrokenPipeError:
            raise
        except OSError as problem:
            raise OutputError(problem) from problem

    def write_text(self, text: str) -> None:
        """Write text to stdout; what its encoding lacks becomes `?`, so that columns stay in line."""
        self.write(text.encode(self.encoding, "replace"))

    def paint(self, text: str, style: str, *, stderr: bool = False) -> str:
        """Return the text in a style, if the stream is coloured."""
        color = self.err.color if stderr else self.out.color
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if color and style else text

    def say(self, line: str = "", end: str = "\n") -> None:
        """Write talk to stderr; what cannot be written there is lost without harm."""
        if not self.quiet:
            self._tell(line + end)

    def note(self, text: str) -> None:
        """Write a note to stderr."""
        self.say(f"{self.paint('note:', 'cyan', stderr=True)} {safe.text(text)}")

    def error(self, problem: DendriteError, *, as_json: bool = False) -> None:
        """Say why the run could not go on: in words, or as one record for programs."""
        if as_json:
            with suppress(OSError):
                _write(self.err.fd, records.encode(records.error(problem)) + b"\n")
            return
        lines = [f"{self.paint('error:', 'red', stderr=True)} {safe.text(problem.message)}"]
        lines += [f"  {safe.lines(detail)}" for detail in problem.details]  # a ^ points by the spaces before it
        lines += [f"  {self.paint('help:', 'cyan', stderr=True)} {safe.text(problem.help)}"] if problem.help else []
        self._tell("\n".join(lines) + "\n")

    def console(self, *, stderr: bool = False) -> "PlainConsole":
        """Return a Rich console on one of the streams."""
        from dendrite_cli.output.console import PlainConsole

        stream, write = (self.err, self._tell) if stderr else (self.out, self.write_text)
        return PlainConsole(write, color=stream.color, width=stream.width)

    def _tell(self, text: str) -> None:
        if self.make_way:
            self.make_way()
        width = self.err.width if self.err.fixed else _width(self.err.fd, self.err.tty)  # as it is now
        if self.err.tty and width:
            text = "\n".join([fold(line, width) for line in text.split("\n")])
        with suppress(OSError):
            _write(self.err.fd, text.encode(self.encoding, "replace"))


def _occupy(fd: int, name: str, mode: str) -> None:
    """Fill a closed descriptor, which the next socket would else get: then talk would be sent to an axon."""
    try:
        os.fstat(fd)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null != fd:
            os.dup2(null, fd)
            os.close(null)
    if getattr(sys, name) is None:
        setattr(sys, name, open(fd, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - lives as long as we do


def _stream(fd: int, color: str, environ: Mapping[str, str]) -> Stream:
    tty = os.isatty(fd)
    asked = _asked_width(environ)
    return Stream(
        fd,
        tty,
        _colored(tty, color, environ),
        asked or _width(fd, tty),
        fixed=bool(asked),
        moves=tty and environ.get("TERM") not in _STILL,
    )


def _colored(tty: bool, color: str, environ: Mapping[str, str]) -> bool:
    """Decide by the option, then NO_COLOR (no-color.org), FORCE_COLOR, TERM, and the stream itself."""
    if color != "auto":
        return color == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return tty and environ.get("TERM") not in _STILL


def _asked_width(environ: Mapping[str, str]) -> int | None:
    """Return COLUMNS where it is set, as Rich and git do."""
    columns = environ.get("COLUMNS", "")
    return int(columns[:6]) or None if columns.isascii() and columns.isdigit() else None


def _width(fd: int, tty: bool) -> int | None:
    if not tty:
        return None
    with suppress(OSError):
        # 0 is what a terminal says that was never told its size
        return os.get_terminal_size(fd).columns or _FALLBACK
    return _FALLBACK


def _utf8(environ: Mapping[str, str]) -> bool:
    """Say whether the locale has UTF-8; where none is set, as in a container, it does."""
    locale = next(filter(None, (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))), "UTF-8")
    return locale.replace("-", "").lower().partition("@")[0].endswith("utf8")


def _write(fd: int, data: bytes | bytearray) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            # whoever shares the pipe with us made it non-blocking
            import select

            select.select([], [fd], [])
