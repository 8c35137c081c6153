"""A history of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from sqlite3 import Connection

import pytest

from dendrite_cli.history.store import opened


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "state" / "dendrite" / "history.db"


@pytest.fixture
def open_history(path) -> Iterator[Callable[[], Connection]]:
    """Open it as often as is wanted."""
    connections: list[Connection] = []

    def open_() -> Connection:
        connections.append(opened(path))
        return connections[-1]

    yield open_
    for connection in connections:
        connection.close()
