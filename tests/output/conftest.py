"""Real streams to render to: pseudo-terminals read by pyte, and pipes."""

import fcntl
import os
import select
import struct
import termios
from dataclasses import dataclass, field

import pyte
import pytest

from dendrite_cli.output.symbols import UNICODE, Symbols
from dendrite_cli.output.terminal import Stream, Terminal


def _drain(fd):
    data = b""
    while select.select([fd], [], [], 0.05)[0]:
        piece = os.read(fd, 65536)
        if not piece:
            break
        data += piece
    return data


@dataclass
class Reader:
    """The far end of a pseudo-terminal or pipe."""

    fd: int
    columns: int = 200
    seen: bytes = field(default=b"")

    def bytes(self):
        self.seen += _drain(self.fd)
        return self.seen

    def text(self):
        return self.bytes().decode()

    def lines(self):
        """What a person sees: the screen's lines down to the last that is not empty."""
        screen = pyte.Screen(self.columns, 60)
        pyte.ByteStream(screen).feed(self.bytes())
        shown = [line.rstrip() for line in screen.display]
        while shown and not shown[-1]:
            shown.pop()
        return shown


@dataclass
class Ends:
    terminal: Terminal
    out: Reader
    err: Reader


@pytest.fixture
def streams():
    """Make a terminal whose stdout and stderr are pseudo-terminals or pipes, and give their far ends with it."""
    opened = []

    def pair(tty, columns, color, moves):
        read, write = os.openpty() if tty else os.pipe()
        opened.extend((read, write))
        if tty:
            fcntl.ioctl(write, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        return Stream(write, tty, color, columns if tty else None, moves=moves), Reader(read, columns)

    def make(  # noqa: PLR0913 - what a terminal can be
        *, tty=False, columns=120, color=False, symbols: Symbols = UNICODE, quiet=False, moves=False, one=False
    ):
        out, out_reader = pair(tty, columns, color, moves)
        err, err_reader = (out, out_reader) if one else pair(tty, columns, color, moves)
        return Ends(Terminal(out, err, symbols, quiet=quiet), out_reader, err_reader)

    yield make
    for fd in opened:
        os.close(fd)
