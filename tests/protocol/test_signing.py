from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.protocol.signing import ELIDED, Elided, Elisions, body_hash, echoes, elide, trimmed

SIGNATURE = "ab" * 64


def test_the_hash_of_no_fields_is_that_of_the_empty_string():
    assert body_hash(()) == "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"


@pytest.mark.parametrize("echo", [SIGNATURE, f"0x{SIGNATURE}", SIGNATURE.upper(), f"0X{SIGNATURE.upper()}"])
def test_our_signature_is_elided_however_it_is_written(echo):
    assert elide(f"you sent {echo}.", SIGNATURE) == f"you sent {ELIDED}."


def test_our_signature_is_elided_in_values_and_keys_at_any_depth():
    body = {"a": [{f"k{SIGNATURE}": 1}, SIGNATURE], SIGNATURE: {"b": f"{SIGNATURE}{SIGNATURE}"}, "n": 1.5, "none": None}

    elided = elide(body, SIGNATURE)

    assert elided == {
        "a": [{f"k{ELIDED}": 1}, ELIDED],
        ELIDED: {"b": f"{ELIDED}{ELIDED}"},
        "n": 1.5,
        "none": None,
    }


def test_letters_whose_lower_case_is_longer_hide_nothing():
    dotted = "\u0130" * 200

    assert elide(f"{dotted}0x{SIGNATURE}{dotted}", SIGNATURE) == f"{dotted}{ELIDED}{dotted}"


def test_thousands_of_echoes_are_elided_one_after_another():
    text = f"{SIGNATURE}," * 20_000

    assert elide(text, SIGNATURE) == f"{ELIDED}," * 20_000


@pytest.mark.parametrize("before", range(4096 - 130, 4100))
def test_a_text_that_is_cut_keeps_no_telling_part_of_our_signature(before):
    text = trimmed("x" * before + SIGNATURE + "y" * 500, [SIGNATURE], 4096)

    assert len(text) <= 4096
    assert SIGNATURE[:17] not in text


def test_a_text_that_is_cut_shorter_by_what_is_elided_keeps_no_telling_part_either():
    signature = "".join(f"{number:02x}" for number in range(64))

    text = trimmed(f"{signature} " * 100, [signature], 4096)

    assert signature[:17] not in text
    assert text.startswith(f"{ELIDED} ")


@pytest.mark.parametrize("digits", [17, 57, 127])
def test_a_text_that_quotes_a_part_of_our_signature_keeps_none_of_it(digits):
    signature = "".join(f"{number:02x}" for number in range(64))

    text = trimmed(f"text: should be a number; it is '0X{signature[:digits].upper()}...'", [signature], 4096)

    assert text == f"text: should be a number; it is '{ELIDED}...'"


def test_a_few_digits_that_our_signature_begins_with_are_left_as_they_are():
    assert trimmed(f"{SIGNATURE[:16]}.", [SIGNATURE], 4096) == f"{SIGNATURE[:16]}."


def test_text_without_our_signature_is_left_as_it_is():
    assert elide("0xabab", SIGNATURE) == "0xabab"


@pytest.mark.parametrize("signature", [SIGNATURE, "0123456789" + SIGNATURE[10:]])
@pytest.mark.parametrize(
    ("content", "expected"),
    [('{"a":1}', 0), ("SIGNATURE", 1), ("0xSIGNATURE, SIGNATURE", 2), ('{"a":"\\u0061b"}', 1)],
)
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_how_often_a_body_may_hold_our_signature_is_known_before_it_is_parsed(signature, content, expected, case):
    assert echoes(content.replace("SIGNATURE", case(signature)).encode(), signature) == expected


@given(
    st.lists(
        st.sampled_from(["SIGNATURE", "0xSIGNATURE", "UPPER", '"', "zz", " and ", "{}"])
        | st.text("0123456789abcdef", max_size=200)
        | st.text("ghij,", max_size=300)
    ),
    st.binary(min_size=64, max_size=64),
)
def test_no_echo_of_our_signature_is_overlooked(parts, signed):
    signature = signed.hex()
    content = "".join(parts).replace("SIGNATURE", signature).replace("UPPER", signature.upper()).encode()

    there = content.lower().count(signature.encode())
    assert echoes(content, signature) >= there
    assert (echoes(content, signature) > 0) == (there > 0)


def test_an_answer_full_of_digits_is_searched_to_its_end():
    digits = b"0123456789" * 10_000

    assert echoes(digits + SIGNATURE.encode() + digits, SIGNATURE) == 1


@pytest.mark.parametrize("size", [1, 7, 64, 127, 128, 300])
def test_our_signature_is_elided_from_pieces_however_it_is_cut(size):
    signature = "".join(f"{number:02x}" for number in range(64))
    text = f"b\u0130fore 0x{signature} between {signature.upper()} after"
    told = Elided(signature)

    pieces = [told.piece(text[at : at + size]) for at in range(0, len(text), size)]

    shown = "".join([*pieces, told.rest().decode()])
    assert signature[:32] not in shown.lower()
    assert shown.count(ELIDED) == 2
    assert shown.startswith("b\u0130fore ")
    assert shown.endswith(" after")


def test_what_only_begins_like_our_signature_is_shown_at_the_end():
    told = Elided(SIGNATURE)

    assert (told.piece(f"x{SIGNATURE[:40]}"), told.rest()) == (f"x{SIGNATURE[:16]}", SIGNATURE[16:40].encode())
    assert Elided(None).piece(SIGNATURE) == SIGNATURE


@pytest.mark.parametrize("size", [1, 7, 60, 1000])
def test_none_of_several_signatures_gets_through_a_stream_however_it_is_cut(size):
    ours = [sha512(name).hexdigest() for name in (b"a", b"b", b"c")]
    said = f"one {ours[1]} two 0x{ours[0]} three {ours[2].upper()} {ours[2][:10]} end"
    told = Elisions(ours)

    shown = "".join(str(told.piece(said[at : at + size])) for at in range(0, len(said), size)) + told.rest()

    assert not [signature for signature in ours if signature[:32] in shown.lower()]
    assert shown.count(ELIDED) == 3
    assert shown.endswith(f"{ours[2][:10]} end")
    assert Elisions(()).piece(b"raw") == b"raw"


@pytest.mark.parametrize("size", [1, 60, 1000])
def test_bytes_stay_bytes_without_any_of_our_signatures(size):
    ours = [sha512(name).hexdigest() for name in (b"a", b"b")]
    said = b"\xff" + f"{ours[0]}{ours[1].upper()}\x00{ours[1][:20]}".encode()
    told = Elisions(ours)

    shown = b"".join([told.piece(said[at : at + size]) for at in range(0, len(said), size)]) + told.rest()

    assert not [signature for signature in ours if signature[:32].encode() in shown.lower()]
    assert (shown[:1], shown.count(ELIDED.encode()), shown[-21:]) == (b"\xff", 2, f"\x00{ours[1][:20]}".encode())
    assert elide({"a": said}, ours[0])["a"].startswith(b"\xff" + ELIDED.encode())


def test_a_text_that_is_cut_keeps_none_of_several_signatures():
    ours = [sha512(name).hexdigest() for name in (b"a", b"b")]

    text = trimmed(f"{ours[0]} {'x' * 3900} {ours[1]}{ours[0]}", ours, 4096)

    assert not [signature for signature in ours if signature[:17] in text]
