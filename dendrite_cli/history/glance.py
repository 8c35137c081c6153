"""The latest runs at a glance: for completion, which can neither wait nor complain."""

import os
from collections.abc import Mapping

from dendrite_cli.history.store import path_of

_LATEST = "SELECT id, command, synapse, tag FROM run ORDER BY id DESC LIMIT 30"


def latest(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return id and description of the latest runs, the newest first; nothing where there is no history."""
    import sqlite3

    path = path_of(environment)
    if path is None or not os.path.isfile(path):  # noqa: PTH113 - no more than a stat
        return []
    try:
        db = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.05)
        try:
            rows = db.execute(_LATEST).fetchall()
        finally:
            db.close()
    except (sqlite3.Error, OSError):
        return []
    return [(str(row[0]), " ".join(str(part) for part in row[1:] if part)) for row in rows]
