"""Answers side by side: groups of equal ones, what most axons say, and where the others differ."""

import json

import pytest
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
