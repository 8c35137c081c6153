"""`dendrite history`: what was asked is found again, shown as it was, compared and counted."""

import csv
import io
import json
import sqlite3

import pytest
from ground.cli import dendrite
from ground.mocks import mock_axons
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour

ECHO = "dendrite_cli.mock.example:Echo"


@pytest.fixture(scope="module")
def axons():
    with mock_axons([Behaviour(), Behaviour(refuse="Not enough stake"), Behaviour()]) as addresses:
        yield addresses


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}


def query(axons, home, *more: str):
    targets = [part for axon in axons for part in ("-a", axon)]
    return dendrite("query", "-s", ECHO, *targets, "--ephemeral", "-q", *(more or ("text=hi",)), env=home)


def history(home, *arguments: str):
    return dendrite("history", *arguments, env=home)


def rows(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def cells(done) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_show_prints_to_the_byte_what_the_run_printed(axons, home):
    printed = query(axons, home, "text=\u202ehi =1+1", "--tag", "nice", "-o", "ndjson")
    rounds = dendrite("ping", *axons, "--ephemeral", "-q", "-c", "3", "-i", "0", env=home)

    assert history(home, "show", "last", "-o", "ndjson").stdout == rounds.stdout
    assert len(rounds.stdout.splitlines()) == 9
    run = json.loads(printed.stdout.splitlines()[0])["run"]
    assert history(home, "show", run).stdout == printed.stdout
    assert history(home, "show", run[:14].lower(), "-o", "csv").stdout.splitlines()[0].startswith("schema,type,run,")


def test_show_prints_to_the_byte_the_results_of_the_document_and_the_csv(axons, home):
    document = query(axons, home, "text=hi", "-o", "json")
    shown = history(home, "show", "last", "-o", "json")
    table = query(axons, home, "text=hi", "-o", "csv")

    ours, theirs = json.loads(shown.stdout), json.loads(document.stdout)
    assert (ours["results"], ours["summary"]) == (theirs["results"], theirs["summary"])
    assert theirs["run"].items() <= ours["run"].items()
    assert document.stdout.partition('"results":')[2].partition(',"summary":')[0] in shown.stdout
    assert history(home, "show", "last", "-o", "csv").stdout == table.stdout


def test_show_takes_columns_an_order_and_a_filter(axons, home):
    query(axons, home)

    done = history(home, "show", "last", "--columns", "index,outcome", "--sort", "-index", "--only", "ok")

    assert rows(done) == [{"index": 2, "outcome": "ok"}, {"index": 0, "outcome": "ok"}]
    assert history(home, "show", "last", "-o", "raw").returncode == 2
    assert history(home, "show", "last", "--columns", "nothing").returncode == 2


def test_list_tells_of_runs_the_newest_first(axons, home):
    query(axons, home, "text=needle", "--tag", "first")
    dendrite("ping", axons[0], "--ephemeral", "-q", env=home)

    ping, asked = rows(history(home))
    assert [run["run"]["command"] for run in (ping, asked)] == ["ping", "query"]
    assert (ping["run"]["exit_code"], asked["run"]["exit_code"]) == (0, 1)
    assert (asked["run"]["tag"], asked["run"]["synapse"]) == ("first", "Echo")
    assert asked["run"]["arguments"][:2] == ["query", "-s"]
    assert (asked["summary"]["selected"], asked["summary"]["ok"]) == (3, 2)
    assert "results" not in asked
    for criteria in (("--search", "NEEDLE"), ("--tag", "first"), ("--outcome", "forbidden"), ("-s", ECHO)):
        (found,) = rows(history(home, "list", *criteria))
        assert found["run"]["id"] == asked["run"]["id"], criteria
    assert rows(history(home, "list", "--until", "1h")) == []
    assert len(rows(history(home, "list", "--since", "1h", "--limit", "1"))) == 1
    flat = cells(history(home, "list", "-o", "csv"))
    assert [(row["command"], row["ok"], row["tag"]) for row in flat] == [("ping", "1", ""), ("query", "2", "first")]


def test_a_terminal_shows_the_table_of_runs_and_a_run_as_it_was(axons, home):
    query(axons, home, "text=hi", "--tag", "mine")

    with Terminal("history", env=home) as screen:
        assert screen.wait() == 0
    header, row = screen.text.splitlines()[:2]
    assert header.split() == ["RUN", "WHEN", "COMMAND", "TARGETS", "SYNAPSE", "OK", "P50", "TAG", "EXIT"]
    assert row.split()[0] == rows(history(home))[0]["run"]["id"][:10]
    assert "ago  query" in row
    assert "3 axons  Echo     2/3" in row
    assert row.endswith("mine  1")
    with Terminal("history", "show", "last", env=home) as screen:
        assert screen.wait() == 0
    assert "Echo · 3 axons · signed as an ephemeral key" in screen.text
    assert "◐ 403 forbidden" in screen.text
    assert "3 axons · 3 dialled · 3 answered · 2 ok" in screen.text


def test_a_run_of_several_rounds_is_shown_round_after_round_below_its_name(axons, home):
    dendrite("ping", *axons, "--ephemeral", "-q", "-c", "2", "-i", "0", "--tag", "twice", env=home)

    with Terminal("history", env=home) as screen:
        assert screen.wait() == 0
    assert " 4/6 " in screen.text
    with Terminal("history", "show", "last", env=home, columns=120) as screen:
        assert screen.wait() == 0
    name, _, _, header, *table = screen.text.splitlines()
    assert name.startswith(rows(history(home))[0]["run"]["id"])
    assert name.endswith("ping 0 s ago, tag twice") or ", ping " in name
    assert header.split()[:2] == ["ROUND", "HOTKEY"]
    assert [line.split()[0] for line in table[:6]] == ["1", "1", "1", "2", "2", "2"]


def test_the_list_says_when_there_are_more(axons, home):
    for _ in range(2):
        query(axons, home)

    assert "the latest 1; --limit N lists more" in history(home, "list", "--limit", "1").stderr
    assert "lists more" not in history(home, "list", "--limit", "2").stderr


def test_statistics_of_what_no_axon_has_are_told_from_no_runs_at_all(axons, home):
    assert "no run is kept yet" in history(home, "stats", "--by", "uid").stderr
    query(axons, home)
    assert "no axon of these runs has a uid" in history(home, "stats", "--by", "uid").stderr


def test_two_runs_on_a_terminal_are_named_and_columns_that_nothing_fills_are_left_out(axons, home):
    query(axons, home, "text=one")
    query(axons[:2], home, "text=two")

    with Terminal("history", "diff", "previous", "last", env=home, columns=120) as screen:
        assert screen.wait() == 0
    before, after = reversed([run["run"]["id"] for run in rows(history(home))])
    assert f"before: {before}, query " in screen.text
    assert f"after: {after}, query " in screen.text
    header = next(line for line in screen.text.splitlines() if "ENDPOINT" in line)
    assert header.split() == ["HOTKEY", "ENDPOINT", "BEFORE", "AFTER", "SHIFT", "DIFFERS"]
    assert "-0 ms" not in screen.text


def test_two_runs_are_compared(axons, home):
    query(axons, home, "text=one")
    query(axons[1:], home, "text=two")
    first, second = reversed([run["run"]["id"] for run in rows(history(home))])

    compared = rows(history(home, "diff", first, second))
    assert [(row["change"], row["body_paths"]) for row in compared] == [
        ("none", []),
        ("body", ["body.text"]),
        ("gone", []),
    ]
    assert [row["change"] for row in rows(history(home, "diff", first, "last", "--changed"))] == ["body", "gone"]
    assert "1 with another answer" in history(home, "diff", first, second).stderr
    flat = cells(history(home, "diff", first, second, "-o", "csv"))
    assert flat[1]["before.outcome"] == flat[1]["after.outcome"] == "ok"


def test_statistics_say_how_often_how_fast_and_that_percentiles_are_rough(axons, home):
    for _ in range(3):
        query(axons, home)

    done = history(home, "stats", "--by", "outcome")
    assert [(row["outcome"], row["n"], row["ok_percent"]) for row in rows(done)] == [
        ("ok", 6, 100),
        ("forbidden", 3, 0),
    ]
    assert "within 5%" in done.stderr
    by_hotkey = rows(history(home, "stats", "--since", "1h"))
    assert sorted(row["ok_percent"] for row in by_hotkey) == [0, 100, 100]
    assert all(len(row["recent_ms"]) == 3 for row in by_hotkey)
    with Terminal("history", "stats", env=home) as screen:
        assert screen.wait() == 0
    assert "✗✗✗" in screen.text


def test_an_export_holds_everything(axons, home, tmp_path):
    printed = [query(axons, home, f"text={number}").stdout for number in range(2)]

    assert history(home, "export").stdout == "".join(printed)
    assert history(home, "export", "last").stdout == printed[1]
    assert len(cells(history(home, "export", "-o", "csv"))) == 6
    file = tmp_path / "copy.db"
    assert history(home, "export", "-o", "sqlite", "--to", str(file)).returncode == 0
    with sqlite3.connect(file) as db:
        records = [record for (record,) in db.execute("SELECT record FROM result ORDER BY run, seq")]
    db.close()
    assert "".join(f"{record}\n" for record in records) == "".join(printed)
    again = history(home, "export", "-o", "sqlite", "--to", str(file))
    assert (again.returncode, "file exists" in again.stderr) == (4, True)


def test_prune_asks_on_a_terminal_and_nowhere_else(axons, home):
    query(axons, home)
    query(axons, home)

    assert history(home, "prune", "--keep", "1").returncode == 2
    with Terminal("history", "prune", "--keep", "1", env=home) as screen:
        screen.wait_for("remove 1 run with 3 results")
        screen.type("n\n")
        assert screen.wait() == 0
    assert len(rows(history(home))) == 2
    with Terminal("history", "prune", "--keep", "1", env=home) as screen:
        screen.wait_for("[y/N]")
        screen.type("y\n")
        assert screen.wait() == 0
    assert len(rows(history(home))) == 1
    assert "nothing to remove" in history(home, "prune").stderr
    assert "removed 1 run" in history(home, "prune", "--older-than", "0s", "--yes").stderr
    assert rows(history(home)) == []


@pytest.mark.parametrize("off", [("--no-history",), ()])
def test_a_run_that_is_not_to_be_kept_leaves_no_file(axons, home, tmp_path, off):
    env = home if off else home | {"DENDRITE_HISTORY": "0"}

    assert query(axons, env, "text=hi", *off).returncode == 1

    assert list(tmp_path.iterdir()) == []


def test_what_never_began_is_not_kept(axons, home):
    assert query(axons, home, "nonsense=1").returncode == 2
    assert dendrite("ping", "nowhere", "--ephemeral", env=home).returncode == 4
    assert query(axons, home, "text=hi", "--dry-run").returncode == 0

    assert rows(history(home)) == []


def test_a_run_that_nobody_reads_any_more_is_kept(axons, home):
    """`| head -1`: the pipe is closed after the first record, and the exit code is that of a closed pipe."""
    program = "import sys; sys.stdin.readline()"
    script = f'"$@" | python3 -c "{program}"; exit ${{PIPESTATUS[0]}}'

    done = dendrite(
        "ping", *axons, "--ephemeral", "-c", "5", "-i", "0.2", "-q", env=home, before=("bash", "-c", script, "x")
    )

    assert done.returncode == 141
    (run,) = rows(history(home))
    assert (run["run"]["exit_code"], run["run"]["interrupted"]) == (141, True)
    assert len(history(home, "show", "last").stdout.splitlines()) >= 1


def test_unknown_runs_and_moments_are_told(axons, home):
    assert history(home, "show", "last").returncode == 4
    query(axons, home)

    missing = history(home, "show", "ZZZ")
    assert (missing.returncode, "no run begins with 'ZZZ'" in missing.stderr) == (4, True)
    assert history(home, "list", "--since", "soon").returncode == 2
    assert history(home, "list", "--outcome", "fine").returncode == 2
    assert history(home, "path").stdout == f"{home['XDG_STATE_HOME']}/dendrite/history.db\n"
