"""What is typed while something is drawn.

The terminal's own line editing stays as it is, so a key takes effect with Enter: a terminal that was put into another
mode would have to be put back, by a program that may no longer live to do it.
"""

import os
import select
from contextlib import suppress

_STDIN = 0
_MOST = 256


def typed(*, tty: bool) -> str:
    """Return the lines typed since the last time; nothing where stdin is no terminal, or not ours just now."""
    if not tty:
        return ""
    with suppress(OSError):
        if os.tcgetpgrp(_STDIN) == os.getpgrp() and select.select([_STDIN], [], [], 0)[0]:
            return os.read(_STDIN, _MOST).decode("utf-8", "replace")
    return ""
