"""JSON from axons: whatever it is made of, it is understood within a moment or refused."""

import json
import time

import pytest

from dendrite_cli import encoding

MANY = 5_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b"[]," * MANY + b"0]",
        b"[" + b"{}," * MANY + b"0]",
        b"[" + b"0," * MANY + b"0]",
        b'[{"a":' + b"[0]," * MANY + b"0]}]",
        b"{" + b",".join(b'"%d":0' % number for number in range(MANY // 5)) + b"}",
        b"[" + (b"1" + b"0" * 4298 + b",") * 3_500 + b"0]",
        b'{"a":' * 100_000 + b"0" + b"}" * 100_000,
    ],
    ids=["lists", "objects", "numbers", "a list of lists", "keys", "digits", "depth"],
)
def test_what_would_take_seconds_is_refused_at_once(content):
    began = time.process_time()
    with pytest.raises(ValueError, match=r"more than (1,500,000|200 numbers)|recursion limit"):
        encoding.parse(content)
    assert time.process_time() - began < 1


def test_large_answers_of_real_kinds_are_understood():
    floats = [number / 7 for number in range(500_000)]
    boxes = [{"box": [1, 2, 3, 4], "label": "cat"}] * 50_000
    text = "Well, then: a story, as they say. " * 400_000

    assert encoding.parse(encoding.line(floats)) == floats
    assert encoding.parse(encoding.line(boxes)) == boxes
    assert encoding.parse(encoding.line({"text": text})) == {"text": text}
    digits = {"bits": "01" * 4_000_000, "powers": ", ".join(str(7**exponent) for exponent in range(500, 700))}
    assert encoding.parse(encoding.line(digits)) == digits


@pytest.mark.parametrize(
    ("each", "weight"), [(b"0", 1), (b"[]", 5), (b"{}", 5), (b'{"":0}', 6), (b'[{"":[]}]', 14)], ids=str
)
def test_there_is_a_number_of_values_that_is_too_many(each, weight):
    most = (encoding.MOST - 4) // weight

    assert len(encoding.parse(b"[%b]" % b",".join([each] * most))) == most
    with pytest.raises(ValueError, match="more than 1,500,000"):
        encoding.parse(b"[%b]" % b",".join([each] * (most + 2)))


@pytest.mark.parametrize("mark", ["[", "{"])
def test_brackets_in_a_text_weigh_as_much_as_others(mark):
    most = encoding.MOST // 4

    assert encoding.parse(b'"%b"' % (mark.encode() * most)) == mark * most
    with pytest.raises(ValueError, match="more than"):
        encoding.parse(b'"%b"' % (mark.encode() * (most + 1)))


def test_commas_in_a_text_are_no_values_while_its_bytes_could_not_be_as_many():
    text = "," * (encoding.MOST + 1)

    assert encoding.parse(encoding.line(text)) == text
    with pytest.raises(ValueError, match="more than"):
        encoding.parse(encoding.line(text * 2))


@pytest.mark.parametrize("text", ["\u200b" * 5_000_000, "a\u200b" * 2_500_000, "\u3164\x7f" * 20_000])
def test_a_text_full_of_what_is_not_seen_is_written_out_at_once(text):
    began = time.process_time()
    told = encoding.line({"text": text})

    assert time.process_time() - began < 1
    assert json.loads(told) == {"text": text}
    assert not set(text) & set(told.decode()) - {"a"}


def test_what_cannot_even_be_shown_as_text_is_named():
    class Mute:
        def __str__(self):
            raise RuntimeError

    assert encoding.line({"a": Mute()}) == b'{"a":"a Mute"}'
    assert (
        encoding.line([2**53 + 1, True, None, -(2**60), 3])
        == b'["9007199254740993",true,null,"-1152921504606846976",3]'
    )
