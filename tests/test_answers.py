"""When answers are alike, which most axons gave, and where the others differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.answers import ABSENT, Likeness, alike, differing, groups

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def members(answers, likeness=Likeness()):
    return [group.members for group in groups(answers, likeness)]


def test_the_largest_group_comes_first_and_of_two_as_large_the_earlier():
    assert members(["a", "b", "c", "b", "a", "b"]) == [(1, 3, 5), (0, 4), (2,)]
    assert members(["x", "y"]) == [(0,), (1,)]
    assert members([]) == []


def test_the_order_of_keys_does_not_matter_and_that_of_a_list_does():
    assert members([{"a": 1, "b": 2}, {"b": 2, "a": 1}]) == [(0, 1)]
    assert members([[1, 2], [2, 1]]) == [(0,), (1,)]


def test_numbers_are_equal_by_value_and_never_equal_to_what_is_no_number():
    assert members([1, 1.0, True, "1", None, 0, False]) == [(0, 1), (2,), (3,), (4,), (5,), (6,)]
    assert members([float("nan"), float("nan")]) == [(0, 1)]
    assert members([10**400, 10**400, 1.0], Likeness(tolerance=0.5)) == [(0, 1), (2,)]


def test_a_key_with_null_is_not_a_missing_key():
    assert members([{"a": None}, {}]) == [(0,), (1,)]
    assert list(differing({"a": None}, {})) == [("body.a", None, ABSENT)]


@pytest.mark.parametrize(
    ("tolerance", "expected"),
    [(None, [(0,), (1,), (2,)]), ("0.1", [(0, 1), (2,)]), ("1%", [(0, 1), (2,)]), ("50%", [(0, 1, 2)])],
)
def test_numbers_that_are_near_enough_are_equal_wherever_they_are(tolerance, expected):
    answers = [{"scores": [10.0, 0.5]}, {"scores": [10.05, 0.5]}, {"scores": [12, 0.5]}]

    assert members(answers, Likeness.parse(None, tolerance)) == expected


def test_being_near_is_not_handed_on():
    assert members([0.0, 0.9, 1.8], Likeness(tolerance=1.0)) == [(0, 1), (2,)]


def test_only_the_chosen_fields_are_compared():
    answers = [{"answer": "a", "id": 1}, {"answer": "a", "id": 2}, {"id": 3}, {"meta": {"x": [1]}}]

    assert members(answers, Likeness.parse("answer")) == [(0, 1), (2, 3)]
    assert members(answers, Likeness.parse("body.id, answer")) == [(0,), (1,), (2,), (3,)]
    assert members(answers, Likeness.parse("meta.x.0")) == [(0, 1, 2), (3,)]


@pytest.mark.parametrize(
    ("fields", "tolerance"), [("a,,b", None), ("a..b", None), (None, "x"), (None, "-1"), (None, "%")]
)
def test_what_cannot_be_meant_is_refused(fields, tolerance):
    with pytest.raises(ValueError, match="write"):
        Likeness.parse(fields, tolerance)


def test_places_that_differ_are_named_with_both_sides():
    one, other = {"a": [1, 2], "b": "x"}, {"a": [1, 3], "c": 0}

    assert list(differing(one, other)) == [("body.a.1", 2, 3), ("body.b", "x", ABSENT), ("body.c", ABSENT, 0)]


@given(st.lists(JSON, max_size=8), st.sampled_from([Likeness(), Likeness(tolerance=0.5), Likeness((("a",),))]))
def test_every_answer_is_in_one_group_and_like_the_first_of_it(answers, likeness):
    found = groups(answers, likeness)

    assert sorted(place for group in found for place in group.members) == list(range(len(answers)))
    for group in found:
        assert list(group.members) == sorted(group.members)
        assert all(alike(group.answer, likeness.seen(answers[place]), likeness) for place in group.members)
    if not likeness.tolerance:
        firsts = [group.answer for group in found]
        assert not any(alike(a, b, likeness) for i, a in enumerate(firsts) for b in firsts[:i])
