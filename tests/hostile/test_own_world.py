"""Faults of our own machine: full disks, lost streams, no home, few descriptors, no memory, clocks, no network."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import pytest
from ground import netless
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import mock_axons
from ground.need import need
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour

ECHO = "dendrite_cli.mock.example:Echo"


@pytest.fixture(scope="module")
def axon():
    with mock_axons([Behaviour()]) as (one,):
        yield one


def run(arguments: list[str], home: Path | str, **streams) -> subprocess.CompletedProcess[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    command = [*PROGRAM, *arguments]
    return subprocess.run(command, env=environment(HOME=str(home)), text=True, timeout=60, check=False, **streams)


@pytest.mark.parametrize("output", ["table", "json", "ndjson", "csv", "raw"])
def test_answers_that_a_full_disk_does_not_take_are_exit_74_and_the_history_says_so(axon, tmp_path, output):
    with Path("/dev/full").open("w") as full:
        done = run(["query", "-a", axon, "-s", ECHO, "text=hi", "--ephemeral", "-o", output], tmp_path, stdout=full)

    assert done.returncode == 74
    assert "cannot write: no space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    (kept,) = [json.loads(line) for line in run(["history", "list"], tmp_path).stdout.splitlines()]
    assert kept["run"]["exit_code"] == 74


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["ping", "--help"],
        ["history", "list"],
        ["config", "show"],
        ["schema", "result"],
        ["synapse", "describe", ECHO],
        ["query", "-a", "127.0.0.1:9", "-s", "X", "--unsigned", "--dry-run"],
    ],
    ids=" ".join,
)
def test_whatever_is_printed_to_a_full_disk_is_exit_74(axon, tmp_path, arguments):
    run(["ping", axon, "--ephemeral"], tmp_path)
    with Path("/dev/full").open("w") as full:
        done = run(arguments, tmp_path, stdout=full)

    assert done.returncode == 74
    assert "no space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("output", ["table", "ndjson"])
def test_talk_that_a_full_disk_does_not_take_is_lost_without_harm(axon, tmp_path, output):
    with Path("/dev/full").open("w") as full:
        done = run(["ping", axon, "--ephemeral", "-o", output], tmp_path, stderr=full)

    assert done.returncode == 0
    assert "ok" in done.stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(axon, tmp_path, closed):
    program = " ".join([*PROGRAM, "ping", axon, "--ephemeral", "-o", "ndjson", closed])
    done = subprocess.run(
        ["bash", "-c", program],
        env=environment(HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout.count("\n")) == (0, 0 if " >&-" in f" {closed}" else 1)
    assert "Traceback" not in done.stderr


def homes(folder: Path) -> dict[str, dict[str, str]]:
    (folder / "file").write_text("not a folder")
    (folder / "read-only").mkdir()
    (folder / "read-only").chmod(0o500)
    return {
        "none": {"HOME": ""},
        "missing": {"HOME": str(folder / "missing" / "further")},
        "a file": {"HOME": str(folder / "file")},
        "read-only": {"HOME": str(folder / "read-only")},
        "state is a file": {"XDG_STATE_HOME": str(folder / "file")},
        "cache is a file": {"XDG_CACHE_HOME": str(folder / "file")},
        "proc": {"HOME": "/proc"},
    }


@pytest.mark.parametrize(
    "which", ["none", "missing", "a file", "read-only", "state is a file", "cache is a file", "proc"]
)
def test_without_a_usable_home_axons_are_asked_all_the_same(axon, tmp_path, which):
    done = dendrite("ping", axon, "--ephemeral", env=homes(tmp_path)[which])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "ok"
    assert len([line for line in done.stderr.splitlines() if line.startswith("note: ")]) <= 1


@pytest.mark.parametrize("command", ["ping", "query", "stream"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_in_the_middle_ends_every_command_with_what_arrived(far_axons, tmp_path, command, number, code):
    """Of ten axons that take half a minute and one that is quick, one record each is printed."""
    slow = [f"{axon.hotkey}@{axon.endpoint}" for axon in far_axons(10, seconds=30)]
    (quick,) = [f"{axon.hotkey}@{axon.endpoint}" for axon in far_axons(1)]
    what = [] if command == "ping" else ["-s", "X"]
    targets = [part for axon in [quick, *slow] for part in ("-a", axon)]
    asked = [*PROGRAM, command, *targets, *what, "--ephemeral", "-o", "ndjson", "-q", "-t", "60"]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, env=environment(HOME=str(tmp_path)), text=True) as program:
        records = []
        while not records or records[-1]["type"] != "result":
            records.append(json.loads(program.stdout.readline()))
        program.send_signal(number)
        records += [json.loads(line) for line in program.stdout]

    assert program.returncode == code
    results = [record["outcome"] for record in records if record["type"] == "result"]
    assert sorted(results) == ["cancelled"] * 10 + ["ok"]


def test_64_descriptors_are_enough_for_500_axons(far_axons, tmp_path):
    targets = tmp_path / "axons.txt"
    targets.write_text("\n".join(f"{axon.hotkey}@{axon.endpoint}" for axon in far_axons(500)))

    done = run(
        ["ping", f"@{targets}", "--ephemeral", "-o", "ndjson", "-t", "60"],
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
    )

    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert (done.returncode, outcomes) == (0, ["ok"] * 500), done.stderr


def test_256_mb_are_enough_for_2000_axons(far_axons, tmp_path):
    """RLIMIT_DATA counts what is allocated, and not the libraries that are mapped, as RLIMIT_AS does."""
    targets = tmp_path / "axons.txt"
    targets.write_text("\n".join(f"{axon.hotkey}@{axon.endpoint}" for axon in far_axons(2000)))
    limit = 256 * 1024 * 1024

    done = run(
        ["query", "-s", "X", "-a", f"@{targets}", "--ephemeral", "-o", "ndjson", "-t", "60", "-q"],
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )

    outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
    assert (done.returncode, len(outcomes), set(outcomes)) == (0, 2000, {"ok"}), done.stderr


STEPPING = """
import sys, time
real, begun = time.time, time.monotonic()
real_ns = time.time_ns
def back():
    return 60 * (time.monotonic() - begun > {after})
