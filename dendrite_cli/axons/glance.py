"""What the cache of metagraphs holds, at a glance: for completion, which can neither wait nor complain."""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping

_FILE = re.compile(r"metagraph-([a-z0-9]{1,32})-([0-9]{1,5})\.json")
_ADDRESS = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46,50}")
_MOST = 4_194_304
"""Bytes of a metagraph that is read: one of a thousand neurons is a twentieth of it."""


def netuids(folder: str, network: str) -> list[int]:
    """Return the netuids of which a metagraph of the named network is kept."""
    try:
        found = [_FILE.fullmatch(name) for name in os.listdir(folder)]  # noqa: PTH208 - pathlib is not loaded
    except OSError:
        return []
    return sorted(int(match[2]) for match in found if match and match[1] == network)


def neurons(folder: str, network: str, netuid: int) -> list[tuple[int, str]]:
    """Return uid and hotkey of the neurons of a subnet, as far as its kept metagraph can be read."""
    if not network.isalnum():
        return []
    document = _document(f"{folder}/metagraph-{network}-{netuid}.json")
    columns, rows = document.get("columns"), document.get("axons")
    if not (isinstance(columns, list) and isinstance(rows, list) and {"uid", "hotkey"} <= set(map(str, columns))):
        return []
    return list(_pairs(rows, columns.index("uid"), columns.index("hotkey")))


def _pairs(rows: list[object], uid: int, hotkey: int) -> Iterator[tuple[int, str]]:
    for row in rows:
        if isinstance(row, list) and len(row) > max(uid, hotkey) and isinstance(row[uid], int):
            name = row[hotkey]
            if isinstance(name, str) and _ADDRESS.fullmatch(name):
                yield row[uid], name


def _document(path: str) -> Mapping[str, object]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST:
                return {}
            document = json.loads(stream.read(_MOST))
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
