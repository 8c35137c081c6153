"""Answers side by side: groups of equal ones, what most axons say, and where the others differ."""

import json
import re

import pytest
from bittensor_wallet import Keypair
from ground.cli import dendrite
from ground.mocks import mock_axons
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour
from dendrite_cli.synapse.model import Synapse

LONG = "the quick brown fox jumps over the lazy dog, and goes home by the way it came, before the sun is down: "


class Most(Synapse):
    text: str
    answer: str = f"{LONG}four"
    score: float = 0.5


class Other(Most):
    answer: str = f"{LONG}five"


class Near(Most):
    score: float = 0.52


SEEDS = [Keypair.create_from_uri(f"//mock-{number}").ss58_address for number in range(3)]
SERVED = [Most, Most, Other, Most, Near, Most, Most, Other, Most, Most]


@pytest.fixture(scope="module")
def ten():
    """Ten axons with three different answers: seven, two and one."""
    with mock_axons([Behaviour()] * 10, served=lambda number: SERVED[number]) as addresses:
        yield addresses


def asking(axons, *more):
    return ("query", *(word for axon in axons for word in ("-a", axon)), "--ephemeral", "-s", "Echo", "text=hi", *more)


def clusters(done):
    found = {(record := json.loads(line))["index"]: record["cluster"] for line in done.stdout.splitlines()}
    return [found[index] for index in sorted(found)]


def test_records_say_which_group_their_answer_is_of(ten):
    done = dendrite(*asking(ten, "--compare"))

    assert done.returncode == 0
    first = {"group": 1, "size": 7, "of": 10, "majority": True, "differs": []}
    second = {"group": 2, "size": 2, "of": 10, "majority": False, "differs": ["body.answer"]}
    third = {"group": 3, "size": 1, "of": 10, "majority": False, "differs": ["body.score"]}
    assert clusters(done) == [{Most: first, Other: second, Near: third}[cls] for cls in SERVED]
    assert "10 answers in 3 groups · 7 of 10 agree" in done.stderr


@pytest.mark.parametrize(
    ("how", "sizes"),
    [
        (["--tolerance", "0.05"], [8, 2]),
        (["--tolerance", "10%"], [8, 2]),
        (["--compare-by", "score"], [9, 1]),
        (["--compare-by", "score", "--tolerance", "0.05"], [10]),
        (["--compare-by", "body.answer,text"], [8, 2]),
    ],
)
def test_answers_are_compared_by_a_tolerance_and_by_chosen_fields(how, sizes, ten):
    found = clusters(dendrite(*asking(ten, *how)))

    assert [next(one["size"] for one in found if one["group"] == group + 1) for group in range(len(sizes))] == sizes
    assert max(one["group"] for one in found) == len(sizes)


def test_a_terminal_shows_the_groups_the_majority_and_where_others_differ(ten):
    with Terminal(*asking(ten, "--compare"), columns=100) as terminal:
        assert terminal.wait() == 0
        shown = terminal.text

    assert "10 answers in 3 groups · 7 of 10 agree" in shown
    assert " 1  7 axons  127.0.0.1:" in shown
    assert "    score: 0.5\n" in shown
    assert " 2  2 axons  127.0.0.1:" in shown
    # from shortly before the place where they part
    assert "    - answer: …" in shown
    assert 'down: four"\n    + answer: …' in shown
    assert 'down: five"\n' in shown
    assert "    - score: 0.5\n    + score: 0.52\n" in shown
    header = next(line for line in shown.splitlines() if "ENDPOINT" in line)
    assert "GROUP" in header


def test_a_field_that_no_answer_has_is_named(ten):
    done = dendrite(*asking(ten, "--compare-by", "anser,score"))

    assert "no answer has anser" in done.stderr
    assert "no answer has score" not in done.stderr


def test_axons_that_failed_are_in_no_group():
    with mock_axons([Behaviour(), Behaviour(refuse="no"), Behaviour()], served=lambda _: Most) as addresses:
        done = dendrite(*asking(addresses, "--compare"))

    assert [one and one["of"] for one in clusters(done)] == [2, None, 2]
    assert "2 answers in 1 group · all 2 agree" in done.stderr


