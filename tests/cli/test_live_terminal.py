"""What moves while a run goes on, on a real pseudo-terminal: it fills in, it keeps to its place, and it goes."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ground.cli import PROGRAM, environment
from ground.mocks import mock_axons
from ground.terminal import Terminal

import dendrite_cli
from dendrite_cli.mock.behaviour import Behaviour

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
GROUND = Path(__file__).parent.parent / "ground"
CROWD, STREAMING = GROUND / "crowd.py", GROUND / "streaming.py"
PACKAGE = Path(dendrite_cli.__file__).parent.parent
FRAME = b"\x1b[?2026h"
COLOR = re.compile(rb"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def crowd():
    """300 axons; every 15th never answers, the others after half a second."""
    arguments = [sys.executable, str(CROWD), json.dumps({"wait": 0.5, "every": 15})]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        port = int(program.stdout.readline())
        yield [f"{ALICE}@127.0.{number // 250}.{number % 250 + 1}:{port}" for number in range(300)]
        program.kill()


@pytest.fixture(scope="module")
def three():
    """One that answers, one that refuses, one that takes its time."""
    with mock_axons([Behaviour(), Behaviour(refuse="Not enough stake"), Behaviour(delay=30)]) as addresses:
        yield addresses


def asking(axons, *more):
    return ("ping", *axons, "--ephemeral", "-t", "60", *more)


def shell(*lines):
    """Commands of a shell with job control, as people have it."""
    return ["bash", "--norc", "-m", "-c", "\n".join(lines)]


def program(axons, *more):
    return shlex.join([*PROGRAM, *asking(axons, *more)])


def endpoints(text):
    return re.findall(r"(?m)^ \S+ +(127\.0\.\d+\.\d+):\d+ ", text)


def test_rows_fill_in_within_the_screen_and_then_the_whole_table_is_printed(crowd):
    with Terminal("ping", *crowd, "--ephemeral", "-t", "3", "-P", "100", columns=80, rows=24) as terminal:
        terminal.wait_for("· waiting")
        terminal.wait_for("● 200 ok")
        during, above = terminal.screen.shown, len(terminal.screen.history.top)
        code = terminal.wait()

    assert code == 1
    assert above == 0
    assert len(during) == 24
    assert re.search(r"━* \d+/300 done · \d+ ok · \d\.\d s$", during[-1])
    assert endpoints("\n".join(during)) == [f"127.0.0.{number}" for number in range(1, 21)]
    assert endpoints(terminal.text) == [f"127.0.{number // 250}.{number % 250 + 1}" for number in range(300)]
    assert terminal.text.count("● 200 ok") == 280
    assert "done" not in terminal.text
    assert "waiting" not in terminal.text
    assert terminal.screen.is_sane


def test_a_window_that_changes_its_size_keeps_one_frame_on_the_screen(crowd):
    with Terminal(*asking(crowd, "-P", "60"), columns=120, rows=30) as terminal:
        terminal.wait_for("● 200 ok")
        for columns, rows in ((60, 30), (60, 12), (130, 40), (41, 9), (100, 4), (90, 24)):
            terminal.resize(columns, rows)
            terminal.read(0.6)
            assert max(map(len, terminal.screen.display)) <= columns
            assert terminal.text.count(" done · ") == (rows >= 5), terminal.text
            assert terminal.text.count(" HOTKEY ") <= 1, terminal.text
        terminal.interrupt()
        assert terminal.wait() == 130

    assert len(endpoints(terminal.text)) == 300
    assert "done" not in terminal.text
    assert max(map(len, terminal.text.splitlines()[3:300])) <= 90
    assert terminal.screen.is_sane


def test_what_is_said_after_a_window_was_made_wider_has_all_its_width(three):
    with Terminal(*asking(three, "--deadline", "3"), columns=40, rows=24) as terminal:
        terminal.wait_for("2/3 done")
        terminal.resize(130, 24)
        terminal.wait()

    assert re.search(r"(?m)^3 axons · 3 dialled · 2 answered · 1 ok · ok in \d+ ms · \d", terminal.text), terminal.text


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_table_of_what_arrived_and_no_frame(three, number, code):
    with Terminal(*asking(three)) as terminal:
        terminal.wait_for("2/3 done · 1 ok · 1 forbidden")
        terminal.send(number)
        assert terminal.wait() == code

    assert terminal.text.count("200 ok") == 1
    assert terminal.text.count("403 forbidden") == 1
    assert terminal.text.count("cancelled") == 1
    assert " done " not in terminal.text
    assert terminal.screen.is_sane


def test_keys_that_are_pressed_meanwhile_leave_no_trace_of_the_frame(three):
    with Terminal(*asking(three)) as terminal:
        terminal.wait_for("2/3 done")
        for keys in ("are you there?\n", "\n", "y"):
            terminal.type(keys)
            terminal.read(0.5)
        assert terminal.text.count("HOTKEY") == 1
        terminal.interrupt()
        assert terminal.wait() == 130

    assert "^C" not in terminal.text
    assert terminal.text.count("HOTKEY") == 1
    assert terminal.text.count("200 ok") == 1


def test_ctrl_z_leaves_the_screen_to_the_shell_and_fg_draws_it_again(three):
    with Terminal(
        command=shell(program(three), "echo suspended; read answer; fg >/dev/null; echo code $?")
    ) as terminal:
        terminal.wait_for("2/3 done")
        terminal.type("\x1a")
        terminal.wait_for("suspended")
        terminal.read(0.5)
        stopped = terminal.screen.shown
        terminal.type("\n")
        terminal.wait_for("2/3 done")
        terminal.interrupt()
        terminal.wait()

    assert not [line for line in stopped if "HOTKEY" in line or " done " in line or "200 ok" in line]
    assert "code 130" in terminal.text
    assert terminal.text.count("200 ok") == 1
    assert terminal.screen.is_sane


def test_a_job_in_the_background_does_not_draw(three):
    asked = program(three, "-t", "3")
    with Terminal(command=shell(f"{asked} & wait $!; echo code $?")) as terminal:
        terminal.wait()

    assert "code 1" in terminal.text
    assert terminal.text.count("200 ok") == 1
    assert FRAME not in terminal.raw


def test_a_program_that_is_killed_leaves_a_terminal_that_works(three):
    with Terminal(*asking(three)) as terminal:
        terminal.wait_for("2/3 done")
        terminal.send(signal.SIGKILL)
        terminal.wait()

    assert terminal.screen.is_sane


def test_at_most_eight_frames_are_drawn_in_a_second(crowd):
    with Terminal(*asking(crowd)) as terminal:
        terminal.wait_for("280/300 done")
        before, began = terminal.raw.count(FRAME), time.monotonic()
        terminal.read(3)
        passed = time.monotonic() - began
        drawn = terminal.raw.count(FRAME) - before

    assert 3 <= drawn <= 8 * passed + 1


def test_what_is_piped_has_no_frame_and_the_terminal_beside_it_a_count(three, tmp_path):
    out = tmp_path / "out"
    with Terminal(command=["sh", "-c", f"{program(three, '-o', 'table', '--deadline', '1')} > {out}"]) as terminal:
        terminal.wait_for("2/3 done · 1 ok")
        terminal.wait()

    assert FRAME not in terminal.raw
    assert "\x1b" not in out.read_text()
    assert out.read_text().count("200 ok") == 1


def test_talk_that_goes_elsewhere_leaves_the_rows_on_the_screen(three, tmp_path):
    err = tmp_path / "err"
    with Terminal(command=["sh", "-c", f"{program(three, '--deadline', '1')} 2> {err}"]) as terminal:
        terminal.wait_for("2/3 done")
        assert terminal.wait() == 1

    assert "\x1b" not in err.read_text()
    assert "3 axons" in err.read_text()
    assert terminal.text.count("200 ok") == 1
    assert " done " not in terminal.text


def test_without_colours_the_rows_still_fill_in(three):
    with Terminal(*asking(three, "--deadline", "1"), env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("2/3 done")
        terminal.wait()

    assert FRAME in terminal.raw
    assert not COLOR.search(terminal.raw)


@pytest.mark.parametrize("more", [["-q"], ["-o", "ndjson"], ["-o", "json"]])
def test_nothing_moves_where_it_is_not_wanted(three, more):
    with Terminal(*asking(three[:2], *more)) as terminal:
        terminal.wait()

    assert FRAME not in terminal.raw


def test_rounds_are_counted_and_an_axon_has_one_row_for_all_of_them(three):
    with Terminal(*asking(three[:2], "-c", "3", "-i", "0.7")) as terminal:
        terminal.wait_for(" round 2 · ")
        assert re.search(r"● 200 ok +[12] +0% ", terminal.text)
        assert terminal.wait() == 1

    assert re.search(r"● 200 ok +3 +0% ", terminal.text)
    assert "2 axons in 3 rounds" in terminal.text


WORDS = [f"word{number} " for number in range(40)]
TALKS = {"pieces": WORDS, "every": 0.04}
STALLS = {"pieces": ["Slow"], "then": "stall"}
REFUSES = {"then": "refuse"}


def streaming(*streams, columns=80, rows=24, **more):
    """The renderers of streams in a program of their own, which asks nobody."""
    command = [sys.executable, "-P", str(STREAMING), json.dumps({"streams": streams, **more})]
    return Terminal(command=command, columns=columns, rows=rows, env={"PYTHONPATH": str(PACKAGE)})


def test_three_streams_grow_side_by_side_and_then_stay_in_the_scrollback():
    with streaming(TALKS, REFUSES, STALLS, deadline=5) as terminal:
        terminal.wait_for("word10")
        during = terminal.screen.shown
        terminal.wait_for("▲ stalled · 1 chunk")
        stalled = terminal.screen.shown
        assert terminal.wait() == 0

    assert during[2] == "╭ 5 · 5F3sa2…jhW ────────╮╭ 17 · 5F3sa2…jhW ───────╮╭ 31 · 5F3sa2…jhW ───────╮"
    assert during[3].startswith("│ word0 word1 word2      ││ Not enough stake       ││ Slow")
    assert [line for line in stalled if "no data for" in line]
    assert "".join(WORDS).rstrip() in terminal.text.replace("\n", "")
    assert re.search(r"── 31 · 5F3sa2…jhW ── ○ cancelled · 1 chunk ─+\nSlow\n", terminal.text)
    assert "╭" not in terminal.text
    assert "ch/s" not in terminal.text
    assert "3 uids · 3 dialled" in terminal.text
    assert terminal.screen.is_sane


def test_twelve_streams_have_a_line_each_and_all_their_text_in_the_end():
    with streaming(*[TALKS] * 10, REFUSES, REFUSES) as terminal:
        terminal.wait_for("word10")
        during = terminal.screen.shown
        assert terminal.wait() == 0

    assert len(during) == 1 + 1 + 12 + 1
    assert "2/12 done · 0 ok · 2 forbidden" in during[-1]
    assert terminal.text.replace("\n", "").count("".join(WORDS).rstrip()) == 10
    assert terminal.text.count("\nNot enough stake\n") == 2
    assert terminal.screen.is_sane


def test_streams_keep_to_their_place_when_the_window_changes_its_size():
    with streaming(*[{**TALKS, "times": 20}] * 3, columns=120, rows=30) as terminal:
        terminal.wait_for("word10")
        for columns, rows in ((60, 30), (60, 9), (25, 20), (130, 40), (100, 4), (80, 24)):
            terminal.resize(columns, rows)
            terminal.read(0.5)
            assert terminal.text.count("5 · 5F3sa2") <= 1, terminal.text
            assert max(map(len, terminal.screen.display)) <= columns
        terminal.interrupt()
        assert terminal.wait() == 130

    assert "╭" not in terminal.text
    assert terminal.text.count("interrupted") == 1
    assert terminal.screen.is_sane


def test_ctrl_z_takes_the_panes_away_and_fg_brings_them_back():
    command = shlex.join([sys.executable, "-P", str(STREAMING), json.dumps({"streams": [STALLS, STALLS]})])
    lines = shell(command, "echo suspended; read answer; fg >/dev/null; echo code $?")
    with Terminal(command=lines, columns=80, rows=24, env={"PYTHONPATH": str(PACKAGE)}) as terminal:
        terminal.wait_for("Slow")
        terminal.type("\x1a")
        terminal.wait_for("suspended")
        assert "╭" not in terminal.text
        terminal.type("\n")
        terminal.wait_for("╭")
        terminal.interrupt()
        terminal.wait()

    assert "code 130" in terminal.text
    assert "╭" not in terminal.text


def test_a_second_ctrl_c_quits_though_a_class_keeps_the_loop_busy():
    with streaming({"pieces": ["Slow"], "every": 0.5, "then": "busy"}, STALLS) as terminal:
        terminal.wait_for("waiting")
        terminal.read(1)
        terminal.interrupt()
        terminal.read(0.5)
        assert terminal.process.poll() is None
        terminal.interrupt()
        assert terminal.wait(10) == 130

    assert "╭" not in terminal.text
    assert terminal.screen.is_sane


def test_a_megabyte_without_a_line_feed_does_not_hold_its_neighbour_up():
    flood = {"pieces": ["x"], "size": 1_000_000, "times": 20, "every": 0.05}
    with streaming(flood, TALKS) as terminal:
        terminal.wait_for("word10")
        during = terminal.screen.shown
        assert terminal.wait(60) == 0

    assert len(during) == 24
    assert "19,800,000 more characters" in terminal.text
    assert "".join(WORDS).rstrip() in terminal.text.replace("\n", "")
    assert terminal.screen.is_sane


def test_text_that_would_command_the_terminal_is_only_shown():
    evil = {
        "pieces": ["\x1b[2J\x1b[?25l", "\x1b", "]0;owned\x07", "\x9b31m", "\u202eabc\r\n"],
        "every": 0.05,
        "times": 20,
    }
    with streaming(evil, TALKS) as terminal:
        terminal.wait_for("word20")
        assert terminal.wait() == 0

    for command in (b"\x1b[2J", b"\x1b[?25l", b"\x1b]", b"\xc2\x9b", "\u202e".encode()):
        assert command not in terminal.raw
    assert "\\x1b[2J" in terminal.text
    assert terminal.screen.is_sane


@pytest.mark.parametrize("chosen", [{"layout": "prefix"}, {"layout": "prefix", "color": "never"}])
def test_lines_behind_their_uid_are_a_choice(chosen):
    with streaming(
        {"pieces": ["one\ntwo ", "and a half\n"], "every": 0.1}, {"pieces": ["three"]}, **chosen
    ) as terminal:
        assert terminal.wait() == 0

    lines = terminal.text.splitlines()
    assert sorted(line for line in lines if "|" in line) == [" 5 | one", " 5 | two and a half", "17 | three"]
    assert FRAME not in terminal.raw


def piped(*streams, **more):
    command = [sys.executable, "-P", str(STREAMING), json.dumps({"streams": streams, **more})]
    return subprocess.run(
        command, capture_output=True, timeout=60, check=True, env=environment(PYTHONPATH=str(PACKAGE))
    ).stdout


def test_what_is_piped_to_a_person_is_lines_of_text():
    assert piped({"pieces": ["one\ntwo"]}).startswith(b"5 | one\n5 | two\n")
    assert b"\x1b" not in piped(TALKS, TALKS)


def test_what_is_piped_to_a_program_is_chunks_and_then_a_result():
    records = [json.loads(line) for line in piped({"pieces": ["a\x1b", {"b": 1}]}, output="ndjson").splitlines()]

    assert [(record["type"], record.get("text"), record.get("data")) for record in records] == [
        ("chunk", "a\x1b", None),
        ("chunk", None, {"b": 1}),
        ("result", None, None),
    ]


def test_raw_bytes_of_a_stream_are_written_untouched():
    assert piped({"pieces": ["a\x1b[31m", "\u202e\n"]}, output="raw") == "a\x1b[31m\u202e\n".encode()
