"""What is tested is what a user installs."""

import os
import sys
from pathlib import Path

import pytest

import dendrite_cli

installed = pytest.mark.skipif("NOX_CURRENT_SESSION" not in os.environ, reason="only nox installs the wheel first")


@installed
def test_nox_tests_the_installed_wheel_and_not_the_checkout():
    assert Path(dendrite_cli.__file__).parent.parent.name == "site-packages"


def test_the_package_says_that_it_is_typed():
    assert (Path(dendrite_cli.__file__).parent / "py.typed").is_file()


@installed
@pytest.mark.parametrize(
    "path",
    [
        "man/man1/dendrite.1",
        "man/man1/dendrite-history-replay.1",
        "bash-completion/completions/dendrite",
        "zsh/site-functions/_dendrite",
        "fish/vendor_completions.d/dendrite.fish",
    ],
)
def test_man_pages_and_completion_are_where_readers_and_shells_look(path):
    assert (Path(sys.prefix) / "share" / path).is_file()
