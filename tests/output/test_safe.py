import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.output import safe

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\x00b\x7fc", r"a\x00b\x7fc"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("a\u200bb\u2066c\u061cd", r"a\u200bb\u2066c\u061cd"),
        ("\U000e0041", r"\U000e0041"),
        ("\udc80", r"\udc80"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(hostile, shown):
    assert safe.text(hostile) == shown


def test_lines_and_tabs_become_one_space():
    assert safe.text(" one\r\n\ttwo\u2028three\x85four ") == "one two three four"


def test_markup_and_other_scripts_stay_as_they_are():
    assert safe.text("[red]héllo ☃ 你好[/red]") == "[red]héllo ☃ 你好[/red]"


def test_long_text_is_cut_at_its_limit():
    assert safe.text("abcdef", limit=4) == "abc…"
    assert safe.text("abcdef", limit=5, ellipsis="...") == "ab..."
    assert safe.text("abcd", limit=4) == "abcd"


@given(ANY_TEXT, st.none() | st.integers(0, 12))
def test_cleaning_twice_changes_nothing(text, limit):
    once = safe.text(text, limit=limit)

    assert safe.text(once, limit=limit) == once


@given(ANY_TEXT, st.integers(0, 12))
def test_a_limit_holds(text, limit):
    assert len(safe.text(text, limit=limit)) <= limit


@given(ANY_TEXT)
def test_nothing_is_left_that_moves_the_cursor(text):
    moving = "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"

    assert not re.search(moving, safe.text(text))
    assert not re.search(moving, safe.lines(text).replace("\n", ""))
    assert not re.search(moving, safe.stream(text).replace("\n", ""))


def test_lines_keep_their_spaces_and_breaks():
    assert safe.lines("{\n  'a  b': \t1\r\n}\n") == "{\n  'a  b': \\t1\\r\n}\n"


@pytest.mark.parametrize(
    "text",
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937", "\U0001f469\u200d\U0001f4bb"],
)
def test_what_a_model_writes_keeps_the_joiners_that_its_spelling_needs(text):
    assert safe.stream(text) == text
    assert safe.text(text) != text


def test_joiners_without_letters_are_few():
    assert len(safe.stream("a" + "\u200d" * 1000)) < 20


def test_a_hotkey_is_known_by_its_ends():
    hotkey = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"

    assert safe.shorten_hotkey(hotkey) == "5F3sa2…jhW"
    assert safe.shorten_hotkey(hotkey, ellipsis="...") == "5F3sa2...jhW"
    assert safe.shorten_hotkey("short") == "short"


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\u3000=1", "\xa0@x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x",
        "\u22121", "\ufe661", "\t=1", "\tplain", "\rplain", "\nplain", "\u200b=1", "\x00=1", "\ufeff=1",
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_could_compute_gets_an_apostrophe(formula):
    assert safe.cell(formula).startswith("'")


@pytest.mark.parametrize("harmless", ["", "a=1", "1-1", "5F3s", "'=1", "a  b", " a", '{"a":"=1"}', "你好"])
def test_any_other_cell_stays_as_it_is(harmless):
    assert safe.cell(harmless) == harmless


def test_a_cell_is_one_line_that_says_where_it_had_several():
    assert safe.cell("one\r\ntwo\tthree\u2028four\x1b[2J") == r"one\r\ntwo\tthree\u2028four\x1b[2J"


@given(ANY_TEXT)
def test_no_cell_moves_the_cursor_turns_text_or_is_computed(text):
    cell = safe.cell(text)

    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", cell)
    assert cell.strip()[:1] not in {*"=+-@\uff1d\uff0b\uff0d\uff20"}
    assert safe.cell(cell) == cell
