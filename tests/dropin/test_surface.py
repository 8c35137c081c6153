"""Every public name of bittensor 10.5.0's classes is here, and takes what it takes there."""

import sys

from ground.need import beside_sdk10
from ground.programs import GROUND, run_python

import dendrite_cli


@beside_sdk10
def test_every_public_attribute_of_10_5_0_is_here_with_a_compatible_signature(tmp_path):
    assert run_python(sys.executable, (GROUND / "surface.py").read_text(), tmp_path) == ""


def test_the_package_has_the_names_that_programs_import():
    assert set(dendrite_cli.__all__) <= set(dir(dendrite_cli))
    for name in dendrite_cli.__all__:
        assert getattr(dendrite_cli, name)


def test_a_name_that_it_has_not_is_an_attribute_error():
    assert not hasattr(dendrite_cli, "Axon")
    assert not hasattr(dendrite_cli.dendrite, "Axon")


def test_importing_the_package_loads_nothing_heavy(tmp_path):
    heavy = {"aiohttp", "asyncio", "pydantic", "bittensor", "bittensor_wallet", "typing_extensions"}
    source = f"import sys, dendrite_cli; print(*({heavy!r} & set(sys.modules)))"

    assert run_python(sys.executable, source, tmp_path).split() == []


def test_importing_the_dendrite_loads_neither_aiohttp_nor_an_sdk(tmp_path):
    heavy = {"aiohttp", "bittensor", "bittensor_wallet", "rich", "typer"}
    source = f"import sys; from dendrite_cli import Dendrite; print(*({heavy!r} & set(sys.modules)))"

    assert run_python(sys.executable, source, tmp_path).split() == []
