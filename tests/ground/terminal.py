"""A real pseudo-terminal around the program, read by a terminal emulator."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Self

import pyte
from ground.cli import PROGRAM, environment
from ground.screen import Screen


class Terminal:
    """A screen of `columns` by `rows` on which the program runs; `raw` is all that it wrote there."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 120,
        rows: int = 40,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        command: list[str] | None = None,
    ) -> None:
        self.raw = b""
        self.screen = Screen(columns, rows, history=100_000)
        self._stream = pyte.ByteStream(self.screen)
        self._fd, slave = pty.openpty()
        _set_size(slave, columns, rows)

        def own_terminal() -> None:
            os.setsid()
            # a shell's background job ignores Ctrl-C and so would its children; on a new terminal nothing does
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command or [*PROGRAM, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(**(env or {})),
            cwd=cwd,
            preexec_fn=own_terminal,  # noqa: PLW1509 - a child without threads
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with suppress(OSError):
            os.close(self._fd)

    def type(self, text: str) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._fd, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.type("\x03")

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as with the mouse; not in the middle of a frame, which a terminal shows as one."""
        self.read()
        self._read_until(lambda: True, 1)
        self.screen.resize(rows, columns)
        _set_size(self._fd, columns, rows)

    def read(self, seconds: float = 0.0) -> None:
        """Read what has been written, and for so many seconds what is written yet."""
        self._read_until(lambda: False, seconds)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself."""
        self.process.send_signal(number)

    def wait_for(self, text: str, timeout: float = 30) -> None:
        """Read until `text` is on the screen."""
        if not self._read_until(lambda: text in self.text, timeout):
            raise AssertionError(f"{text!r} did not appear:\n{self.text}")

    def wait(self, timeout: float = 30) -> int:
        """Read until the program has ended; return its exit code."""
        self._read_until(lambda: False, timeout)
        return self.process.wait(timeout=5)

    @property
    def text(self) -> str:
        """Everything on the screen and above it."""
        return self.screen.text

    def _read_until(self, done: Callable[[], bool], timeout: float) -> bool:
        end = time.monotonic() + timeout
        while not (self.screen.is_whole and done()):
            there = select([self._fd], [], [], 0.05 if timeout else 0)[0]
            if time.monotonic() >= end and (self.screen.is_whole or not there):
                return False
            if not there:
                continue
            piece = self._piece()
            if not piece:  # the other end is closed
                return done()
            self.raw += piece
            self._stream.feed(piece)
        return True

    def _piece(self) -> bytes:
        """Read all that is there: a frame is looked at as a whole, and we are quicker than who draws it."""
        pieces = b""
        while len(pieces) < 1 << 16 and select([self._fd], [], [], 0)[0]:
            try:
                piece = os.read(self._fd, 65536)
            except OSError:
                break
            if not piece:
                break
            pieces += piece
        return pieces


def _set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
