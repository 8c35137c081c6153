import json
import math
import string
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.errors import UsageError
from dendrite_cli.synapse.body import JsonText, parse, place_in, read_json


def no_stdin() -> bytes:
    raise AssertionError("stdin was read")


@pytest.mark.parametrize("value", ['{"a": 1}', ' \n{"a": 1}', "{", "[1]"])
def test_json_is_recognised_as_such(value):
    assert read_json(value, no_stdin) == JsonText(value, "--json")


def test_a_dash_is_stdin():
    assert read_json("-", lambda: b'{"a": "\xc3\xa9"}') == JsonText('{"a": "é"}', "stdin")


def test_anything_else_is_a_file_with_or_without_a_byte_order_mark(tmp_path):
    path = tmp_path / "body.json"
    path.write_bytes(b"\xef\xbb\xbf{}")

    assert read_json(str(path), no_stdin) == JsonText("{}", str(path))


@pytest.mark.parametrize("name", ["missing.json", "", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(UsageError, match="cannot read the body"):
        read_json(str(tmp_path / name), no_stdin)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "body").write_bytes(b"\xff\xfe{")

    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_json(str(tmp_path / "body"), no_stdin)


@pytest.mark.parametrize("value", ["-o", "--output", "json", "ndjson", "table"])
def test_who_wanted_json_output_is_told_how(value):
    with pytest.raises(UsageError) as raised:
        read_json(value, no_stdin)

    assert "-o json" in raised.value.help


@pytest.mark.parametrize(
    ("text", "place", "caret"),
    [
        ('{"a": 1,\n "b": }', "line 2, column 7", "       ^"[1:]),
        ('{"a" 1}', "line 1, column 6", "     ^"),
        ('{"a": 1,}', "line 1, column", ""),
        ('{"a": 1} x', "line 1, column 10", "         ^"),
        ('{"a": "x\ny"}', "line 1, column", ""),
        ("{", "line 1, column 2", " ^"),
    ],
)
def test_broken_json_is_pointed_at(text, place, caret):
    with pytest.raises(UsageError) as raised:
        parse(JsonText(text, "body.json"))

    problem = raised.value
    assert problem.message.startswith(f"broken JSON in body.json, {place}")
    assert problem.details[0] in text
    assert problem.details[1].endswith(caret)
    assert problem.details[1].strip() == "^"


def test_a_break_far_to_the_right_is_shown_with_its_surroundings():
    text = '{"a": "' + "x" * 5000 + '", b}'

    with pytest.raises(UsageError) as raised:
        parse(JsonText(text, "body.json"))

    line, caret = raised.value.details
    assert len(line) <= 80
    assert line[len(caret) - 1] == text[text.index("b}")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("[1]", "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('{"a": 1, "a": 2}', "the key 'a' stands there twice"),
        ('{"x": [{"a": 1, "b": 2, "a": 1}]}', "the key 'a' stands there twice"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1e999}', "1e999 is more than a number can hold"),
        ('{"a": ' + "[" * 201 + "]" * 201 + "}", "deep"),
        ('{"a": ' + "[" * 100_000, "deep"),
        ('{"a": ' + "9" * 5000 + "}", "unusable JSON"),
    ],
)
def test_json_that_axons_would_read_otherwise_is_refused(text, complaint):
    with pytest.raises(UsageError) as raised:
        parse(JsonText(text, "body.json"))

    assert complaint in raised.value.message
    assert "body.json" in raised.value.message


def test_two_hundred_levels_are_taken():
    text = '{"a": ' + "[" * 199 + "]" * 199 + "}"

    assert parse(JsonText(text, "--json")) == json.loads(text)


TEXT = '{\n  "a": {"b": [1, {"c\\u0031": "x"}]},\n  "d": true\n}'


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        (("a",), {"b": [1, {"c1": "x"}]}, "line 2, column 8"),
        (("a", "b", 1, "c1"), "x", "line 2, column 30"),
        (("d",), True, "line 3, column 8"),
        (("d",), False, None),
        (("a", "nope"), 1, None),
        (("a", "b", 7), 1, None),
        (("d", "x"), 1, None),
    ],
)
def test_a_value_is_found_in_its_source_where_the_source_says_it(place, value, found):
    assert place_in(JsonText(TEXT, "body.json"), place, value) == found


def test_a_key_is_found_in_its_source():
    assert place_in(JsonText(TEXT, "body.json"), ("d",), True, key=True) == "line 3, column 3"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values), st.sampled_from([None, 0, 1, "\t"]))
def test_every_object_is_read_as_it_was_written(fields, indent):
    assert parse(JsonText(json.dumps(fields, indent=indent), "--json")) == fields


@given(st.dictionaries(st.text(), values, min_size=1), st.data())
def test_every_value_is_found_at_its_place(fields, data):
    text = json.dumps(fields, indent=1)
    place, value = [], fields
    while value and isinstance(value, (dict, list)):
        key = data.draw(st.sampled_from(list(value if isinstance(value, dict) else range(len(value)))))
        place.append(key)
        value = value[key]

    line, column = place_in(JsonText(text, "x"), place, value).removeprefix("line ").split(", column ")

    at = sum(len(each) + 1 for each in text.split("\n")[: int(line) - 1]) + int(column) - 1
    assert json.JSONDecoder().raw_decode(text, at)[0] == value


@given(st.text() | st.text(alphabet=string.punctuation + "0123456789aeE\n "))
def test_no_text_is_read_as_anything_but_an_object_or_a_usage_error(text):
    try:
        fields = parse(JsonText(text, "--json"))
    except UsageError:
        return
    assert isinstance(fields, dict)
    assert not any(isinstance(value, float) and math.isinf(value) for value in fields.values())


def test_a_wide_object_with_a_late_duplicate_is_refused_at_once():
    names = ",".join(f'"k{number}": 1' for number in range(100_000))

    with pytest.raises(UsageError, match="k99999"):
        parse(JsonText(f'{{{names}, "k99999": 2}}', "--json"))

    assert sys.getrecursionlimit() < 100_000
