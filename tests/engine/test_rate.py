"""Starts per second, at moments of our own choosing."""

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dendrite_cli.engine.rate import Rate

LATE = st.floats(0, 0.05)


def starts(per_second: float, lateness: list[float]) -> list[float]:
    """Return when those begin that come as soon as they may, each so many seconds late."""
    rate, now, began = Rate(per_second), 100.0, []
    for late in lateness:
        seconds = rate.wait(now)
        if seconds > 0:
            now += seconds + late
        rate.started(now)
        began.append(now)
    return began


def test_the_first_begins_at_once():
    assert Rate(0.1).wait(100.0) <= 0


@pytest.mark.parametrize("per_second", [0.5, 1, 2.5, 20, 2000])
def test_starts_keep_the_gap_of_their_rate(per_second):
    gaps = [later - earlier for earlier, later in pairwise(starts(per_second, [0.0] * 100))]

    assert gaps == pytest.approx([1 / per_second] * 99, abs=1e-6)


@pytest.mark.parametrize("per_second", [20, 900, 2000])
def test_starts_that_sleeps_make_late_are_caught_up_with(per_second):
    number = per_second
    began = starts(per_second, [0.001] * number)

    assert began[-1] - began[0] < (number - 1) / per_second + 0.005


@settings(deadline=None, max_examples=30)
@given(st.sampled_from([1, 2.5, 20, 60]), st.lists(LATE, min_size=150, max_size=150))
def test_no_second_has_more_starts_than_its_share_however_late_they_are(per_second, lateness):
    began = starts(per_second, lateness)

    share = ceil(per_second)
    assert all(later - earlier > 1 - 1e-9 for earlier, later in zip(began, began[share:], strict=False))


def test_what_a_stall_took_is_not_caught_up_with():
    rate = Rate(10)
    rate.started(100.0)
    rate.started(105.0)

    assert rate.wait(105.0) > 0.05
