import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.axons.criteria import parse_exclusions, parse_keys, parse_uids
from dendrite_cli.errors import DendriteError, TargetError, UsageError

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"


@pytest.mark.parametrize(
    ("texts", "uids"),
    [
        (["7"], {7}),
        (["1,5-9"], {1, 5, 6, 7, 8, 9}),
        ([" 1 , 5 - 7 "], {1, 5, 6, 7}),
        (["3-3"], {3}),
        (["5-7,6-8,6"], {5, 6, 7, 8}),
        (["1", "2-3"], {1, 2, 3}),
        (["0-0"], {0}),
        (["007,00000000010"], {7, 10}),
        (["65535"], {65535}),
        ([], set()),
    ],
)
def test_uids_are_numbers_and_ranges(texts, uids):
    assert parse_uids(*texts) == uids


def test_all_uids_that_can_be_are_a_range():
    assert parse_uids("0-65535") == frozenset(range(65536))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "a uid is missing"),
        (" ", "a uid is missing"),
        ("1,,2", "a uid is missing"),
        ("1,", "a uid is missing"),
        ("-", "'-' is neither a uid nor a range"),
        ("-5", "'-5' is neither a uid nor a range"),
        ("5-", "'5-' is neither a uid nor a range"),
        ("1-5-9", "'1-5-9' is neither a uid nor a range"),
        ("1 5", "'1 5' is neither a uid nor a range"),
        ("1,x", "'x' is neither a uid nor a range"),
        ("+5", r"'\+5' is neither a uid nor a range"),
        ("0x5", "'0x5' is neither a uid nor a range"),
        ("1.5", r"'1\.5' is neither a uid nor a range"),
        ("\u0665", "is neither a uid nor a range"),
        ("\u00b2", "is neither a uid nor a range"),
        ("1\u20135", "is neither a uid nor a range"),
        ("1,9-5", "the uids '9-5' run backwards"),
        ("65536", "'65536' is beyond the last uid that a subnet can have, 65535"),
        ("0-4294967295", "'0-4294967295' is beyond the last uid"),
        ("4294967295-0", "'4294967295-0' is beyond the last uid"),
        ("9" * 5000, "is beyond the last uid"),
    ],
)
def test_what_are_no_uids_is_refused_with_the_reason(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        parse_uids(text)


def test_a_range_that_runs_backwards_is_put_right():
    with pytest.raises(UsageError) as problem:
        parse_uids("9 - 5")

    assert problem.value.help == "write 5-9"


@given(st.text(alphabet="0123456789-, ", max_size=12))
def test_any_list_of_numbers_is_uids_or_an_error(text):
    try:
        uids = parse_uids(text)
    except UsageError:
        return

    assert uids
    assert all(0 <= uid <= 65535 for uid in uids)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 20)), min_size=1, max_size=10), st.booleans())
def test_ranges_hold_all_from_their_first_to_their_last(spans, spaced):
    ranges = [range(low, min(low + more, 65535) + 1) for low, more in spans]
    comma, dash = (" , ", " - ") if spaced else (",", "-")
    text = comma.join(f"{each[0]}{dash}{each[-1]}" if len(each) > 1 else str(each[0]) for each in ranges)

    assert parse_uids(text) == {uid for each in ranges for uid in each}


def test_hotkeys_are_taken_once_in_their_order():
    assert parse_keys(f" {BOB}", f"{ALICE}, {BOB}") == (BOB, ALICE)


@pytest.mark.parametrize("text", [ALICE[:-1], ALICE[:-1] + "Z", ALICE + "Q", "hotkey", "0x" + "00" * 32, "17"])
@pytest.mark.parametrize("kind", ["hotkey", "coldkey"])
def test_a_key_with_a_wrong_checksum_is_an_error(text, kind):
    with pytest.raises(TargetError, match=f"'{text}' is no {kind}: its checksum is wrong"):
        parse_keys(text, kind=kind)


def test_a_key_that_is_left_out_is_an_error():
    with pytest.raises(TargetError, match="a hotkey is missing"):
        parse_keys(f"{ALICE},")


def test_an_exclusion_remembers_how_it_was_written():
    assert [out.text for out in parse_exclusions(f"1, 5 - 9,{ALICE}", "Axon.Example.")] == [
        "1",
        "5 - 9",
        ALICE,
        "Axon.Example.",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "an exclusion is missing"),
        ("1,,2", "an exclusion is missing"),
        ("9-5", "run backwards"),
        ("0-4294967295", "beyond the last uid"),
        ("-5", "neither a uid nor a range"),
        ("5F3sa2\u2026JhW", "neither a uid, a hotkey nor a host"),
        ("8.8.8.8:80", "neither a uid, a hotkey nor a host"),
        ("axon.example:80", "neither a uid, a hotkey nor a host"),
        ("192.0.2", "neither a uid, a hotkey nor a host"),
        ("10.0.0.0/8", "neither a uid, a hotkey nor a host"),
        ("-x", "neither a uid, a hotkey nor a host"),
        (ALICE[:-1] + "Z", "is no hotkey: its checksum is wrong"),
        (ALICE[:-1], "is no hotkey: its checksum is wrong"),
    ],
)
def test_what_cannot_be_excluded_is_refused_with_the_reason(text, complaint):
    with pytest.raises(DendriteError, match=complaint):
        parse_exclusions(text)


@given(st.text(max_size=60))
def test_any_text_is_exclusions_or_an_error_that_is_ours(text):
    try:
        exclusions = parse_exclusions(text)
    except (UsageError, TargetError):
        return

    assert all(exclusion.marks for exclusion in exclusions)
