"""What is hashed, sent and read back is the same as with bittensor 10's own classes, for any values."""

import sys

from ground.need import beside_sdk10
from ground.programs import GROUND, run_python


@beside_sdk10
def test_hashes_headers_and_bodies_are_those_of_bittensor_10_for_any_values(tmp_path):
    said = run_python(sys.executable, (GROUND / "roundtrips.py").read_text(), tmp_path)

    assert said.splitlines()[-1] == "all hold"
