from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.axons.criteria import Criteria, Sample, Top, parse_exclusions
from dendrite_cli.axons.select import by_endpoint, select, shared
from dendrite_cli.axons.terms import By, Role, Unique
from dendrite_cli.errors import TargetError, UsageError
from dendrite_cli.model import Axon, Metagraph, Standing

EMPTY = ("0.0.0.0", 0)  # noqa: S104 - an empty entry


def neuron(uid: int, host: str | None = None, port: int = 8091, *, coldkey: str = "", **standing: float) -> Axon:
    """Return a neuron that shares nothing with others and stands out by nothing, but for what is given."""
    facts = {"stake": 0.0, "incentive": 0.0, "emission": 0.0, "validator_permit": False, "active": True} | standing
    return Axon(
        host or f"8.8.{uid // 256}.{uid % 256}",
        port,
        f"hotkey-{uid}",
        netuid=1,
        uid=uid,
        coldkey=coldkey or f"coldkey-{uid}",
        block=7,
        source="metagraph",
        standing=Standing(**facts),
    )


EIGHT = tuple(neuron(uid) for uid in range(8))


def uids(axons, **criteria) -> list[int]:
    return [axon.uid for axon in select(axons, Criteria(**criteria)).axons]


def metagraph(*axons: Axon) -> Metagraph:
    return Metagraph("finney", 1, 7, 0.0, None, axons)


def test_without_criteria_everybody_is_asked_in_the_order_that_they_came_in():
    assert uids(EIGHT) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert uids(reversed(EIGHT)) == [7, 6, 5, 4, 3, 2, 1, 0]


def test_uids_are_asked_in_their_own_order():
    assert uids(EIGHT, uids=frozenset({5, 2})) == [2, 5]


def test_hotkeys_name_neurons_too_beside_uids():
    assert uids(EIGHT, hotkeys=("hotkey-6", "hotkey-1")) == [1, 6]
    assert uids(EIGHT, hotkeys=("hotkey-6",), uids=frozenset({3, 6})) == [3, 6]


def test_a_coldkey_selects_all_of_its_neurons():
    axons = [neuron(0, coldkey="c"), neuron(1), neuron(2, coldkey="c")]

    assert uids(axons, coldkeys=("c",)) == [0, 2]
    assert uids(axons, coldkeys=("c", "coldkey-1")) == [0, 1, 2]


def test_a_coldkey_narrows_those_that_were_named():
    axons = [neuron(0, coldkey="c"), neuron(1), neuron(2, coldkey="c")]

    assert uids(axons, uids=frozenset({1, 2}), coldkeys=("c",)) == [2]


def test_the_role_is_told_by_the_validator_permit():
    axons = [neuron(0, validator_permit=True, incentive=0.5), neuron(1, stake=1e6), neuron(2, validator_permit=True)]

    assert uids(axons, role=Role.VALIDATOR) == [0, 2]
    assert uids(axons, role=Role.MINER) == [1]
    assert uids(axons, role=Role.ALL) == [0, 1, 2]


def test_the_least_stake_is_enough():
    axons = [neuron(0, stake=99.9), neuron(1, stake=100.0), neuron(2, stake=100.1)]

    assert uids(axons, min_stake=100.0) == [1, 2]


def test_no_least_stake_is_not_the_same_as_none_at_all():
    axons = [neuron(0, stake=0.0), neuron(1, stake=-0.0)]

    assert uids(axons, min_stake=0.0) == [0, 1]


@pytest.mark.parametrize(
    ("by", "best"),
    [(By.INCENTIVE, [2, 0]), (By.STAKE, [0, 1]), (By.EMISSION, [1, 2])],
)
def test_the_top_is_ranked_by_what_was_asked_for_best_first(by, best):
    axons = [
        neuron(0, incentive=0.2, stake=30.0, emission=1.0),
        neuron(1, incentive=0.1, stake=20.0, emission=3.0),
        neuron(2, incentive=0.3, stake=10.0, emission=2.0),
    ]

    assert uids(axons, top=Top(2, by)) == best


def test_equals_in_the_top_stand_by_uid():
    axons = [neuron(3), neuron(1, incentive=0.1), neuron(2), neuron(0)]

    assert uids(axons, top=Top(3)) == [1, 0, 2]


def test_a_top_larger_than_the_subnet_is_a_ranking():
    assert uids([neuron(0), neuron(1, incentive=0.1)], top=Top(10)) == [1, 0]


