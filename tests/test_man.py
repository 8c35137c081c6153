"""The man pages are those that the program writes, and every reader of man pages takes them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ground.cli import dendrite
from ground.need import need

from dendrite_cli.cli import examples, reference
from dendrite_cli.cli.declared import program
from dendrite_cli.cli.roff import plain

MAN = Path(__file__).parent.parent / "man"
PAGES = reference.pages()


def test_what_the_program_writes_about_itself_is_what_it_is_now():
    written = reference.files()
    names = {*written, *(f"man/{path.name}" for path in MAN.glob("*.1"))}
    there = {name: (MAN.parent / name).read_text() for name in names if (MAN.parent / name).is_file()}

    stale = sorted(name for name in names if written.get(name) != there.get(name))
    assert stale == [], "write them anew, in the checkout, by: python -m dendrite_cli.cli.reference"


def test_every_command_has_a_page():
    assert set(PAGES) == {f"{'-'.join(('dendrite', *path))}.1" for path in program()}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_has_all_that_one_looks_for(name):
    sections = [line[5:-1] for line in PAGES[name].splitlines() if line.startswith(".SH ")]

    wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "ENVIRONMENT", "FILES", "EXIT STATUS"]
    assert [section for section in sections if section != "COMMANDS"] == [*wanted, "SEE ALSO"]


def test_every_command_has_examples_that_fit_a_narrow_terminal():
    for path in program():
        lines = [example.line for example in examples.of(path)]
        assert lines, path
        assert max(map(len, lines)) < 79, path


def test_every_option_of_a_command_is_on_its_page():
    for path, command in program().items():
        page = PAGES[f"{'-'.join(('dendrite', *path))}.1"]
        for option in (name for part in command.options for name in (*part.options, *part.negative)):
            assert rf"\fB{plain(option)}\fR" in page, (path, option)


def test_no_help_has_what_rich_takes_for_markup():
    """It would not be shown: of `a[b][0]` there would be left `a[0]`."""
    for path, command in program().items():
        for part in command.parameters:
            assert not re.search(r"\[[a-z#/@][^\[]*?\]", part.help), (path, part.options)


@pytest.mark.parametrize("command", ["ping", "stream", "history replay", "synapse list", "schema", "mock"])
def test_a_help_page_cuts_nothing_off_on_a_narrow_terminal_and_names_no_types_of_python(command):
    shown = dendrite(*command.split(), "--help", env={"COLUMNS": "80"}).stdout

    assert max(map(len, shown.splitlines())) == 80
    assert [line for line in shown.splitlines() if "…" in line or re.search(r"<(bool|str|path|int|list)\b", line)] == []


def test_choices_break_between_words_on_a_help_page():
    shown = dendrite("ping", "--help", env={"COLUMNS": "80"}).stdout

    assert "<auto|table|ndjson|" in shown
    assert " json|csv|raw>" in shown


def test_mandoc_has_nothing_to_say():
    need(shutil.which("mandoc"), "mandoc")
    command = ["mandoc", "-Tlint", "-Wwarning", *sorted(map(str, MAN.glob("*.1")))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_groff_has_nothing_to_say(name):
    need(shutil.which("groff"), "groff")
    command = ["groff", "-man", "-Tutf8", "-ww", "-z", str(MAN / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_what_is_typed_is_shown_as_it_is_typed():
    need(shutil.which("groff"), "groff")
    command = ["groff", "-man", "-Tascii", "-P-cbou", str(MAN / "dendrite-stream.1")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "dendrite stream -a @axons.txt -s mypkg:ChatStream prompt=hi --stop-on '[.!?]'" in shown


def test_no_name_is_hyphenated():
    need(shutil.which("groff"), "groff")
    for width in range(60, 130, 7):
        command = ["groff", "-man", "-Tutf8", "-P-cbou", f"-rLL={width}n", str(MAN / "dendrite-ping.1")]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout

        assert "\u2010" not in shown
