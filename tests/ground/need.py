"""What a test cannot do without."""

import os
from importlib.metadata import version

import pytest

beside_sdk10 = pytest.mark.skipif(not version("bittensor").startswith("10."), reason="needs bittensor 10")
"""Where its classes and ours are compared in one process."""


def need(present: object, what: str) -> None:
    """Skip the test and name what it lacks; in CI, lacking anything is a failure."""
    if not present:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"needs {what}")
