from dendrite_cli.engine.turns import Turns
from dendrite_cli.model import Axon


def axons(*hosts: str) -> list[Axon]:
    return [Axon(host, 80 + place) for place, host in enumerate(hosts)]


def taken(turns: Turns) -> list[int]:
    return [turn.index for turn in iter(turns.take, None)]


def test_turns_come_in_the_order_of_the_selection():
    assert taken(Turns(axons("a", "b", "c"), None)) == [0, 1, 2]


def test_a_busy_host_is_passed_over_until_it_has_room():
    turns = Turns(axons("a", "a", "a", "b"), 1)
    first = turns.take()

    assert taken(turns) == [3]
    turns.give_back(first)
    assert taken(turns) == [1]


def test_those_behind_a_busy_host_keep_their_order():
    turns = Turns(axons("a", "a", "a", "a"), 2)
    first, second = turns.take(), turns.take()
    assert turns.take() is None

    turns.give_back(second)
    third = turns.take()
    turns.give_back(first)

    assert (third.index, turns.take().index) == (2, 3)


def test_a_turn_that_is_repeated_counts_its_attempts():
    turns = Turns(axons("a"), 1)
    turn = turns.take()
    turns.give_back(turn)
    turns.repeat(turn)

    again = turns.take()

    assert (again.index, again.attempt) == (0, 2)
    assert turns.take() is None
