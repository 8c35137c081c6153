"""The program as a user runs it: a process of its own, with a clean home and nothing of our environment."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ground.schema import check_lines

PROGRAM = (sys.executable, "-P", "-m", "dendrite_cli")
_DROPPED = ("BT_", "DENDRITE_", "XDG_", "PYTHON", "COV_")
_COLORS = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS", "LINES", "TERM"}
_HOME = tempfile.mkdtemp(prefix="home-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)


def environment(**extra: str) -> dict[str, str]:
    """Return an environment with an empty home and none of our own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED) and name not in _COLORS}
    return kept | {"HOME": _HOME, "TERM": "xterm-256color", "LANG": "C.UTF-8"} | extra


def dendrite(
    *arguments: str,
    stdin: str = "",
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    before: Sequence[str] = (),
    timeout: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; its streams are pipes, and its records are what their schemas say."""
    done = subprocess.run(
        [*before, *PROGRAM, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(**(env or {})),
        cwd=cwd or _HOME,
        timeout=timeout,
        check=False,
        start_new_session=True,
    )
    check_lines(done.stdout)
    check_lines(done.stderr)
    return done
