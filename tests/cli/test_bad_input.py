"""Whatever is wrong with a command line is said clearly, with the right exit code, and nothing is sent."""

import json
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from ground.asking import listening
from ground.cli import dendrite, environment
from ground.terminal import Terminal

VECTORS = Path(__file__).parent.parent / "vectors"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ECHO = ("query", "-s", "realsyn:EchoSynapse", "--pythonpath", str(VECTORS), "--ephemeral")


@pytest.fixture
def axon():
    """An axon that must not hear anything; yields how to address it."""
    with listening() as (port, heard):
        yield f"{ALICE}@127.0.0.1:{port}"
        assert heard() == 0, "something was sent"


def said(done) -> dict:
    """Return the one JSON object on stderr."""
    assert done.stdout == ""
    error = json.loads(done.stderr)
    assert error["code"] == done.returncode
    return error


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("-s", "nosuchpkg.mod:X"), "no module named 'nosuchpkg'"),
        (("-s", "json:Nope"), "json"),
        (("-s", "json:JSONDecoder"), "JSONDecoder"),
        (("-s", "./missing.py:X"), "missing.py"),
        (("-s", ""), "--synapse"),
        (("-s", "a.b"), "a.b:Class"),
        (("-s", "Route", "--json", '{"a":'), "line 1"),
        (("-s", "Route", "--json", "[1]"), "object"),
        (("-s", "Route", "--json", "/nonexistent/body.json"), "body.json"),
        (("-s", "Route", "--json", "-o"), "-o json"),
        (("-s", "Route", "--json"), "-o json"),
        (("-s", "Route", "noseparator"), "noseparator"),
        (("-s", "Route", "a=1", "a[b]=2"), "a"),
        (("-s", "Route", "a:={"), "a:={"),
        (("-s", "Route", "-H", "X-Api-Key: 1"), "--header"),
        (("-s", "Route", "--unsigned", "--ephemeral"), "contradict"),
        (("-s", "Route", "-q", "-v"), "contradict"),
        (("-s", "Route", "--require", "most"), "most"),
        (("-s", "Route", "--columns", "uidd"), "uid"),
        (("-s", "Route", "--max-bytes", "many"), "--max-bytes"),
        (("-s", "Route", "-t", "0"), "timeout"),
        (("-s", "Route", "-t", "inf"), "timeout"),
        (("-s", "Route", "--nonsense"), "--nonsense"),
        ((), "--synapse"),
    ],
)
def test_a_wrong_query_is_a_usage_error(axon, arguments, complaint):
    done = dendrite("query", "-a", axon, *arguments)

    error = said(done)
    assert done.returncode == 2
    assert complaint in f"{error['message']} {error['details']} {error['help']}"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('{"text":"hi","nmber":1}', "number"),
        ('{"text":"hi","number":"x"}', "number"),
        ('{"text":"hi","nested":{"tags":[1]}}', "nested.tags[0]"),
        ("{}", "text"),
        ("", "empty"),
        ('{"text":"hi",}', "line 1, column"),
        ('{"text": "hi",\n "number": }', "line 2, column"),
    ],
)
def test_a_body_that_does_not_fit_its_class_is_pointed_at(axon, body, complaint, tmp_path):
    (tmp_path / "body.json").write_text(body)

    done = dendrite(*ECHO, "-a", axon, "--json", str(tmp_path / "body.json"))

    error = said(done)
    assert done.returncode == 2
    assert complaint in f"{error['message']} {error['details']} {error['help']}"


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        (f"{ALICE}@127.0.0.1:0", "1-65535"),
        (f"{ALICE}@127.0.0.1:65536", "1-65535"),
        (f"{ALICE}@127.0.0.1", "no port"),
        (f"{ALICE[:-1]}Z@127.0.0.1:8091", "checksum"),
        ("127.0.0.1:8091", "has no hotkey"),
        ("@/nonexistent/axons", "cannot read"),
    ],
)
def test_a_target_that_cannot_be_asked_is_exit_4(target, complaint):
    done = dendrite("query", "-s", "Route", "-a", target, "--ephemeral")

    assert done.returncode == 4
    assert complaint in said(done)["message"]


def test_a_list_with_one_bad_line_says_which_and_asks_nobody(axon, tmp_path):
    (tmp_path / "axons").write_text(f"{axon}\n# fine so far\n127.0.0.1:99999\n")

    done = dendrite("ping", "-a", f"@{tmp_path / 'axons'}", "--ephemeral")

    assert done.returncode == 4
    assert "line 3" in said(done)["message"]


def test_nothing_selected_is_exit_4():
    done = dendrite("ping")

    assert done.returncode == 4
    assert "no axon is selected" in said(done)["message"]


def test_two_readers_of_stdin_are_refused(axon):
    done = dendrite("query", "-s", "Route", "-a", "-", "--json", "-", "--ephemeral", stdin=axon)

    assert done.returncode == 2
    assert "stdin" in said(done)["message"]


def test_raw_output_of_two_axons_is_refused(axon):
    done = dendrite("query", "-s", "Route", "-a", axon, "-a", f"{ALICE}@127.0.0.1:1", "-o", "raw", "--ephemeral")

    assert done.returncode == 2
    assert "one axon" in done.stderr


def test_raw_output_has_no_columns_to_sort_by(axon):
    done = dendrite("query", "-a", axon, "-s", "Route", "-o", "raw", "--sort", "total")

    assert done.returncode == 2
    assert "-o raw" in done.stderr


@pytest.mark.parametrize(
    "command", [("ping",), ("axons",), ("synapse", "describe"), ("synapse", "template"), ("mock",)]
)
def test_json_on_another_command_is_told_about_output(command):
    done = dendrite(*command, "127.0.0.1:1", "--json")

    assert done.returncode == 2
    assert "-o json" in said(done)["message"]


