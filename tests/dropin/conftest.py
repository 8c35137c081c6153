"""What the tests of programs stand on."""

from importlib.metadata import version

import pytest
from ground.need import need


@pytest.fixture
def sdk10_here() -> None:
    """This very environment has bittensor 10: its classes and ours can be compared in one process."""
    need(version("bittensor").startswith("10."), "bittensor 10 in this environment")


@pytest.fixture
def named(sdk10, closed_port) -> dict[str, dict]:
    """Real 10.5.0 axons by name, and a port that nobody listens on."""
    return {**sdk10, "closed": {"host": "127.0.0.1", "port": closed_port, "hotkey": sdk10["good"]["hotkey"]}}
