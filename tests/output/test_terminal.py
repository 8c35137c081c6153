import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import termios
import threading

import pytest

from dendrite_cli.errors import TargetError
from dendrite_cli.output.symbols import ASCII, UNICODE

DETECT = """
import os, json
from dendrite_cli.output.terminal import Terminal
terminal = Terminal.detect({color!r}, os.environ)
facts = [terminal.out.tty, terminal.out.color, terminal.out.width, terminal.symbols.ok]
os.write(2, json.dumps(facts).encode())
"""


def python(code, *, redirect="", env=None, **streams):
    """Run a program of ours in a process of its own, for a closed or claimed descriptor is a process's."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)} | (env or {})
    command = ["sh", "-c", f'"$0" -c "$1" {redirect}', sys.executable, code]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run(command, env=environ, timeout=30, check=False, **streams)


def facts(color="auto", **env):
    """What is detected of a stdout that is a terminal of 93 columns."""
    near, far = os.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 93, 0, 0))
    try:
        done = python(DETECT.format(color=color), env={"TERM": "xterm", **env}, stdout=far)
    finally:
        os.close(far)
        os.close(near)
    return json.loads(done.stderr)


def test_a_terminal_is_known_with_its_colour_width_and_signs():
    assert facts() == [True, True, 93, "●"]


def test_a_pipe_has_no_colour_and_no_edge():
    assert json.loads(python(DETECT.format(color="auto")).stderr) == [False, False, None, "●"]


@pytest.mark.parametrize(
    ("env", "color", "colored"),
    [
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"TERM": "dumb"}, "auto", False),
        ({"TERM": "dumb"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_the_option_wins_over_no_color_over_force_color_over_the_terminal(env, color, colored):
    assert facts(color, **env)[1] is colored


def test_force_color_colours_a_pipe():
    assert json.loads(python(DETECT.format(color="auto"), env={"FORCE_COLOR": "1"}).stderr)[1] is True


@pytest.mark.parametrize(
    ("env", "sign"),
    [
        ({"TERM": "dumb"}, ASCII.ok),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, ASCII.ok),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, ASCII.ok),
        ({"LANG": "de_DE.utf8@euro"}, UNICODE.ok),
    ],
)
def test_signs_are_ascii_where_the_locale_or_the_terminal_is_plain(env, sign):
    assert facts(**env)[3] == sign


def test_columns_names_the_width():
    assert facts(COLUMNS="40")[2] == 40
    assert facts(COLUMNS="nonsense")[2] == 93


CLAIMED = """
import os, sys
from dendrite_cli.output.terminal import Terminal
terminal = Terminal.detect("auto", os.environ)
terminal.claim_stdout()
terminal.claim_stdout()
print("a library prints")
sys.stdout.flush()
os.write(1, b"a C library prints\\n")
terminal.write(b"data\\n")
terminal.note("a note")
"""


def test_what_others_print_does_not_get_into_our_data():
    done = python(CLAIMED)

    assert done.stdout == b"data\n"
    assert done.stderr == b"a library prints\na C library prints\nnote: a note\n"


@pytest.mark.parametrize("redirect", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_crash(redirect):
    done = python(CLAIMED + "\nopen('/dev/null').close()\nsys.exit(7)", redirect=redirect)

    assert done.returncode == 7
    assert done.stdout == (b"data\n" if redirect == "2>&-" else b"")


def test_a_file_opened_later_does_not_become_a_closed_stderr(tmp_path):
    code = f"""
import os
from dendrite_cli.output.terminal import Terminal
terminal = Terminal.detect("auto", os.environ)
terminal.claim_stdout()
with open({str(tmp_path / "file")!r}, "w"):
    terminal.note("not into the file")
"""

    python(code, redirect="2>&- >&- <&-")

    assert (tmp_path / "file").read_text() == ""


def test_all_is_written_to_a_slow_pipe_that_does_not_block(streams):
    ends = streams()
    os.set_blocking(ends.terminal.out.fd, False)
    data = os.urandom(1_000_000)
    received = bytearray()

    def read():
        while len(received) < len(data) and select.select([ends.out.fd], [], [], 10)[0]:
            received.extend(os.read(ends.out.fd, 5000))

    reader = threading.Thread(target=read)
    reader.start()
    ends.terminal.write(data)
    reader.join(10)

    assert received == data


def test_a_closed_pipe_is_said_for_data_and_ignored_for_talk(streams):
    ends = streams()
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for reader in (ends.out, ends.err):
        os.dup2(nowhere, reader.fd)
    os.close(nowhere)

    ends.terminal.note("nobody hears this")
    with pytest.raises(BrokenPipeError):
        ends.terminal.write(b"data")


def test_an_error_is_words_for_people_and_a_record_for_programs(streams):
    ends = streams(quiet=True)
    problem = TargetError("'a\x1b[2J' has no port", details=("2 of 3 axons have none",), help="write HOST:PORT")

    ends.terminal.error(problem)
    words = ends.err.text()
    ends.terminal.error(problem, as_json=True)

    assert words == ("error: 'a\\x1b[2J' has no port\n  2 of 3 axons have none\n  help: write HOST:PORT\n")
    assert json.loads(ends.err.text().removeprefix(words))["code"] == 4


def test_a_quiet_terminal_takes_no_notes(streams):
    ends = streams(quiet=True)

    ends.terminal.note("hush")

    assert ends.err.text() == ""


def test_a_console_writes_text_as_it_is_and_says_when_its_reader_is_gone(streams):
    ends = streams()
    console = ends.terminal.console(stderr=True)

    console.print("[red]:smile: 123[/red] " + "x" * 500)

    assert ends.err.text() == "[red]:smile: 123[/red] " + "x" * 500 + "\n"
