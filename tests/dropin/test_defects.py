"""What 10.5.0's Dendrite gets wrong, seen at the real one, and what ours does in its place."""

import sys
from importlib.metadata import version

import pytest
from ground.jitter import JitterProxy
from ground.programs import OURS, OVER_SDK10, THEIRS, run_defects

WAYS = [OVER_SDK10, OURS] if version("bittensor").startswith("10.") else [OURS]
DEFECTS = {
    # what one axon sends loses the whole batch
    "null_envelope": ("raised ValidationError", [200, 200]),
    # signed headers go wherever an axon points: status, and whether our signature was heard there
    "redirect": ([200, [True]], [307, []]),
    # HTTP says 500, a header of the axon's says 200: success, status
    "claimed_success": ([True, 200], [False, 500]),
    # kept as we know them: our hotkey and nonce, its hotkey, ip and port, the time-out; and the version it claims
    "identity": ([False] * 6 + [7], [True] * 6 + [7]),
    # 40 MB out of 40 kB: status, and whether the program has them in memory
    "large_answer": ([200, True], [413, False]),
    # the class takes longer than the time-out to make the answer into a synapse: status, and what was measured
    "decoding_time": ([200, True], [408, True]),
    # two axons, one list
    "shared_fields": ([["a"], ["a", "b"]], [["a"], ["b"]]),
    # fifty requests to one axon that overtake each other on their way
    "nonce_race": ([200, 401], [200]),
    "leaving_a_stream": ("async generator ignored GeneratorExit", "closed"),
    # and the good axon is asked once
    "query_with_a_failure": (["raised ValidationError", 1], [[200, 200], 1]),
    # the second time, its session is closed
    "aquery_twice": ([200, 422], [200, 200]),
    # exchanges remembered of 25, when 10 are wanted
    "history": (25, 10),
    # no such name, a reset connection, a gateway's 502 in HTML; and whether its Retry-After is told
    "errors": ([422, 422, 422, False], [503, 503, 502, True]),
    # an IPv6 axon, an axon at our own address, and where the latter was dialled
    "addresses": ([422, 200, "0.0.0.0"], [200, 200, "127.0.0.1"]),  # noqa: S104 - where it dials
    # has a time: a refusal, a failure
    "time_of_a_failure": ([True, False], [True, True]),
    # the constructor asks for it
    "external_ip": (True, False),
    # what is yielded as model text, and the status
    "refused_stream": ([['{"message": "no stake"}'], 403], [[], 403]),
    # two calls return one object
    "default_synapse": (True, False),
}
"""By name: what 10.5.0 is seen to do, and what ours must."""


@pytest.fixture(scope="module")
def proxy(sdk10):
    good = sdk10["good"]
    with JitterProxy(good["host"], good["port"], 0.02) as jittering:
        yield {"host": "127.0.0.1", "port": jittering.port, "hotkey": good["hotkey"]}


@pytest.fixture(scope="module")
def theirs(sdk10_python, proxy, tmp_path_factory):
    return run_defects(sdk10_python, proxy, THEIRS, tmp_path_factory.mktemp("theirs"))


@pytest.fixture(scope="module", params=WAYS, ids=["its classes", "our classes"][-len(WAYS) :])
def ours(request, proxy, tmp_path_factory):
    return run_defects(sys.executable, proxy, request.param, tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("name", DEFECTS)
def test_the_real_one_goes_wrong_where_we_say_so(name, theirs):
    assert theirs[name] == DEFECTS[name][0]


@pytest.mark.parametrize("name", DEFECTS)
def test_ours_does_not(name, ours):
    assert ours[name] == DEFECTS[name][1]


def test_control_characters_are_whole_in_data_and_harmless_in_logs(ours):
    message, is_raw_in_log, is_logged = ours["control_characters"]

    assert (message, is_raw_in_log, is_logged) == ("\x1b[2Jgone", False, True)


def test_every_observation_is_judged(theirs):
    assert set(theirs) == {*DEFECTS, "control_characters"}
