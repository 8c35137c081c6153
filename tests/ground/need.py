"""What a test cannot do without."""

import os

import pytest


def need(present: object, what: str) -> None:
    """Skip the test and name what it lacks; in CI, lacking anything is a failure."""
    if not present:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"needs {what}")
