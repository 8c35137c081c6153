"""A program for bittensor's Dendrite, unchanged and with its import changed, before real 10.5.0 axons."""

import sys
from importlib.metadata import version

import pytest
from ground.programs import OURS, OVER_SDK10, THEIRS, run_program

WAYS = [OVER_SDK10, OURS] if version("bittensor").startswith("10.") else [OURS]


@pytest.mark.parametrize("imports", WAYS, ids=["its classes", "our classes"][-len(WAYS) :])
def test_a_program_prints_the_same_with_only_its_import_changed(imports, named, sdk10_python, tmp_path):
    before = run_program(sdk10_python, named, THEIRS, tmp_path)
    after = run_program(sys.executable, named, imports, tmp_path)

    assert before.count("\n") >= 26
    assert after == before
