from itertools import count

from dendrite_cli.protocol.nonce import Lane, Lanes


def lanes() -> Lanes:
    numbers = count()
    return Lanes(lambda: f"uuid-{next(numbers)}")


def test_nonces_of_a_lane_increase_when_the_clock_stands_still_or_steps_back():
    lane = Lane("u")

    nonces = [lane.nonce(now) for now in (100, 100, 40, 101, 500)]

    assert nonces == [100, 101, 102, 103, 500]


def test_two_requests_in_flight_to_one_axon_never_share_a_uuid():
    pool = lanes()

    assert pool.take("axon").uuid != pool.take("axon").uuid


def test_a_lane_is_used_again_once_its_request_is_done_and_remembers_its_nonce():
    pool = lanes()
    lane = pool.take("axon")
    lane.nonce(1000)
    pool.give_back("axon", lane)

    again = pool.take("axon")

    assert again is lane
    assert again.nonce(5) == 1001


def test_axons_do_not_share_lanes():
    pool = lanes()
    pool.give_back("one", pool.take("one"))

    assert pool.take("other").uuid != pool.take("one").uuid