def test_neurons_that_do_not_serve_are_ranked_like_others():
    axons = [neuron(0, *EMPTY, incentive=0.9), neuron(1, incentive=0.1)]

    assert uids(axons, top=Top(1)) == [0]


def test_a_seed_draws_the_same_uids_on_every_machine():
    # as Python 3.11, 3.12 and 3.13 draw them
    axons = [neuron(uid) for uid in range(256)]

    assert uids(axons, sample=Sample(5, 42)) == [12, 57, 114, 125, 140]


def test_a_sample_of_the_top_stays_ranked_and_is_drawn_by_uid():
    ascending = [neuron(uid, incentive=uid / 100) for uid in range(50)]
    descending = [neuron(uid, incentive=-uid / 100) for uid in range(50)]

    drawn = uids(ascending, sample=Sample(5, 1))
    assert uids(ascending, top=Top(50), sample=Sample(5, 1)) == drawn[::-1]
    assert uids(descending, top=Top(50), sample=Sample(5, 1)) == drawn


def test_a_limit_takes_the_first_of_what_is_left():
    axons = [neuron(uid, incentive=uid / 10) for uid in range(5)]

    assert uids(axons, limit=2) == [0, 1]
    assert uids(axons, top=Top(3), limit=2) == [4, 3]
    assert uids(axons, limit=9) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("out", "left"),
    [
        (["3"], [0, 1, 2, 4, 5, 6, 7]),
        (["1-6"], [0, 7]),
        (["0", "2-3,7"], [1, 4, 5, 6]),
        (["8.8.0.4"], [0, 1, 2, 3, 5, 6, 7]),
        (["::ffff:8.8.0.4"], [0, 1, 2, 3, 5, 6, 7]),
        (["5-9", "8.8.0.0, 1"], [2, 3, 4]),
        (["10.0.0.1", "miner.example", "99"], [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_exclusions_leave_out_uids_and_hosts(out, left):
    assert uids(EIGHT, exclude=parse_exclusions(*out)) == left


def test_an_exclusion_leaves_out_a_hotkey():
    alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

    assert uids([neuron(0), replace(neuron(1), hotkey=alice)], exclude=parse_exclusions(alice)) == [0]


def test_an_excluded_host_is_found_in_every_spelling():
    axons = [neuron(0, "2606:4700::1"), neuron(1, "2606:4700:0:0:0:0:0:2"), neuron(2, "::ffff:8.8.8.8"), neuron(3)]

    assert uids(axons, exclude=parse_exclusions("2606:4700:0::0001", "[2606:4700::2]", "8.8.8.8")) == [3]


def test_an_excluded_uid_is_left_out_even_where_it_was_named():
    assert uids(EIGHT, uids=frozenset({1, 2, 3}), exclude=parse_exclusions("2")) == [1, 3]


def test_each_ip_is_asked_once_at_its_lowest_uid():
    axons = [neuron(0, "8.8.8.8"), neuron(1, "8.8.8.8", 8092), neuron(2, "8.8.4.4"), neuron(3, "::ffff:8.8.8.8")]

    assert uids(axons, unique=Unique.IP) == [0, 2]


def test_each_endpoint_is_asked_once():
    axons = [neuron(0, "8.8.8.8"), neuron(1, "8.8.8.8", 8092), neuron(2, "8.8.8.8"), neuron(3, "8.8.4.4")]

    assert uids(axons, unique=Unique.ENDPOINT) == [0, 1, 3]


def test_each_coldkey_is_asked_once():
    axons = [neuron(0, coldkey="c"), neuron(1), neuron(2, coldkey="c"), replace(neuron(3), coldkey=None)]

    assert uids([*axons, replace(neuron(4), coldkey=None)], unique=Unique.COLDKEY) == [0, 1, 3, 4]


@pytest.mark.parametrize("unique", [Unique.IP, Unique.ENDPOINT])
def test_neurons_that_do_not_serve_share_nothing(unique):
    axons = [neuron(0, *EMPTY), neuron(1, *EMPTY), neuron(2, "0.0.0.0", 1), neuron(3, "8.8.8.8", 0), neuron(4, "::")]  # noqa: S104 - an empty entry

    assert uids(axons, unique=unique) == [0, 1, 2, 3, 4]


def test_the_best_of_each_ip_is_kept_where_there_is_a_rank():
    axons = [
        neuron(0, "8.8.8.8", incentive=0.1, stake=9),
        neuron(1, "8.8.8.8", incentive=0.4, stake=1),
        neuron(2, "8.8.4.4", incentive=0.3, stake=5),
        neuron(3, "8.8.8.8", incentive=0.4, stake=1),
    ]

    assert uids(axons, unique=Unique.IP, top=Top(2)) == [1, 2]
    assert uids(axons, unique=Unique.IP, top=Top(2, By.STAKE)) == [0, 2]


def test_an_excluded_neuron_does_not_stand_for_its_ip():
    axons = [neuron(0, "8.8.8.8"), neuron(1, "8.8.8.8")]

    assert uids(axons, unique=Unique.IP, exclude=parse_exclusions("0")) == [1]


def test_criteria_apply_in_the_documented_order():
    axons = [
        neuron(0, "8.8.8.8", incentive=0.9, stake=10, validator_permit=True),
        neuron(1, "8.8.8.8", incentive=0.8, stake=10),
        neuron(2, "8.8.8.8", incentive=0.7, stake=10),
        neuron(3, "8.8.4.4", incentive=0.6, stake=1),
        neuron(4, "8.8.4.4", incentive=0.5, stake=10),
        neuron(5, "8.8.1.1", incentive=0.4, stake=10),
        neuron(6, "8.8.2.2", incentive=0.3, stake=10),
    ]

    chosen = uids(
        axons,
        uids=frozenset(range(6)),
        role=Role.MINER,
        min_stake=5.0,
        exclude=parse_exclusions("1"),
        unique=Unique.IP,
        top=Top(2),
        sample=Sample(2, 0),
        limit=1,
    )
    assert chosen == [2]


@pytest.mark.parametrize(
    ("strangers", "complaint"),
    [
        ({8}, "netuid 1 has no uid 8; uids there: 0-7"),
        ({3, 300, 301, 302, 305}, "netuid 1 has no uid 300-302, 305; uids there: 0-7"),
        (set(range(65536)), "netuid 1 has no uid 8-65535; uids there: 0-7"),
        (set(range(10, 30, 2)), "netuid 1 has no uid 10, 12, 14, 16, 18 and 5 more; uids there: 0-7"),
    ],
)
def test_a_uid_that_is_not_there_is_an_error_that_tells_which_are(strangers, complaint):
    with pytest.raises(TargetError) as problem:
        select(EIGHT, Criteria(uids=frozenset(strangers)))

    assert problem.value.message == complaint


def test_a_hotkey_that_is_not_there_is_an_error_that_names_it():
    with pytest.raises(TargetError) as problem:
        select(EIGHT, Criteria(hotkeys=("hotkey-1", "gone", "left")))

    assert problem.value.message == "netuid 1 has no hotkey gone, left; uids there: 0-7"


def test_many_hotkeys_that_are_not_there_are_named_in_part():
    with pytest.raises(TargetError, match=r"has no hotkey a, b, c, d, e and 2 more; uids there: 1, 5$"):
        select([neuron(1), neuron(5)], Criteria(hotkeys=tuple("abcdefg")))


def test_nobody_is_there_on_an_empty_subnet():
    with pytest.raises(TargetError, match="the subnet has no uid 5; nobody is there"):
        select([], Criteria(uids=frozenset({5})))
    with pytest.raises(TargetError, match="no axon is selected: there is none to choose from"):
        select([], Criteria())


@pytest.mark.parametrize(
    ("criteria", "complaint"),
    [
        ({"coldkeys": ("c",)}, "--coldkey leaves none of 8"),
        ({"role": Role.VALIDATOR}, "--role leaves none of 8"),
        ({"min_stake": 1.0}, "--min-stake leaves none of 8"),
        ({"min_stake": float("nan")}, "--min-stake leaves none of 8"),
        ({"exclude": parse_exclusions("0-65535")}, "--exclude leaves none of 8"),
        ({"uids": frozenset({1, 2}), "coldkeys": ("coldkey-3",)}, "--coldkey leaves none of 2"),
    ],
)
def test_where_nobody_is_left_the_error_says_by_which_option(criteria, complaint):
    with pytest.raises(TargetError, match=f"no axon is selected: {complaint}"):
        select(EIGHT, Criteria(**criteria))


def test_only_uids_and_hotkeys_name_neurons():
    def named(**criteria) -> bool:
        return select(EIGHT, Criteria(**criteria)).named

    assert named(uids=frozenset({0}))
    assert named(hotkeys=("hotkey-0",), top=Top(1))
    assert not named()
    assert not named(coldkeys=("coldkey-0",), role=Role.MINER, limit=1)


def test_what_fitted_nobody_is_told():
    criteria = Criteria(
        coldkeys=("coldkey-1", "gone"), exclude=parse_exclusions("0", "99", "5-9", "8.8.0.3", "10.0.0.1", "b.example")
    )

    assert select(EIGHT, criteria).unmatched == ("gone", "99", "10.0.0.1", "b.example")


@pytest.mark.parametrize(
    "criteria", [{"role": Role.MINER}, {"min_stake": 1.0}, {"top": Top(1)}, {"top": Top(1), "unique": Unique.IP}]
)
def test_axons_of_which_no_metagraph_was_asked_cannot_be_compared(criteria):
    with pytest.raises(UsageError, match=r"needs a metagraph, and none was asked about 8\.8\.8\.8:80"):
        select([Axon("8.8.8.8", 80)], Criteria(**criteria))


def test_axons_of_a_list_stay_in_its_order():
    listed = [Axon("8.8.8.9", 80), neuron(4), Axon("8.8.8.8", 80), neuron(2)]

    assert select(listed, Criteria(limit=3, exclude=parse_exclusions("9"))).axons == tuple(listed[:3])


def test_a_sample_of_typed_axons_does_not_depend_on_how_they_were_typed():
    typed = [Axon(f"8.8.8.{last}", 80) for last in range(20)]

    forth = select(typed, Criteria(sample=Sample(5, 1))).axons
    assert select(typed[::-1], Criteria(sample=Sample(5, 1))).axons == forth[::-1]


def test_an_endpoint_is_looked_up_in_every_spelling():
    axons = [neuron(0, "2606:4700:0::1"), neuron(1, "8.8.8.8"), neuron(2, "8.8.8.8", 8092), neuron(3, "::ffff:8.8.8.8")]

    assert [axon.uid for axon in by_endpoint(metagraph(*axons), "2606:4700::1", 8091)] == [0]
    assert [axon.uid for axon in by_endpoint(metagraph(*axons), "8.8.8.8", 8091)] == [1, 3]
    assert by_endpoint(metagraph(*axons), "8.8.8.8", 8093) == []
    assert by_endpoint(metagraph(*axons), "axon.example", 8091) == []


def test_nobody_announces_the_empty_endpoint():
    assert by_endpoint(metagraph(neuron(0, *EMPTY), neuron(1, "::", 80)), *EMPTY) == []


def test_endpoints_that_several_hotkeys_announce_are_told_largest_first():
    one = neuron(4, "8.8.8.8")
    axons = [
        neuron(0, "1.1.1.1"),
        neuron(1, "1.1.1.1"),
        neuron(2, "8.8.8.8"),
        neuron(3, "8.8.8.8"),
        one,
        neuron(5, "8.8.8.8", 1),
        neuron(6, *EMPTY),
        neuron(7, *EMPTY),
    ]

    assert [[axon.uid for axon in group] for group in shared(axons)] == [[2, 3, 4], [0, 1]]
    assert shared([one, one, replace(one, hotkey=None)]) == []


subnets = st.integers(1, 40).flatmap(
    lambda size: st.tuples(
        *(
            st.builds(
                lambda uid, host, port, coldkey, values, permit: neuron(
                    uid,
                    host,
                    port,
                    coldkey=coldkey,
                    validator_permit=permit,
                    **dict(zip(("stake", "incentive", "emission"), values, strict=True)),
                ),
                st.just(uid),
                st.sampled_from(["8.8.8.8", "8.8.4.4", "::ffff:8.8.8.8", "2606:4700::1", "0.0.0.0"]),  # noqa: S104 - an empty entry
                st.sampled_from([0, 80, 8091]),
                st.sampled_from("abc"),
                st.tuples(*[st.sampled_from([0.0, 0.25, 1.0])] * 3),
                st.booleans(),
            )
            for uid in range(size)
        )
    )
)
sizes = st.integers(1, 50)


def everything_but(*left_out: str):
    """Return criteria that a subnet of any kind survives, since a later step always leaves somebody."""
    parts = {
        "unique": st.none() | st.sampled_from(Unique),
        "top": st.none() | st.builds(Top, sizes, st.sampled_from(By)),
        "sample": st.none() | st.builds(Sample, sizes, st.integers(0, 2**64)),
        "limit": st.none() | sizes,
    }
    return st.builds(Criteria, **{name: part for name, part in parts.items() if name not in left_out})


@given(subnets, st.builds(Sample, sizes, st.integers(0, 2**64)), st.randoms(use_true_random=False))
def test_who_is_drawn_does_not_depend_on_the_order_of_a_list(axons, sample, random):
    shuffled = random.sample(axons, len(axons))

    assert sorted(uids(shuffled, sample=sample)) == uids(axons, sample=sample)


@given(subnets, everything_but())
def test_a_selection_is_some_of_the_neurons_each_once(axons, criteria):
    chosen = select(axons, criteria).axons

    assert set(chosen) <= set(axons)
    assert len(set(chosen)) == len(chosen) >= 1


@given(subnets, everything_but("top"))
def test_a_selection_without_a_rank_is_in_the_order_of_uids(axons, criteria):
    chosen = [axon.uid for axon in select(axons, criteria).axons]

    assert chosen == sorted(chosen)


@given(subnets, sizes, st.sampled_from(By))
def test_nobody_left_out_of_the_top_is_better_than_one_in_it(axons, size, by):
    chosen = select(axons, Criteria(top=Top(size, by))).axons

    keys = [(-getattr(axon.standing, by), axon.uid) for axon in chosen]
    others = [(-getattr(axon.standing, by), axon.uid) for axon in axons if axon not in chosen]
    assert keys == sorted(keys)
    assert len(chosen) == min(size, len(axons))
    assert not others or max(keys) < min(others)


@given(subnets, sizes, st.integers(0, 2**64))
def test_a_sample_is_as_large_as_asked_and_as_python_draws_it_from_the_uids(axons, size, seed):
    expected = Random(seed).sample(range(len(axons)), min(size, len(axons)))  # noqa: S311 - to be repeated

    assert uids(axons, sample=Sample(size, seed)) == sorted(expected)


@given(subnets, st.sampled_from(Unique), st.none() | st.builds(Top, st.just(50), st.sampled_from(By)))
def test_a_unique_selection_shares_nothing_and_loses_nothing(axons, unique, top):
    def what(axon):
        if unique is Unique.COLDKEY:
            return axon.coldkey
        host = axon.host.removeprefix("::ffff:")
        alone = not axon.is_serving
        return axon.uid if alone else host if unique is Unique.IP else (host, axon.port)

    kept = select(axons, Criteria(unique=unique, top=top)).axons

    assert sorted(map(str, map(what, kept))) == sorted({str(what(axon)) for axon in axons})
    for axon in axons:
        stands_for = next(one for one in kept if what(one) == what(axon))
        value = (lambda one: getattr(one.standing, top.by)) if top else (lambda one: -one.uid)
        assert value(stands_for) >= value(axon)


@given(subnets, st.sets(st.integers(0, 39)))
def test_exclusions_leave_exactly_the_others(axons, out):
    left = [axon.uid for axon in axons if axon.uid not in out]
    exclude = parse_exclusions(*map(str, out))

    if left:
        assert uids(axons, exclude=exclude) == left
    else:
        with pytest.raises(TargetError):
            select(axons, Criteria(exclude=exclude))


@given(subnets, st.sets(st.integers(0, 39), min_size=1), everything_but())
def test_naming_all_that_others_leave_is_the_same_as_leaving_the_others_out(axons, chosen, criteria):
    named = frozenset(axon.uid for axon in axons) & chosen
    others = [str(axon.uid) for axon in axons if axon.uid not in named]
    if not named:
        return

    by_name = select(axons, replace(criteria, uids=named)).axons
    assert by_name == select(axons, replace(criteria, exclude=parse_exclusions(*others))).axons


@given(subnets, everything_but("sample", "limit"), st.builds(Sample, sizes, st.integers(0, 99)), sizes)
def test_a_later_step_takes_from_what_the_earlier_left(axons, criteria, sample, limit):
    before = select(axons, criteria).axons
    drawn = select(axons, replace(criteria, sample=sample)).axons
    cut = select(axons, replace(criteria, sample=sample, limit=limit)).axons

    assert drawn == tuple(axon for axon in before if axon in drawn)
    assert len(drawn) == min(sample.size, len(before))
    assert cut == drawn[:limit]
