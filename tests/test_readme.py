"""The README's commands are the ones that CI runs, and a newcomer's first ones work as they are printed."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from ground.need import need
from ground.terminal import Terminal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_ci_runs_the_readmes_test_command_as_it_stands():
    (command,) = re.findall(r"<!-- test-command -->\n```sh\n(.+)\n```", README)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.fixture(scope="module")
def five_minutes(tmp_path_factory):
    """What a newcomer sees who types every line of the section into a shell, from a home with nothing in it."""
    need(shutil.which("jq"), "jq")
    home = tmp_path_factory.mktemp("newcomer")
    program = home / "bin" / "dendrite"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m dendrite_cli "$@"\n')
    program.chmod(0o755)
    (section,) = re.findall(r"(?s)<!-- five-minutes -->(.*)<!-- /five-minutes -->", README)
    blocks = re.findall(r"(?s)```sh\n(.*?)```", section)
    script = home / "typed"
    script.write_text("".join(f"echo '== {number}'\n{block}" for number, block in enumerate(blocks)))
    env = {"HOME": str(home), "PATH": f"{program.parent}:/usr/local/bin:/usr/bin:/bin"}

    with Terminal(command=["bash", "-e", str(script)], env=env, cwd=home, columns=120, rows=50) as terminal:
        code = terminal.wait(120)
        return code, terminal.text.split("== ")[1:]


def test_every_line_of_the_first_five_minutes_works_as_it_is_printed(five_minutes):
    code, shown = five_minutes

    assert code == 0, shown
    assert len(shown) == 6
    assert not [part for part in shown if "error:" in part or "not found" in part]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, ["● 200 ok", "● signature  accepted", "is this machine"]),
        (2, ["prompt", "required", '"answer": "42"']),
        (3, ["10 answers in 2 groups · 8 of 10 agree", '- answer: "42"', '+ answer: "43"']),
        (4, ["Slow start begins with a small window."]),
        (5, ["nine in ten are there", "100.0 %"]),
    ],
    ids=["reachable", "answer", "compare", "stream", "script"],
)
def test_a_newcomer_sees_what_the_readme_promises(number, said, five_minutes):
    shown = five_minutes[1][number]

    assert [text for text in said if text not in shown] == [], shown
    if number == 5:
        assert len(set(re.findall(r"(?m)^5[1-9A-HJ-NP-Za-km-z]{47}$", shown))) == 10


def test_what_the_readme_links_to_in_the_repository_is_there():
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["ping", "compare"])
def test_a_picture_is_of_the_program_and_fetches_nothing(name):
    picture = (ROOT / "docs" / f"{name}.svg").read_text()

    assert f"dendrite&#160;{name}".replace("compare", "query") in picture
    assert "@font-face" not in picture
    assert "url(https" not in picture
