"""What a user has us read: as much of it as a request may be, and no more than memory holds."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

MOST = 256 * 2**20
"""Bytes of one file, or of stdin: /dev/zero has no end."""


def read(path: Path) -> bytes:
    """Return a file's bytes; raise OSError where it cannot be read, or is larger than MOST."""
    with path.expanduser().open("rb") as stream:
        return whole(stream)


def whole(stream: BinaryIO) -> bytes:
    """Return all that is left of a stream; raise OSError (EFBIG) where that is more than MOST."""
    content = stream.read(MOST + 1)
    if len(content) > MOST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content
