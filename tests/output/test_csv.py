import csv
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli import records
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.output.columns import COLUMNS, leaves
from dendrite_cli.output.csv import header, row

ANY_TEXT = st.text(st.characters(exclude_categories=()))
WELL_FORMED = st.text(st.characters(exclude_categories=["Cs"]))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | WELL_FORMED,
    lambda inner: st.lists(inner) | st.dictionaries(WELL_FORMED, inner),
)  # fmt: skip


def parsed(line):
    """Return the cells of what has to be one line of UTF-8 and one row."""
    assert line.endswith(b"\n")
    text = line.decode()
    assert len(text.splitlines()) == 1
    (cells,) = csv.reader([text], strict=True)
    return cells


def cell(value, name="x"):
    (found,) = parsed(row({name: value}))
    return found


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""), (True, "true"), (False, "false"), (0, "0"), (-250.0, "-250.0"), (245.401, "245.401"),
        (-1, "-1"), (1e-07, "1e-7"), (float("nan"), ""), (float("-inf"), ""), (-(2**63), str(-(2**63))),
        ("text", "text"), ("", ""), ('say "a,b"', 'say "a,b"'), ("-1", "'-1"), ("=1+1", "'=1+1"),
        ([1, None], "[1,null]"), ({"a": "x\ny"}, r'{"a":"x\ny"}'), (b"\x00", '{"base64":"AA=="}'),
    ],
)  # fmt: skip
def test_a_cell_is_bare_text_or_json_and_empty_for_nothing(value, written):
    assert cell(value) == written


@pytest.mark.parametrize("name", ["body", "stream", "answer"])
@pytest.mark.parametrize(("value", "written"), [("=1+1", '"=1+1"'), ("hi", '"hi"'), (-1, "-1"), (None, ""), ({}, "{}")])
def test_what_may_be_of_any_type_is_json_also_where_it_is_text(name, value, written):
    assert cell(value, name) == written


def test_a_row_with_one_empty_cell_is_no_empty_line():
    assert row({"x": None}) == b'""\n'


def test_every_leaf_of_a_record_is_a_column_of_that_path_and_leads_to_it():
    record = records.result(Outcome(3, Axon("h", 1), Verdict.OK, "synapse", "Echo", attempts=1), "r")

    columns = {column.name: column.value(record) for column in leaves()}

    rebuilt: dict = {}
    for name, value in columns.items():
        part, _, member = name.rpartition(".")
        (rebuilt.setdefault(part, {}) if part else rebuilt)[member] = value
    assert rebuilt == record


def test_a_header_is_cleaned_as_its_rows_are():
    assert parsed(header(["body.a\nb", "body.\x1b[2J", "=1"])) == [r"body.a\nb", r"body.\x1b[2J", "'=1"]


@given(st.dictionaries(st.sampled_from([column.name for column in leaves()] + list(COLUMNS)), ANY_TEXT, min_size=1))
def test_whatever_text_a_record_has_it_is_one_row_that_nothing_computes_or_obeys(record):
    cells = parsed(row(record))

    assert len(cells) == len(record)
    for found in cells:
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", found)
        assert found.strip()[:1] not in {*"=+-@\uff1d\uff0b\uff0d\uff20"}


@given(st.text(st.characters(categories=["L", "N", "Zs", "Sc"], include_characters="\"',;.:!?()[]{}\\"), min_size=1))
def test_a_text_that_is_harmless_comes_back_to_the_letter(text):
    assert cell(text) == text


@given(ANY_JSON)
def test_a_body_comes_back_to_the_letter(body):
    found = cell(body, "body")

    assert (json.loads(found) if found else None) == body
