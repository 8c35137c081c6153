"""What is tested is what a user installs."""

import os
import subprocess
import sys
import tarfile
from importlib.metadata import metadata, version
from pathlib import Path

import pytest
from ground.cli import dendrite, environment

import dendrite_cli
from dendrite_cli.protocol.btauth import BtauthWire
from dendrite_cli.protocol.epistula import EpistulaWire
from dendrite_cli.protocol.synapse import VERSION, SynapseWire

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


def test_the_version_tells_what_it_stands_on_and_which_protocols_it_speaks():
    first, beside, speaks = dendrite("--version").stdout.splitlines()

    assert first == f"dendrite {dendrite_cli.__version__}"
    assert f"bittensor {version('bittensor')}, bittensor-wallet {version('bittensor-wallet')}" in beside
    assert beside.endswith(f"Python {'.'.join(map(str, sys.version_info[:3]))}")
    v10 = f"{VERSION // 10**6}.{VERSION // 1000 % 1000}.{VERSION % 1000}"
    assert speaks == f"speaks synapse (bittensor {v10}), btauth/1, epistula/2"
    assert [wire.name for wire in (SynapseWire, BtauthWire, EpistulaWire)] == ["synapse", "btauth", "epistula"]


@installed
def test_the_console_script_and_the_module_are_the_same_program(tmp_path):
    script = [str(Path(sys.prefix) / "bin" / "dendrite"), "--version"]
    module = [sys.executable, "-m", "dendrite_cli", "--version"]

    said = {subprocess.check_output(command, cwd=tmp_path, env=environment()) for command in (script, module)}
    assert said == {dendrite("--version").stdout.encode()}


@installed
def test_the_demo_runs_with_nothing_but_what_the_package_asks_for(tmp_path):
    done = dendrite("demo", cwd=tmp_path)

    assert (done.returncode, done.stderr.count("error")) == (0, 0)


@installed
def test_a_package_says_what_it_is_and_which_bittensor_can_be_asked_for():
    about = metadata("dendrite-cli")

    assert about["License-Expression"] == "MIT"
    assert about["Description-Content-Type"] == "text/markdown"
    assert set(about.get_all("Provides-Extra")) == {"sdk10", "sdk11"}


@pytest.mark.skipif("DENDRITE_SDIST" not in os.environ, reason="only nox builds the sdist")
def test_the_sdist_holds_all_that_it_takes_to_build_and_to_test():
    with tarfile.open(os.environ["DENDRITE_SDIST"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    wanted = {
        "pyproject.toml",
        "noxfile.py",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "man/dendrite.1",
    }
    assert wanted <= names
    assert {"completions/_dendrite", "tests/test_wheel.py", "dendrite_cli/cli/grammar.json"} <= names
    # hatchling puts .gitignore in, which says what it left out
    assert [name for name in names if "__pycache__" in name or name.startswith(".")] == [".gitignore"]