def test_where_no_answer_is_that_of_more_than_half_there_is_no_majority():
    with mock_axons([Behaviour()] * 2, served=lambda number: (Most, Other)[number]) as addresses:
        done = dendrite(*asking(addresses, "--compare", "-o", "json"))

    assert [one["cluster"]["majority"] for one in json.loads(done.stdout)["results"]] == [False, False]
    assert "2 answers in 2 groups · 1 of 2 agree · no majority" in done.stderr


def test_groups_can_be_columns_and_the_order_of_records(ten):
    done = dendrite(*asking(ten, "--compare", "-o", "csv", "--columns", "cluster,cluster.size", "--sort", "-cluster"))

    assert done.stdout.splitlines() == ["cluster,cluster.size", "3,1", *["2,2"] * 2, *["1,7"] * 7]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (["--tolerance", "much"], "--tolerance 'much' is no tolerance"),
        (["--compare-by", ","], "--compare-by ',' names no fields"),
        (["--compare", "-o", "raw"], "nothing to compare"),
        (["--compare", "--dry-run"], "--compare is for what axons answer"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_sent(how, said):
    done = dendrite(*asking(["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY@127.0.0.1:9"], *how))

    assert done.returncode == 2
    assert said in done.stderr


@pytest.fixture
def two_runs(tmp_path):
    """Two runs of the same three axons, of which one changes its answer and one its score by a little."""
    env = {"XDG_STATE_HOME": str(tmp_path)}
    for classes in ((Most, Most, Most), (Most, Other, Near)):
        with mock_axons([Behaviour()] * 3, served=classes.__getitem__) as addresses:
            assert dendrite(*asking(addresses), env=env).returncode == 0
    return env, [json.loads(line)["run"]["id"] for line in dendrite("history", env=env).stdout.splitlines()][::-1]


def test_two_runs_are_compared_by_what_counts_as_equal(two_runs):
    env, ids = two_runs

    def diff(*how):
        done = dendrite("history", "diff", *ids, *how, env=env)
        rows = sorted(map(json.loads, done.stdout.splitlines()), key=lambda row: SEEDS.index(row["axon"]["hotkey"]))
        sides = [
            [row[side]["cluster"] and row[side]["cluster"]["group"] for side in ("before", "after")] for row in rows
        ]
        return [row["change"] for row in rows], sides, [row["body_paths"] for row in rows], done.stderr

    changes, sides, paths, _ = diff()
    assert changes == ["none", "body", "body"]
    assert sides == [[None, None]] * 3
    assert paths == [[], ["body.answer"], ["body.score"]]

    changes, sides, paths, said = diff("--compare", "--tolerance", "0.05")
    assert changes == ["none", "body", "none"]
    assert sides == [[1, 1], [1, 2], [1, 1]]
    assert paths == [[], ["body.answer"], []]
    assert "6 answers in 2 groups · 5 of 6 agree" in said

    assert diff("--compare-by", "text")[0] == ["none"] * 3


def test_a_terminal_shows_whose_answer_of_which_run_is_another(two_runs):
    env, ids = two_runs
    with Terminal("history", "diff", *ids, "--compare", "--changed", env=env, columns=100) as terminal:
        assert terminal.wait() == 0
        shown = terminal.text

    assert "6 answers in 3 groups · 4 of 6 agree" in shown
    assert re.search(r" 2  1 answer  127\.0\.0\.1:\d+ after\n    - answer: …", shown)
    assert 'down: five"\n' in shown


def test_the_history_shows_and_asks_again_with_the_same_groups(ten, tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path)}
    live = dendrite(*asking(ten, "--compare", "--tolerance", "0.05"), env=env)

    shown = dendrite("history", "show", "last", "-o", "ndjson", env=env)
    again = dendrite("history", "replay", "last", env=env)
    table = dendrite("history", "show", "last", "-o", "table", env=env)

    assert shown.stdout == live.stdout
    assert "10 answers in 2 groups" in shown.stderr
    assert sorted(one["size"] for one in clusters(again)) == sorted(one["size"] for one in clusters(live))
    assert "- answer: " in table.stderr
