"""Percentiles from bins are right within what they say."""

from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.history.bins import ERROR, bin_of, middle, percentiles

DURATIONS = st.floats(0.11, 86_400_000)


@given(DURATIONS)
def test_a_bin_stands_for_its_durations_within_its_error(ms):
    assert abs(middle(bin_of(ms)) - ms) <= ERROR * ms


@given(st.lists(DURATIONS, min_size=1, max_size=60), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_a_percentile_is_that_of_the_durations_within_its_error(durations, share):
    counts: dict[int, int] = {}
    for ms in durations:
        counts[bin_of(ms)] = counts.get(bin_of(ms), 0) + 1

    exact = sorted(durations)[int(share * (len(durations) - 1))]
    assert abs(percentiles(counts, [share])[0] - exact) <= ERROR * exact


def test_nothing_has_no_percentile_and_what_took_no_time_a_bin():
    assert percentiles({}, [0.5]) == [None]
    assert bin_of(None) is None
    assert bin_of(0.0) == 0
    assert bin_of(1e12) == 254
