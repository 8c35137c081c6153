from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dendrite_cli.model import Standing
from dendrite_cli.sdk.columns import INDICES, metagraph

HOTKEYS = ["5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"]
ANSWER = {
    "block": 7,
    "hotkeys": HOTKEYS,
    "coldkeys": HOTKEYS[::-1],
    "axons": [{"ip": 3221225985, "port": 8091, "ip_type": 4}, {"ip": 1, "port": 80, "ip_type": 6}],
    "active": [True, False],
    "validator_permit": [False, True],
    "emission": [10**9, 0],
    "incentives": [65535, 0],
    "total_stake": [1234567890123, 0],
}


def read(**changed):
    return metagraph({**ANSWER, **changed}, network="finney", netuid=1, genesis="0xab", fetched_at=5.0)


def test_columns_become_neurons_in_the_order_of_their_uids():
    found = read()

    assert (found.network, found.netuid, found.block, found.genesis, found.fetched_at) == ("finney", 1, 7, "0xab", 5.0)
    assert [(axon.uid, axon.hotkey, axon.coldkey, axon.host, axon.port) for axon in found.axons] == [
        (0, HOTKEYS[0], HOTKEYS[1], "192.0.2.1", 8091),
        (1, HOTKEYS[1], HOTKEYS[0], "::1", 80),
    ]
    assert found.axons[0].standing == Standing(1234.567890123, 1.0, 1.0, validator_permit=False, active=True)
    assert {(axon.netuid, axon.block, axon.source) for axon in found.axons} == {(1, 7, "metagraph")}


@pytest.mark.parametrize("column", sorted(INDICES.keys() - {"block", "hotkeys"}))
@pytest.mark.parametrize("nothing", [None, [], ()])
def test_a_column_that_a_runtime_has_given_up_is_nothing_of_everybody(column, nothing):
    found = read(**{column: nothing})

    assert [axon.hotkey for axon in found.axons] == HOTKEYS
    if column == "axons":
        assert not any(axon.is_serving for axon in found.axons)


@pytest.mark.parametrize(
    ("endpoint", "host", "serving"),
    [
        ({"ip": 0, "port": 0, "ip_type": 0}, "0.0.0.0", False),  # noqa: S104 - an empty entry
        ({"ip": 0, "port": 8091, "ip_type": 4}, "0.0.0.0", False),  # noqa: S104 - an empty entry
        ({"ip": 2130706433, "port": 1, "ip_type": 4}, "127.0.0.1", True),
        ({"ip": 1, "port": 1, "ip_type": 4}, "0.0.0.1", True),
        ({"ip": 2**128 - 1, "port": 1, "ip_type": 4}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", True),
        ({"ip": 2130706433, "port": 0, "ip_type": 4}, "127.0.0.1", False),
    ],
)
def test_the_chain_s_numbers_are_addresses(endpoint, host, serving):
    axon = read(axons=[endpoint, None]).axons[0]

    assert (axon.host, axon.is_serving) == (host, serving)


def test_a_subnet_without_neurons_is_one_all_the_same():
    assert read(hotkeys=[], **{name: [] for name in INDICES.keys() - {"block", "hotkeys"}}).axons == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"hotkeys": None},
        {"block": None},
        {"block": "7"},
        {"axons": [{"ip": 0}] * 2},
        {"axons": [{"port": 1}] * 2},
        {"axons": [{"ip": 0, "port": 1, "ip_type": 4}]},
        {"axons": [{"ip": 2**128, "port": 1, "ip_type": 6}] * 2},
        {"axons": 5},
        {"axons": [1, 2]},
        {"axons": [{"ip": 1, "port": 65_536, "ip_type": 4}] * 2},
        {"axons": [{"ip": 1, "port": -1, "ip_type": 4}] * 2},
        {"axons": [{"ip": -1, "port": 1, "ip_type": 4}] * 2},
        {"hotkeys": ["5F3sa2\r\nX-Other: 1", HOTKEYS[1]]},
        {"hotkeys": [1, 2]},
        {"hotkeys": [None, None]},
        {"hotkeys": ["", ""]},
        {"coldkeys": ["\x1b[2J", HOTKEYS[1]]},
        {"coldkeys": HOTKEYS * 2},
        {"emission": [10**400, 0]},
        {"total_stake": ["x", "y"]},
    ],
)
def test_what_is_no_metagraph_is_a_value_error(changed):
    with pytest.raises(ValueError, match=r"\w"):
        read(**changed)


ANYTHING = st.none() | st.integers() | st.text(max_size=4)
ANSWERS = st.dictionaries(
    st.sampled_from(sorted(INDICES)),
    ANYTHING | st.lists(ANYTHING | st.fixed_dictionaries({"ip": ANYTHING, "port": ANYTHING, "ip_type": ANYTHING})),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANSWERS)
def test_whatever_a_node_answers_is_a_metagraph_or_a_value_error(changed):
    with suppress(ValueError):
        read(**changed)