time.time = lambda: real() - back()
time.time_ns = lambda: real_ns() - back() * 1_000_000_000
sys.argv = ["dendrite", *{arguments}]
from dendrite_cli.__main__ import main
main()
"""


def test_a_clock_that_steps_back_by_a_minute_disturbs_neither_nonces_nor_durations(axon, tmp_path):
    """The axon refuses a nonce that is not above the last of its hotkey and uuid."""
    begun = time.monotonic()
    program = STEPPING.format(
        after=2.5,
        arguments=["ping", axon, "--ephemeral", "-c", "8", "-i", "0.5", "-o", "ndjson", "-q"],
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    took = time.monotonic() - begun

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["outcome"] for record in records] == ["ok"] * 8, done.stderr
    starts = [record["started_at"] for record in records]
    assert starts != sorted(starts)
    for record in records:
        assert all(0 <= ms <= took * 1000 for ms in record["timing"].values() if ms is not None)
    (kept,) = [json.loads(line) for line in run(["history", "list"], tmp_path).stdout.splitlines()]
    begin, end = (datetime.fromisoformat(kept["run"][name]) for name in ("started_at", "finished_at"))
    assert 0 <= (end - begin).total_seconds() <= took


BROKEN = """
import sys
from dendrite_cli.engine import run
def broken(*_, **__):
    raise RuntimeError("injected")
run.in_flight = broken
from dendrite_cli.cli.app import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("verbose", [False, True])
def test_a_bug_is_exit_70_and_shows_where_it_is_when_asked(axon, tmp_path, verbose):
    command = [sys.executable, "-P", "-c", BROKEN, "ping", axon, "--ephemeral", *(["-vv"] if verbose else [])]
    done = subprocess.run(
        command, env=environment(HOME=str(tmp_path)), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 70
    assert "internal error: RuntimeError: injected" in done.stderr
    assert ("Traceback" in done.stderr) is verbose


@pytest.mark.skipif(not shutil.which("prlimit") or os.geteuid() != 0, reason="needs to limit a file's size as root")
def test_a_file_that_may_not_grow_is_like_a_full_disk(axon, tmp_path):
    out = tmp_path / "out.ndjson"
    with out.open("w") as stream:
        done = run(
            ["ping", axon, "--ephemeral", "--no-history", "-o", "ndjson"],
            tmp_path,
            stdout=stream,
            preexec_fn=lambda: (
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)),
            ),
        )

    assert done.returncode == 74
    assert "cannot write: file too large" in done.stderr