def test_a_missing_wallet_is_exit_3_with_the_next_command(axon):
    done = dendrite("ping", axon)

    error = said(done)
    assert (done.returncode, error["schema"]) == (3, "dendrite.error/1")
    assert "no wallet 'default'" in error["message"]
    assert "btcli wallet create" in error["help"]


@pytest.mark.skipif(not version("bittensor").startswith("11."), reason="bittensor 10 has no btcli of its own")
def test_the_next_command_makes_the_wallet(axon, tmp_path):
    home = {"HOME": str(tmp_path)}
    for where in ((), ("-H", "second"), ("--wallet-path", str(tmp_path / "else where"))):
        asked = ("query", "-s", "Route", "-a", axon, "--dry-run", *where)
        _, *words = shlex.split(said(dendrite(*asked, env=home))["help"].partition("create it: ")[2])
        command = [Path(sys.executable).with_name("btcli"), *words, *["--no-password"] * ("create" in words)]
        subprocess.run(command, env=environment(**home), stdin=subprocess.DEVNULL, capture_output=True, check=True)

        assert dendrite(*asked, env=home).returncode == 0


def test_a_locked_hotkey_is_exit_3(axon, wallets):
    done = dendrite("ping", axon, "--wallet-path", str(wallets), "-w", "validator", "-H", "locked", "--no-input")

    assert done.returncode == 3
    assert "is encrypted" in said(done)["message"]


def test_a_corrupt_hotkey_is_exit_3(axon, wallets):
    done = dendrite("ping", axon, "--wallet-path", str(wallets), "-w", "validator", "-H", "corrupt")

    assert done.returncode == 3
    assert "is not a usable key" in said(done)["message"]


def test_errors_are_words_where_a_table_was_asked_for(axon):
    done = dendrite("query", "-a", axon, "-s", "nosuchpkg.mod:X", "-o", "table")

    assert done.returncode == 2
    assert done.stderr.startswith("error: no module named 'nosuchpkg' (from --synapse nosuchpkg.mod:X)\n")
    assert "\n  help: " in done.stderr


@pytest.mark.parametrize("command", [(), ("synapse",)])
def test_a_command_that_needs_another_shows_its_help(command):
    done = dendrite(*command)

    assert done.returncode == 0
    assert "Usage: dendrite" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("ping", "-o", "jsn"), "--output 'jsn' is not one of auto, table, ndjson, json, csv, raw; did you mean json?"),
        (("ping", "-t", "abc"), "--timeout 'abc' is not a number"),
        (("ping", "-t", "0"), "--timeout '0' is less than 0.001"),
        (("ping", "-c", "1.5"), "--count '1.5' is not a whole number"),
        (("schema", "resul"), "KIND 'resul' is not one of result, "),
        (("ping", "--ephmeral"), "no such option: --ephmeral; did you mean --ephemeral?"),
        (("history", "--limit", "3"), "no such option: --limit; dendrite history list has it"),
        (("ping", "--axon"), "'--axon' requires an argument"),
    ],
)
def test_what_is_wrong_with_an_option_is_said_with_what_was_typed(arguments, complaint):
    done = dendrite(*arguments)

    error = json.loads(done.stderr) if done.stderr.startswith("{") else {"message": done.stderr, "help": done.stderr}
    assert done.returncode == 2
    assert complaint in error["message"]
    assert f"dendrite {arguments[0]}" in error["help"]
    assert "Value error" not in done.stderr


def test_a_variable_that_makes_no_sense_is_named():
    done = dendrite("ping", "127.0.0.1:1", env={"DENDRITE_TIMEOUT": "soon"})

    assert said(done)["message"] == "DENDRITE_TIMEOUT 'soon' is not a number"


@pytest.mark.parametrize(
    ("arguments", "help_"),
    [
        (("query", "-s", "X", f"{ALICE}@127.0.0.1:1"), "an axon is given with -a"),
        (("query", "-s", "X", "a=b"), "-a AXON"),
        (("ping", "127.0.0.1:80/foo"), "btauth://HOTKEY@HOST:PORT/PATH"),
        (("query", "-s", "X", "-o", "raw", "-a", "127.0.0.1:1", "-a", "127.0.0.1:2"), "-a AXON, --uid N, or --limit 1"),
    ],
)
def test_help_is_what_to_type(arguments, help_):
    assert help_ in dendrite(*arguments, "--ephemeral").stderr


def test_a_place_in_json_is_pointed_at():
    with Terminal("query", "-s", "X", "-a", "127.0.0.1:1", "--json", '{"a":1', "--ephemeral") as screen:
        assert screen.wait() == 2
    shown = screen.text.splitlines()

    assert shown[-1].index("^") == shown[-2].index("1") + 1


def test_what_may_have_been_meant_is_named(tmp_path):
    (tmp_path / "axons.txt").write_text("")
    (tmp_path / "protocol.py").write_text("import bittensor\n\n\nclass Ask(bittensor.Synapse):\n    prompt: str\n")

    typo = dendrite("ping", "@axon.txt", cwd=tmp_path)
    empty = dendrite("ping", "@axons.txt", cwd=tmp_path)
    bare = dendrite("synapse", "describe", "Ask", cwd=tmp_path)

    assert (typo.returncode, said(typo)["help"]) == (4, "there is axons.txt")
    assert (empty.returncode, said(empty)["message"]) == (4, "no axon is selected: axons.txt names none")
    assert (bare.returncode, said(bare)["message"]) == (2, "'Ask' names no class")
    assert said(bare)["help"].endswith(": ./protocol.py:Ask")
