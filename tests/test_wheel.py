"""What is tested is what a user installs."""

import os
from pathlib import Path

import pytest

import dendrite_cli


@pytest.mark.skipif("NOX_CURRENT_SESSION" not in os.environ, reason="only nox installs the wheel first")
def test_nox_tests_the_installed_wheel_and_not_the_checkout():
    assert Path(dendrite_cli.__file__).parent.parent.name == "site-packages"


def test_the_package_says_that_it_is_typed():
    assert (Path(dendrite_cli.__file__).parent / "py.typed").is_file()
