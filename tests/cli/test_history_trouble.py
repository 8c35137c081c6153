"""Programs that are killed, that write side by side, and histories that cannot be written: nothing else is lost."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import mock_axons
from ground.need import need

from dendrite_cli.mock.behaviour import Behaviour

PATIENT = ("-t", "120", "--connect-timeout", "120")
"""For machines that are busy with other things: nothing here is about how fast anybody answers."""
REPETITIONS = int(os.environ.get("DENDRITE_KILLS", "3"))
"""Of the kill test; 20, of 2,000 axons, take minutes."""
CROWD = int(os.environ.get("DENDRITE_CROWD", "400"))


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def file(home) -> Path:
    return Path(home["XDG_STATE_HOME"]) / "dendrite" / "history.db"


@pytest.fixture(scope="module")
def address():
    with mock_axons([Behaviour()]) as (one,):
        yield one


def listed(axons, path: Path) -> str:
    path.write_text("\n".join(f"{axon.hotkey}@{axon.endpoint}" for axon in axons))
    return f"@{path}"


def rows(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_run_that_is_killed_keeps_all_but_its_last_second(far_axons, home, tmp_path, file):
    """Outcomes that were printed a second before the kill are in the history, which is whole, and says so."""
    targets = listed(far_axons(CROWD), tmp_path / "axons.txt")
    command = [*PROGRAM, "ping", targets, "--ephemeral", "--rate", str(CROWD / 5), "-q", *PATIENT]

    for repetition in range(REPETITIONS):
        printed: list[tuple[float, str]] = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(**home), text=True) as program:
            assert program.stdout
            for line in program.stdout:
                printed.append((time.monotonic(), line))
                if printed[-1][0] - printed[0][0] > 1.6 + 0.1 * repetition:
                    break
            program.send_signal(signal.SIGKILL)
            killed = time.monotonic()

        with sqlite3.connect(file) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
        run = rows(dendrite("history", "list", "--limit", "1", env=home))[0]
        assert (run["run"]["interrupted"], run["run"]["ending"], run["run"]["exit_code"]) == (True, "interrupted", None)
        kept = set(dendrite("history", "show", "last", env=home).stdout.splitlines())
        due = [line.strip() for at, line in printed if at < killed - 1]
        assert due
        assert kept.issuperset(due)
        assert run["summary"]["ok"] == len(kept)
        assert run["summary"]["selected"] == CROWD


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(far_axons, home, tmp_path):
    targets = listed(far_axons(20), tmp_path / "axons.txt")
    ping = [*PROGRAM, "ping", targets, "--ephemeral", "--rate", "5", "-q"]
    with subprocess.Popen(ping, stdout=subprocess.PIPE, env=environment(**home), text=True) as program:
        assert program.stdout
        program.stdout.readline()
        time.sleep(0.6)
        going = rows(dendrite("history", "list", env=home))
        dendrite("history", "prune", "--keep", "0", "--yes", env=home)
        program.kill()
    (killed,) = rows(dendrite("history", "list", env=home))

    assert [(run["run"]["interrupted"], run["run"]["ending"]) for run in going] == [(False, None)]
    assert (killed["run"]["interrupted"], killed["run"]["ending"]) == (True, "interrupted")


def test_an_interrupted_run_is_kept_as_such(far_axons, home, tmp_path):
    targets = listed(far_axons(20), tmp_path / "axons.txt")
    ping = [*PROGRAM, "ping", targets, "--ephemeral", "--rate", "5", "-q"]
    with subprocess.Popen(ping, stdout=subprocess.PIPE, env=environment(**home), text=True) as program:
        assert program.stdout
        first = program.stdout.readline()
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()

    assert program.returncode == 130
    (run,) = rows(dendrite("history", "list", env=home))
    assert (run["run"]["interrupted"], run["run"]["exit_code"]) == (True, 130)
    assert dendrite("history", "show", "last", env=home).stdout == first + rest


@dataclass
class Watched:
    """What a program printed, and when."""

    stdout: str
    stderr: str
    code: int
    ran: float
    """Seconds from its start to its last record."""
    waited: float
    """Seconds from there to its end."""


def watched(command: list[str], home: dict[str, str]) -> Watched:
    begun = last = time.monotonic()
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(**home), text=True
    ) as program:
        for line in program.stdout or ():
            lines.append(line)
            last = time.monotonic()
        code = program.wait(timeout=300)
        ended = time.monotonic()
        stderr = program.stderr.read() if program.stderr else ""
    return Watched("".join(lines), stderr, code, last - begun, ended - last)


def test_eight_programs_write_side_by_side_nothing_is_lost_and_nobody_waits_longer_than_it_ran(
    far_axons, home, tmp_path
):
    targets = listed(far_axons(CROWD), tmp_path / "axons.txt")
    ping = [*PROGRAM, "ping", targets, "--ephemeral", "--tag", "together", *PATIENT]

    with ThreadPoolExecutor(8) as side_by_side:
        programs = list(side_by_side.map(lambda _: watched(ping, home), range(8)))

    assert [program.code for program in programs] == [0] * 8
    assert not any("history" in program.stderr for program in programs)
    assert all(program.waited <= program.ran for program in programs), programs
    kept = rows(dendrite("history", "list", "--tag", "together", env=home))
    assert [run["summary"]["ok"] for run in kept] == [CROWD] * 8
    for program in programs:
        run = json.loads(program.stdout.splitlines()[0])["run"]
        assert dendrite("history", "show", run, env=home).stdout == program.stdout
    counted = rows(dendrite("history", "stats", "--by", "outcome", env=home))
    assert [(row["outcome"], row["n"]) for row in counted] == [("ok", 8 * CROWD)]


def test_a_locked_history_is_one_note_and_no_failure(address, home, file):
    dendrite("ping", address, "--ephemeral", env=home)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    done = dendrite("ping", address, "--ephemeral", env=home)

    holder.close()
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert _notes(done) == [f"note: the history '{file}' does not keep this run: another program holds it locked"]


def test_a_damaged_and_a_newer_history_are_one_note_and_no_failure(address, home, file):
    file.parent.mkdir(parents=True)
    file.write_bytes(b"garbage" * 1000)
    damaged = dendrite("ping", address, "--ephemeral", env=home)
    file.unlink()
    db = sqlite3.connect(file)
    db.execute("PRAGMA user_version = 99")
    db.execute("CREATE TABLE later (x)")
    db.close()
    newer = dendrite("ping", address, "--ephemeral", env=home)

    for done, why in ((damaged, "it is no history, or it is damaged"), (newer, "a newer version of dendrite")):
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
        (note,) = _notes(done)
        assert why in note
    read = dendrite("history", "list", env=home)
    assert (read.returncode, "newer version" in read.stderr) == (4, True)


def test_a_quiet_run_says_nothing_of_a_history_that_fails(address, home, file):
    file.parent.mkdir(parents=True)
    file.write_bytes(b"garbage" * 1000)

    assert dendrite("ping", address, "--ephemeral", "-q", env=home).stderr == ""


def test_a_full_disk_is_one_note_and_what_was_kept_stays(address, far_axons, home, tmp_path, file):
    targets = listed(far_axons(CROWD), tmp_path / "axons.txt")
    dendrite("ping", address, "--ephemeral", env=home)
    limit = file.stat().st_size + 100_000

    program = subprocess.run(
        [*PROGRAM, "ping", targets, "--ephemeral", *PATIENT],
        capture_output=True,
        text=True,
        env=environment(**home),
        check=False,
        timeout=120,
        preexec_fn=lambda: _limit_files(limit),
    )

    assert (program.returncode, len(program.stdout.splitlines())) == (0, CROWD)
    (note,) = _notes(program)
    assert "it cannot be written: the disk is full or fails" in note
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    before = rows(dendrite("history", "list", env=home))[-1]
    assert before["summary"]["ok"] == 1
    assert dendrite("ping", address, "--ephemeral", "-q", env=home).returncode == 0
    assert rows(dendrite("history", "list", "--limit", "1", env=home))[0]["run"]["exit_code"] == 0


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_history_that_may_only_be_read_is_one_note_and_can_be_read(address, home, file, what):
    dendrite("ping", address, "--ephemeral", env=home)
    (file.parent if what == "folder" else file).chmod(0o500 if what == "folder" else 0o400)

    done = _obeying_rights(home, "ping", address, "--ephemeral")
    shown = _obeying_rights(home, "history", "list")

    file.parent.chmod(0o700)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    assert len(_notes(done)) == 1, done.stderr
    assert len(rows(shown)) == 1


def _obeying_rights(home: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as an owner who may not do what the file's rights forbid; root may, unless it gives that up."""
    root = os.geteuid() == 0
    need(not root or shutil.which("setpriv"), "setpriv, when run as root")
    without = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all") if root else ()
    return dendrite(*arguments, env=home, before=without)


def _limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _notes(done) -> list[str]:
    return [line for line in done.stderr.splitlines() if line.startswith("note:")]
