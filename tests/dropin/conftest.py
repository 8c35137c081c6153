"""What the tests of programs stand on."""

import pytest


@pytest.fixture
def named(sdk10, closed_port) -> dict[str, dict]:
    """Real 10.5.0 axons by name, and a port that nobody listens on."""
    return {**sdk10, "closed": {"host": "127.0.0.1", "port": closed_port, "hotkey": sdk10["good"]["hotkey"]}}
