"""On a real pseudo-terminal, read by a terminal emulator."""

import json
import re
import signal
import subprocess
import time

import pytest
from ground.cli import PROGRAM, environment
from ground.mocks import answering_once, mock_axons
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ESCAPE = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def axons():
    with mock_axons([Behaviour(), Behaviour(refuse="Not enough stake"), Behaviour(delay=30)]) as addresses:
        yield addresses


def test_a_ping_is_a_table_with_a_headline_and_a_footer(axons):
    with Terminal("ping", *axons[:2], "--ephemeral") as terminal:
        code = terminal.wait()

    assert code == 1
    assert "2 axons · signed as an ephemeral key" in terminal.text
    assert re.search(r"HOTKEY +ENDPOINT +STATUS +CONNECT +TTFB +PROCESS +TOTAL +NOTE", terminal.text)
    assert re.search(r"5\w{4,5}…\w{3} +127\.0\.0\.1:\d+ +● 200 ok", terminal.text)
    assert re.search(r"◐ 403 forbidden .* Not enough stake", terminal.text)
    assert "2 axons · 2 dialled · 2 answered · 1 ok" in terminal.text
    assert ESCAPE.search(terminal.raw)


def test_a_query_of_one_axon_shows_its_answer(axons):
    asked = ("query", "-s", "dendrite_cli.mock.example:Echo", "-a", axons[0], "text=hello", "--ephemeral")
    with Terminal(*asked) as terminal:
        assert terminal.wait() == 0

    assert '"text": "hello"' in terminal.text


def test_no_color_is_honoured(axons):
    with Terminal("ping", axons[0], "--ephemeral", env={"NO_COLOR": "1"}) as terminal:
        terminal.wait()

    assert "200 ok" in terminal.text
    assert not ESCAPE.search(terminal.raw)


def test_color_always_wins_over_no_color(axons):
    with Terminal("ping", axons[0], "--ephemeral", "--color", "always", env={"NO_COLOR": "1"}) as terminal:
        terminal.wait()

    assert ESCAPE.search(terminal.raw)


@pytest.mark.parametrize("columns", [40, 20])
def test_a_narrow_terminal_keeps_one_line_per_axon_and_its_status(axons, columns):
    with Terminal("ping", *axons[:2], "--ephemeral", "-q", columns=columns) as terminal:
        assert terminal.wait() == 1

    lines = terminal.text.splitlines()
    assert len(lines) == 3
    assert all(len(line) <= columns for line in lines)
    assert [line for line in lines if "200" in line]
    assert [line for line in lines if "403" in line]


def test_a_dumb_terminal_gets_ascii(axons):
    with Terminal("ping", *axons[:2], "--ephemeral", env={"TERM": "dumb"}) as terminal:
        terminal.wait()

    assert terminal.raw.isascii()
    assert b"\x1b" not in terminal.raw
    assert "200 ok" in terminal.text


def test_ctrl_c_shows_what_is_there_within_a_second(axons):
    with Terminal("ping", *axons, "--ephemeral", "-t", "60") as terminal:
        terminal.wait_for("2/3 done")
        pressed = time.monotonic()
        terminal.interrupt()
        code = terminal.wait()

    assert code == 130
    assert time.monotonic() - pressed < 1
    assert "200 ok" in terminal.text
    assert "cancelled" in terminal.text
    assert "interrupted" in terminal.text
    assert "Traceback" not in terminal.text


def test_ctrl_c_twice_quits(axons):
    with Terminal("ping", axons[2], "--ephemeral", "-t", "60") as terminal:
        terminal.wait_for("0/1 done")
        terminal.interrupt()
        terminal.interrupt()

        assert terminal.wait() == 130


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("output", ["ndjson", "json"])
def test_a_signal_in_the_middle_leaves_valid_records(axons, number, code, output):
    arguments = ("ping", *axons, "--ephemeral", "-t", "60", "-o", output, "-q")
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, env=environment(), text=True) as program:
        assert program.stdout
        written = [program.stdout.readline(), program.stdout.readline()] if output == "ndjson" else []
        time.sleep(0 if written else 2)
        sent = time.monotonic()
        program.send_signal(number)
        rest = program.stdout.read()
        assert program.wait(5) == code

    assert time.monotonic() - sent < 1
    text = "".join(written) + rest
    records = [json.loads(line) for line in text.splitlines()]
    results = records if output == "ndjson" else records[0]["results"]
    assert sorted(result["outcome"] for result in results) == ["cancelled", "forbidden", "ok"]
    assert output == "ndjson" or records[0]["run"]["interrupted"] is True


def test_hostile_text_cannot_move_the_cursor():
    evil = json.dumps({"message": "\x1b[2J\x1b]0;owned\x07\u202e[red]x[/red]\r\n"}).encode()
    with (
        answering_once(evil, "403 Forbidden") as port,
        Terminal("ping", f"{ALICE}@127.0.0.1:{port}", "--ephemeral") as terminal,
    ):
        assert terminal.wait() == 1

    assert b"\x1b[2J" not in terminal.raw
    assert b"\x1b]0" not in terminal.raw
    assert "\u202e".encode() not in terminal.raw
    assert "[red]x[/red]" in terminal.text


def test_a_locked_hotkey_asks_on_the_terminal_while_stdin_is_a_pipe(axons, wallets):
    program = " ".join(PROGRAM)
    command = f"echo {axons[0]} | {program} ping -a - --wallet-path {wallets} -w validator -H locked -q"
    with Terminal(command=["sh", "-c", command]) as terminal:
        terminal.wait_for("password for hotkey 'locked' of wallet 'validator':")
        terminal.type("Correct-horse-9\n")
        assert terminal.wait() == 0

    assert "Correct-horse-9" not in terminal.text
    assert "200 ok" in terminal.text


def test_ctrl_c_at_the_password_prompt_is_130(axons, wallets):
    with Terminal("ping", axons[0], "--wallet-path", str(wallets), "-w", "validator", "-H", "locked") as terminal:
        terminal.wait_for("password for hotkey")
        terminal.interrupt()
        assert terminal.wait() == 130

    assert "Traceback" not in terminal.text
    assert terminal.raw.endswith(b"\n")


def test_the_mock_says_how_to_address_it_and_ends_with_ctrl_c():
    with Terminal("mock", "--refuse", "no") as terminal:
        terminal.wait_for("Ctrl-C ends it")
        terminal.interrupt()
        assert terminal.wait() == 0

    assert re.search(r"5\w{47}@127\.0\.0\.1:\d+", terminal.text)


def test_the_demo_prints_each_real_command_before_its_output():
    with Terminal("demo", columns=160, rows=120) as terminal:
        assert terminal.wait() == 0

    assert "$ dendrite ping @axons.txt --ephemeral" in terminal.text
    assert "403 forbidden" in terminal.text
    assert '"text": "hello there"' in terminal.text
    assert "proven 10.5.0" in terminal.text
    assert "Slow start begins with a small window" in terminal.text
    assert "error" not in terminal.text


def test_the_list_of_commands_says_what_each_does_on_a_narrow_terminal():
    with Terminal("--help", columns=80) as terminal:
        assert terminal.wait() == 0
        lines = terminal.text.splitlines()

    commands = lines[lines.index("Commands:") + 1 : -2]
    assert [line.split()[0] for line in commands[:4]] == ["ping", "query", "stream", "history"]
    assert all(line.endswith(".") and not line.endswith("...") for line in commands), commands
