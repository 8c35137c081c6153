"""Lines of talk that are broken to fit a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.output.wrapped import cells, fold

WORDS = st.text(st.sampled_from("ab世é "), max_size=120)


def test_a_line_that_fits_is_left_as_it_is():
    assert fold("  a  b ", 7) == "  a  b "


def test_a_line_is_broken_at_spaces_and_goes_on_indented():
    assert fold("note: nobody listens there; check its port", 24) == "note: nobody listens\n  there; check its port"
    assert fold("  help: write key=text, key:=json", 24) == "  help: write key=text,\n    key:=json"


def test_a_word_that_is_too_long_stays_whole():
    assert fold("see https://example.org/a/long/one now", 12) == "see\n  https://example.org/a/long/one\n  now"


def test_colours_take_no_room():
    line = "\x1b[36mnote:\x1b[0m abc"

    assert fold(line, 9) == line
    assert fold(line, 8) == "\x1b[36mnote:\x1b[0m\n  abc"


@given(WORDS, st.integers(8, 40))
def test_no_word_is_lost_and_only_words_alone_are_too_wide(line, width):
    folded = fold(line, width)

    assert folded.split() == line.split()
    for row in folded.split("\n"):
        assert cells(row) <= width or len(row.split()) <= 1
