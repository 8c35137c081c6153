"""Small pictures of durations tell no more than there is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.output.sparks import histogram, sparkline
from dendrite_cli.output.symbols import ASCII, UNICODE


def counts(lines):
    return [int(found[1]) if (found := re.search(r" (\d+)$", line)) else 0 for line in lines]


def test_a_sparkline_is_lowest_for_the_least_and_marks_what_was_lost():
    assert sparkline([1.0, None, 4.5, 8.0], UNICODE) == "▁✗▅█"
    assert sparkline([1.0, None, 8.0], ASCII) == "_x@"
    assert sparkline([3.0, 3.0], UNICODE) == "▁▁"
    assert sparkline([], UNICODE) == ""


def test_bins_have_round_limits_and_the_slow_ones_share_the_last():
    lines = list(histogram([*range(10, 30), 31, 900], UNICODE))

    assert lines[0].startswith(" 10-15 ms  ━")
    assert lines[-1].endswith("━ 1")
    assert sum(counts(lines)) == 22


@pytest.mark.parametrize("columns", [20, 50, 79])
def test_a_histogram_fits_its_terminal(columns):
    lines = list(histogram([*range(10, 30), 31, 900] * 50, UNICODE, columns))

    assert max(map(len, lines)) <= columns


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0], [0.0, 0.0], [0.0001, 0.0002]])
def test_few_or_equal_values_have_a_histogram_too(values):
    assert sum(counts(histogram(values, ASCII))) == len(values)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_every_value_is_counted_once_in_few_short_lines(values):
    lines = list(histogram(values, UNICODE))

    assert sum(counts(lines)) == len(values)
    assert 1 <= len(lines) <= 10
    assert max(map(len, lines)) < 80
