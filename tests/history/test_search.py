"""Runs are found by what they were, whom they asked, what came of it, and what stands in them."""

import pytest
from ground.kept import asking, axon, keep_run, outcome

from dendrite_cli.history import reader, search
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.trouble import HistoryError
from dendrite_cli.model import Verdict

NOW = 1_800_000_000.0


@pytest.fixture
def runs(path, open_history):
    """Two runs: an old one that went well, with a tag, and a new one in which uid 7 timed out."""
    old = asking([axon(0)], at=NOW, tag="good")
    new = asking([axon(0), axon(7, host="192.0.2.7")], at=NOW + 3600)
    keep_run(path, [outcome(0, body={"text": 'say "100%" Hello', "under": "a_b"})], old)
    late = outcome(1, Verdict.TIMEOUT, whom=axon(7, host="192.0.2.7"))
    keep_run(path, [outcome(0), late], new)
    return open_history(), {old.run.id: "old", new.run.id: "new"}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, ["new", "old"]),
        ({"command": "query"}, ["new", "old"]),
        ({"command": "ping"}, []),
        ({"synapse": "Echo"}, ["new", "old"]),
        ({"synapse": "Other"}, []),
        ({"tag": "good"}, ["old"]),
        ({"uids": frozenset({7, 8})}, ["new"]),
        ({"uids": frozenset({0}), "outcome": "timeout"}, []),
        ({"uids": frozenset({7}), "outcome": "timeout"}, ["new"]),
        ({"hotkey": axon(7).hotkey}, ["new"]),
        ({"hotkey": axon(7).hotkey[:-1]}, ["new", "old"]),
        ({"axon": "192.0.2.7"}, ["new"]),
        ({"axon": "192.0.2.1:8091"}, ["new", "old"]),
        ({"axon": "192.0.2.1:809"}, []),
        ({"outcome": "timeout"}, ["new"]),
        ({"since": NOW + 1}, ["new"]),
        ({"until": NOW + 1}, ["old"]),
        ({"since": NOW, "until": NOW}, ["old"]),
        ({"text": 'say "100%"'}, ["old"]),
        ({"text": "hello"}, ["old"]),
        ({"text": "aXb"}, []),
        ({"text": "-s"}, ["new", "old"]),
        ({"text": "good"}, ["old"]),
    ],
)
def test_criteria_find_the_runs_that_fit(runs, path, criteria, expected):
    db, names = runs

    assert [names[run.id] for run in reader.runs(db, path, Criteria(**criteria), None)] == expected


def test_a_limit_takes_the_newest(runs, path):
    db, names = runs

    assert [names[run.id] for run in reader.runs(db, path, Criteria(), 1)] == ["new"]


def test_runs_are_named_by_last_and_by_how_their_ids_begin(runs):
    db, names = runs
    old, new = names

    assert search.find(db, "last") == search.find(db, new) == search.find(db, new[:10].lower()) == 2
    assert search.find(db, old[:10]) == search.find(db, "previous") == 1
    with pytest.raises(HistoryError, match="several runs begin with '01'") as several:
        search.find(db, "01")
    assert several.value.details == (new, old)
    with pytest.raises(HistoryError, match="no run begins with 'XYZ'"):
        search.find(db, "XYZ")
    with pytest.raises(HistoryError, match="no run is kept yet"):
        search.find(None, "last")