def test_a_network_that_goes_away_in_the_middle_leaves_one_outcome_per_axon_in_time(tmp_path):
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    able = (
        shutil.which("unshare") and subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
    )
    need(able, "a network namespace of its own")

    began = time.monotonic()
    done = subprocess.run(
        [*apart, sys.executable, netless.__file__, "ping", "--ephemeral", "-t", "2", "-P", "25"],
        env=environment(HOME=str(tmp_path), PYTHONPATH=os.pathsep.join(sys.path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert time.monotonic() - began < 20
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    records = sorted(map(json.loads, done.stdout.splitlines()), key=lambda record: record["index"])
    assert [record["index"] for record in records] == list(range(netless.AXONS))
    outcomes = {record["outcome"] for record in records}
    assert {"ok", "timeout"} <= outcomes <= {"ok", "timeout", "connect_timeout", "unreachable"}
    assert all(record["timing"]["total_ms"] < 2250 for record in records)


@pytest.mark.parametrize(
    "arguments",
    [
        ("ping", "-a", "@/dev/zero"),
        ("query", "-s", "X", "-a", "127.0.0.1:1", "--json", "/dev/zero"),
        ("query", "-s", "X", "-a", "127.0.0.1:1", "key=@/dev/zero"),
        ("query", "--proto", "btauth", "--path", "/", "-a", "127.0.0.1:1", "--data", "@/dev/zero"),
    ],
    ids=["list", "body", "item", "data"],
)
def test_what_has_no_end_is_not_read_to_its_end(arguments, tmp_path):
    done = run([*arguments, "--ephemeral"], tmp_path)

    assert done.returncode in {2, 4}
    assert "file too large" in done.stderr


def test_stdin_without_an_end_is_not_read_to_its_end(tmp_path):
    with Path("/dev/zero").open("rb") as zeros:
        done = run(["ping", "-a", "-", "--ephemeral"], tmp_path, stdin=zeros)

    assert (done.returncode, "cannot read stdin: file too large" in done.stderr) == (2, True)


def test_a_project_s_settings_that_nest_without_end_are_an_error_of_theirs(tmp_path):
    (tmp_path / "dendrite.toml").write_text("a=" + "[" * 5000 + "]" * 5000)

    done = dendrite("ping", "127.0.0.1:1", "--ephemeral", cwd=tmp_path)

    assert (done.returncode, "nests too deeply" in done.stderr) == (2, True)


def test_a_tag_that_is_no_utf_8_keeps_its_run(axon, tmp_path):
    done = run(["ping", axon, "--ephemeral", "--tag", "\udcff"], tmp_path)
    listed = run(["history", "list", "--tag", "\udcff"], tmp_path)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert [json.loads(line)["run"]["tag"] for line in listed.stdout.splitlines()] == ["?"]


@pytest.mark.parametrize("value", [b"{", b"[" * 2000, 2**62])
@pytest.mark.parametrize("column", ["head", "facts", "summary", "arguments", "asked", "started_at", "targets"])
def test_a_history_that_holds_nonsense_is_said_to(axon, tmp_path, column, value):
    run(["query", "-s", ECHO, "text=hi", "-a", axon, "--ephemeral"], tmp_path)
    (file,) = tmp_path.glob("**/history.db")
    with closing(sqlite3.connect(file)) as db, suppress(sqlite3.IntegrityError), db:
        db.execute(f"UPDATE run SET {column} = ?", (value.decode() if isinstance(value, bytes) else value,))  # noqa: S608

    for command in (["list"], ["show", "last"], ["stats"], ["replay", "last", "--dry-run"], ["diff", "last", "last"]):
        done = run(["history", *command], tmp_path)
        assert done.returncode in {0, 1, 2, 4}, (command, done.stderr)
        assert "Traceback" not in done.stderr


def test_ctrl_c_before_anything_is_loaded_leaves_no_trace(tmp_path):
    code = "import os, signal, threading; threading.Timer(0.03, lambda: os.kill(os.getpid(), signal.SIGINT)).start()"
    start = (
        "from dendrite_cli.__main__ import main; import sys; sys.argv = ['dendrite', 'axons', '127.0.0.1:1']; main()"
    )
    command = [sys.executable, "-P", "-c", f"{code}; {start}"]
    done = subprocess.run(command, env=environment(HOME=str(tmp_path)), capture_output=True, text=True, check=False)

    assert done.returncode in {0, 130}
    assert "Traceback" not in done.stderr


def test_a_pipe_where_a_cache_should_be_is_replaced_and_nobody_waits_for_it(axon, tmp_path):
    cache = tmp_path / "dendrite" / "protocols.json"
    cache.parent.mkdir()
    os.mkfifo(cache)

    done = dendrite(
        "query",
        "--proto",
        "auto",
        "-s",
        ECHO,
        "text=hi",
        "-a",
        axon,
        "--ephemeral",
        env={"XDG_CACHE_HOME": str(tmp_path)},
    )

    assert done.returncode == 0
    assert cache.is_file()


def test_a_run_of_a_clock_that_nobody_has_is_listed_all_the_same(axon, tmp_path):
    run(["ping", axon, "--ephemeral"], tmp_path)
    (file,) = tmp_path.glob("**/history.db")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE run SET head = json_set(head, '$.started_at', '11533-07-15T06:08:47.751Z')")

    with Terminal("history", env={"HOME": str(tmp_path)}) as screen:
        assert screen.wait() == 0
    assert "11533-07-15" in screen.text


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("$.options", "7"),
        ("$.options.bounds", '{"timeout": "soon"}'),
        ("$.options.pacing", "[1]"),
        ("$.options.identity", '{"wallet_path": 7}'),
        ("$.options.layer", '"deep"'),
        ("$.request", "7"),
        ("$.request.fields", "[" * 900 + "]" * 900),
        ("$.request.data", "1e308"),
        ("$.request.pythonpath", "null"),
        ("$.request.synapse", "{}"),
    ],
)
def test_a_run_that_was_kept_with_nonsense_is_not_asked_again(axon, tmp_path, place, value):
    run(["query", "-s", ECHO, "text=hi", "-a", axon, "--ephemeral"], tmp_path)
    (file,) = tmp_path.glob("**/history.db")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE run SET asked = json_set(asked, ?, json(?))", (place, value))

    done = run(["history", "replay", "last", "--dry-run"], tmp_path)

    assert done.returncode in {0, 2, 4}, done.stderr
    assert "Traceback" not in done.stderr
