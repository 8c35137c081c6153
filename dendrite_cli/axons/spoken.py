"""What axons were spoken to in with success, by hotkey, so that a second run need not find it out.

Like all that is cached it may be lost or of no use, and then it is found out again.
"""

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dendrite_cli.axons import snapshot
from dendrite_cli.axons.terms import PROTOCOLS

NAME = "protocols.json"
MOST = 50_000
"""Hotkeys, the latest; Bittensor has some 30,000 neurons."""
_MOST_BYTES = 16 * 2**20


def load(folder: Path | None) -> dict[str, str]:
    """Return what is remembered; nothing where the file is missing, foreign or broken."""
    if folder is None:
        return {}
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return {}
            told = json.loads(stream.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {hotkey: spoken for hotkey, spoken in told.items() if spoken in PROTOCOLS}


def store(folder: Path | None, worked: Mapping[str, str | None]) -> None:
    """Remember what worked beside what others have written meanwhile, and forget what is None. Never raises OSError."""
    if folder is None or not worked:
        return
    before = load(folder)
    told = {hotkey: spoken for hotkey, spoken in before.items() if hotkey not in worked}
    told |= {hotkey: spoken for hotkey, spoken in worked.items() if spoken is not None}
    if told == before:
        return
    latest = dict(list(told.items())[-MOST:])
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        snapshot.write_whole(folder / NAME, json.dumps(latest).encode(), 0o600)
