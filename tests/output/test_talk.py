"""What is said on stderr when a run is over."""

import pytest

from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.output.symbols import UNICODE
from dendrite_cli.output.talk import footer
from dendrite_cli.summary import summarise


@pytest.mark.parametrize(("kinds", "lines", "last"), [(8, 8, "517  "), (9, 9, "518  "), (12, 9, "and 4 other reasons")])
def test_reasons_are_counted_only_where_that_is_shorter_than_to_tell_them(kinds, lines, last):
    axon = Axon("192.0.2.17", 8091)
    refused = [Outcome(index, axon, Verdict.SERVER_ERROR, "synapse", http_status=510 + index) for index in range(kinds)]

    _numbers, *reasons = footer(summarise(refused, 1.0), UNICODE)

    assert len(reasons) == lines
    assert reasons[-1].startswith(last)
