"""Two runs are compared axon by axon, by hotkey."""

from dataclasses import replace

import pytest
from ground.kept import asking, axon, keep_run, outcome

from dendrite_cli.history import diff
from dendrite_cli.model import Verdict


def compared(path, open_history, before, after) -> list[dict]:
    keep_run(path, before, asking([each.axon for each in before], number=1))
    keep_run(path, after, asking([each.axon for each in after], number=2))
    pairs = diff.pairs(open_history(), 1, 2)
    assert list(diff.in_words(pairs))
    return [pair.record() for pair in pairs]


def test_each_axon_says_what_changed(path, open_history):
    before = [outcome(0, ms=100), outcome(1), outcome(2, body={"a": [1, 2], "b": 1}), outcome(3)]
    after = [
        outcome(0, ms=140, whom=axon(0, port=9999)),
        outcome(1, Verdict.TIMEOUT),
        outcome(2, body={"a": [1, 3], "c": 1}),
        outcome(3, whom=axon(4)),
    ]

    rows = compared(path, open_history, before, after)

    assert [(row["axon"]["uid"], row["change"]) for row in rows] == [
        (0, "none"),
        (1, "outcome"),
        (2, "body"),
        (4, "new"),
        (3, "gone"),
    ]
    assert rows[0]["shift_ms"] == pytest.approx(40)
    assert rows[1]["shift_ms"] is None
    assert (rows[1]["before"]["outcome"], rows[1]["after"]["outcome"]) == ("ok", "timeout")
    assert rows[2]["body_paths"] == ["body.a.1", "body.b", "body.c"]


def test_the_last_round_counts(path, open_history):
    before = [outcome(0, round=1), outcome(0, Verdict.TIMEOUT, round=2)]

    (row,) = compared(path, open_history, before, [outcome(0, Verdict.TIMEOUT)])

    assert row["change"] == "none"


def test_axons_without_a_hotkey_are_matched_by_endpoint(path, open_history):
    nobody = replace(axon(0), hotkey=None)

    (row,) = compared(path, open_history, [outcome(0, whom=nobody)], [outcome(0, whom=nobody)])

    assert row["change"] == "none"
