"""What a user has us read: as much of it as a request may be, and no more than memory holds."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

MOST = 256 * 2**20
"""Bytes of one file, or of stdin: /dev/zero has no end."""
_AT_ONCE = 1 << 20
"""Bytes for which there is room before they are there."""


def read(path: Path) -> bytes:
    """Return a file's bytes; raise OSError where it cannot be read, or is larger than MOST."""
    try:
        there = path.expanduser()
    except RuntimeError:  # nobody has that home
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
    with there.open("rb") as stream:
        return whole(stream)


def whole(stream: BinaryIO) -> bytes:
    """Return all that is left of a stream; raise OSError (EFBIG) where that is more than MOST."""
    pieces, size = [], 0
    while piece := stream.read(_AT_ONCE):
        size += len(piece)
        if size > MOST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        pieces.append(piece)
    return b"".join(pieces)
