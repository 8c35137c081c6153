"""What shells offer on the first Tab: in the shells themselves, and as they are told."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from ground.cli import dendrite
from ground.kept import asking, keep_run, outcome
from ground.need import need
from ground.subnet import metagraph
from ground.terminal import Terminal

from dendrite_cli.axons.cache import Cache
from dendrite_cli.cli.declared import program
from dendrite_cli.synapse.discover import classes

COMPLETIONS = Path(__file__).parents[2] / "completions"
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {0}/dendrite.bash"),
    # as installed: autoloaded, so that the first Tab is the script's first call
    "zsh": (["zsh", "-f", "-i"], "fpath=({0} $fpath); autoload -Uz compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], "source {0}/dendrite.fish"),
}
PROTOCOL = """
import bittensor as bt
raise SystemExit("nobody imports what is only read")
class MySynapse(bt.Synapse):
    prompt: str
class Further(MySynapse): pass
class _Hidden(bt.Synapse): pass
class Other: pass
"""


@pytest.fixture
def home(tmp_path):
    """A home with wallets, a cached metagraph, a past run and a module, and the program on the path."""
    hotkeys = tmp_path / ".bittensor" / "wallets" / "validator" / "hotkeys"
    hotkeys.mkdir(parents=True)
    for name in ("main", "spare", "mainpub.txt"):
        (hotkeys / name).touch()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "protocol.py").write_text(PROTOCOL)
    (tmp_path / "work" / "axons.txt").touch()
    (tmp_path / "work" / "sn1.json").touch()
    assert Cache(tmp_path / ".cache" / "dendrite").store(metagraph(*[("192.0.2.1", 1)] * 30)) is None
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "dendrite"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m dendrite_cli "$@"\n')
    script.chmod(0o755)
    return tmp_path


@pytest.fixture
def complete(home):
    """Return what is offered for words, and how."""

    def run(*words, kind="words", **env):
        done = dendrite("_complete", kind, *words, env={"HOME": str(home)} | env, cwd=home / "work")
        assert done.stderr == ""
        head, *lines = done.stdout.splitlines()
        return head.split("\t")[0], [line.split("\t")[0] for line in lines]

    return run


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("dendrite que", "dendrite query"),
        ("dendrite query --syn", "dendrite query --synapse"),
        ("dendrite ping -w val", "dendrite ping -w validator"),
        ("dendrite ping --wallet-hotkey ma -w val", "dendrite ping --wallet-hotkey ma -w validator"),
        ("dendrite ping --netuid 1 -u 3,27", "dendrite ping --netuid 1 -u 3,27"),
        ("dendrite ping --output=js", "dendrite ping --output=json"),
        ("dendrite query -s protocol:M", "dendrite query -s protocol:MySynapse"),
        ("dendrite axons @ax", "dendrite axons @axons.txt"),
        ("dendrite ping --snapshot sn", "dendrite ping --snapshot sn1.json"),
    ],
)
def test_a_shell_completes_on_the_first_tab(shell, typed, completed, home):
    need(shutil.which(shell), shell)
    command, setting_up = SHELLS[shell]
    env = {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", "PS1": "> "}

    with Terminal(command=command, env=env, cwd=home / "work") as terminal:
        terminal.type(f"{setting_up.format(COMPLETIONS)}; echo re''ady\n")
        terminal.wait_for("ready\n")
        terminal.type(f"{typed}\t")
        # what comes after the Tab shows where the cursor is: behind the completed word
        terminal.type("#")
        terminal.wait_for(f"{completed} #")


def test_commands_are_offered_by_their_names(complete):
    assert complete("")[1][:3] == ["ping", "query", "stream"]
    assert complete("history", "re") == ("plain", ["replay"])
    assert complete("nonsense", "") == ("plain", complete("")[1])


def test_every_command_and_option_is_known(complete):
    for path, command in program().items():
        if command.commands:
            assert complete(*path, "")[1] == list(command.commands)
        else:
            offered = complete(*path, "--")[1]
            assert {f"--{part.long}" for part in command.options} <= set(offered), path


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ping", "--role", ""], ["miner", "validator", "all"]),
        (["ping", "-o", "t"], ["table"]),
        (["ping", "--output=t"], ["--output=table"]),
        (["ping", "-n", ""], ["finney", "test", "local", "archive"]),
        (["ping", "-w", ""], ["validator"]),
        (["ping", "-w", "validator", "-H", ""], ["main", "spare"]),
        (["ping", "-wvalidator", "-H", "s"], ["spare"]),
        (["ping", "--wallet=validator", "--wallet-hotkey=s"], ["--wallet-hotkey=spare"]),
        (["ping", "--netuid", ""], ["1"]),
        (["ping", "-n", "finney", "--netuid", ""], ["1"]),
        (["ping", "-n", "test", "--netuid", ""], []),
        (["ping", "--netuid", "1", "-u", "2"], ["2", *(str(uid) for uid in range(20, 30))]),
        (["ping", "--netuid", "1", "-u", "1,29"], ["1,29"]),
        (["query", "-s", ""], ["protocol:MySynapse", "protocol:Further"]),
        (["query", "-s", "./"], ["./protocol.py:MySynapse", "./protocol.py:Further"]),
        (["synapse", "describe", "protocol:F"], ["protocol:Further"]),
        (["schema", "res"], ["result"]),
        (["history", "show", "l"], ["last"]),
        (["ping", "--quiet", "--qui"], []),
        (["ping", "--axon", "x", "--axo"], ["--axon"]),
        (["ping", "--", "--qui"], []),
        (["ping", "@"], ["@axons.txt", "@protocol.py", "@sn1.json"]),
        (["ping", "--timeout", ""], []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_value_is_completed_by_what_is_there(words, offered, complete):
    assert complete(*words) == ("plain", offered)


def test_hotkeys_of_a_subnet_are_those_of_its_cached_metagraph(complete):
    known = [str(axon.hotkey) for axon in metagraph(*[("192.0.2.1", 1)] * 30).axons]

    assert complete("ping", "--netuid", "1", "--hotkey", known[3][:8])[1] == [known[3]]
    assert complete("ping", "--hotkey", known[3][:8], DENDRITE_NETUID="1")[1] == [known[3]]


def test_past_runs_are_offered_the_newest_first(complete, home):
    path = home / ".local" / "state" / "dendrite" / "history.db"
    for number in range(2):
        keep_run(path, [outcome()], asking(number=number))
    ids = complete("history", "show", "")[1]

    assert ids[0] == "last"
    assert len(ids) == 3
    assert ids[1] > ids[2]


def test_files_and_folders_are_left_to_the_shell(complete):
    assert complete("ping", "--snapshot", "s") == ("files", [])
    assert complete("ping", "--wallet-path", "") == ("dirs", [])


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("dendrite que", ["query"]),
        ("dendrite query prompt='a b' --syn", ["--synapse"]),
        ("dendrite query prompt='a b", []),
        ('dendrite ping -w "val', ["validator"]),
        ("dendrite ping -w ", ["validator"]),
        ("dendrite ping \\", []),
    ],
)
def test_an_unfinished_line_is_understood_as_a_shell_would(line, offered, complete):
    assert complete(line, kind="line") == ("plain", offered)


def test_what_is_broken_offers_nothing_and_says_nothing(complete, home):
    cache = home / ".cache" / "dendrite" / "metagraph-finney-1.json"
    for content in ("{", "[]", '{"columns":["uid","hotkey"],"axons":[[1,"\\u001b[2J"],7,[]]}'):
        cache.write_text(content)
        assert complete("ping", "--netuid", "1", "-u", "") == ("plain", [])
    (home / "work" / "protocol.py").write_bytes(b"class MySynapse(Synapse\x00")
    assert complete("query", "-s", "") == ("plain", [])
    (home / ".local" / "state" / "dendrite").mkdir(parents=True)
    (home / ".local" / "state" / "dendrite" / "history.db").write_text("no database")
    assert complete("history", "show", "") == ("plain", ["last"])
    (home / ".bittensor" / "wallets" / "a\x1b[2J\n" / "hotkeys").mkdir(parents=True)
    assert complete("ping", "-w", "") == ("plain", ["validator"])


def test_classes_are_found_in_packages_and_not_in_what_is_installed_there(tmp_path):
    synapse = "from bittensor import Synapse\nclass {}(Synapse): ...\n"
    for path, name in (
        ("pkg/sub/mod.py", "Deep"),
        ("pkg/__init__.py", "Top"),
        ("venv/mod.py", "No"),
        (".x/m.py", "No"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(synapse.format(name))
    (tmp_path / "child.py").write_text("from pkg import Top\nclass Child(Top): synapse: 'Synapse'\n")

    assert classes(str(tmp_path)) == ["child:Child", "pkg:Top", "pkg.sub.mod:Deep"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_program_prints_its_own_scripts(shell):
    name = {"bash": "dendrite.bash", "zsh": "_dendrite", "fish": "dendrite.fish"}[shell]

    assert dendrite("--completion", shell).stdout == (COMPLETIONS / name).read_text()
