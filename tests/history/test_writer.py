"""A run is kept while it goes on, whole and private, and nothing of the history is a failure of the run."""

import json
import sqlite3
import stat
import time

from ground.kept import FOREVER, asking, axon, end, keep_run, outcome

from dendrite_cli import records
from dendrite_cli.history import reader
from dendrite_cli.history.kept import MOST_BODY, REDACTED
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.writer import PATIENCE, Writer
from dendrite_cli.model import Chunk, Verdict


def test_records_come_back_to_the_byte_and_in_their_order(path, open_history):
    heard = [
        Chunk(1, axon(1), 0, 0.25, "He\u200bl\x7f"),
        outcome(0, body={"big": 2**60, "nan": float("nan"), "half": "\ud800"}),
        Chunk(1, axon(1), 1, 0.5, None, b"\xff"),
        outcome(1, Verdict.TIMEOUT, ms=None),
    ]

    asked = keep_run(path, heard)

    shown = [records.chunk if isinstance(each, Chunk) else records.result for each in heard]
    expected = [records.encode(show(each, asked.run.id)) for show, each in zip(shown, heard, strict=True)]
    assert [line.encode() for line in reader.lines(open_history(), 1)] == expected


def test_what_was_heard_is_in_the_file_within_a_second_while_the_run_goes_on(path, open_history):
    kept = Writer(path, asking([axon(0), axon(1)]), FOREVER)
    kept.finished(outcome(0))
    db = _when_there(open_history)

    assert _soon(lambda: len(list(reader.lines(db, 1))) == 1)
    assert db.execute("SELECT ending, exit_code, summary FROM run").fetchall() == [(None, None, None)]
    kept.finished(outcome(1))
    assert kept.close(end([outcome(0), outcome(1)], 3)) is None
    assert len(list(reader.lines(db, 1))) == 2
    assert db.execute("SELECT ending, exit_code FROM run").fetchall() == [("complete", 3)]


def test_folder_and_files_are_their_owners_alone(path):
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o755)

    kept = Writer(path, asking(), FOREVER)
    assert _soon(path.with_name("history.db-wal").exists)
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    kept.close(end([]))

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert files.keys() >= {"history.db", "history.db-wal"}
    assert set(files.values()) == {0o600}


def test_a_large_body_is_left_out_and_marked(path, open_history):
    keep_run(path, [outcome(0, body={"text": "x" * (MOST_BODY + 10_000)}), outcome(1)])

    db = open_history()
    first, second = (json.loads(line) for line in reader.lines(db, 1))
    assert (first["body"], first["body_truncated"]) == (None, True)
    assert (second["body"], second["body_truncated"]) == ({"text": "hi"}, False)
    assert reader.capped(db, 1) == 1


def test_redacted_fields_are_nowhere_in_the_file(path, open_history):
    body = {"prompt": "my secret words", "deep": [{"prompt": "my secret words", "text": "kept"}]}
    chunk = Chunk(0, axon(), 0, 0.1, None, {"prompt": "my secret words"})

    keep_run(path, [chunk, outcome(0, body=body)], asking(redact=("prompt",)))

    db = open_history()
    _, record = (json.loads(line) for line in reader.lines(db, 1))
    assert record["body"] == {"prompt": REDACTED, "deep": [{"prompt": REDACTED, "text": "kept"}]}
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"my secret words" not in path.read_bytes()


def test_a_run_waits_for_another_program_that_writes(path, open_history):
    keep_run(path, [outcome()])
    other = open_history()
    other.execute("BEGIN IMMEDIATE")

    kept = Writer(path, asking(number=5), FOREVER)
    kept.finished(outcome())
    time.sleep(0.6)
    other.execute("COMMIT")

    assert kept.close(end([outcome()])) is None
    assert len(reader.runs(other, path, Criteria(), None)) == 2


def test_a_run_does_not_wait_for_ever_for_one_that_never_ends(path, open_history):
    keep_run(path, [outcome()])
    other = open_history()
    other.execute("BEGIN IMMEDIATE")

    kept = Writer(path, asking(number=5), FOREVER)
    kept.finished(outcome())
    began = time.monotonic()
    trouble = kept.close(end([outcome()]))

    assert trouble is not None
    assert "another program holds it locked" in trouble
    assert time.monotonic() - began < 5 * PATIENCE
    other.execute("ROLLBACK")


def test_a_damaged_history_is_told_and_left_as_it_is(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but somebody's notes" * 100)
    before = path.read_bytes()

    kept = Writer(path, asking(), FOREVER)
    kept.finished(outcome())

    assert "it is no history, or it is damaged" in (kept.close(end([outcome()])) or "")
    assert path.read_bytes() == before


def test_a_history_of_a_newer_version_is_told_and_left_as_it_is(path):
    path.parent.mkdir(parents=True)
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE future (x)")
    db.execute("PRAGMA user_version = 99")
    db.close()

    kept = Writer(path, asking(), FOREVER)

    assert "a newer version of dendrite" in (kept.close(end([])) or "")
    db = sqlite3.connect(path)
    assert [name for (name,) in db.execute("SELECT name FROM sqlite_master")] == ["future"]
    db.close()


def test_a_run_that_ended_by_an_error_is_interrupted_and_counted(path, open_history):
    kept = Writer(path, asking([axon(0), axon(1)]), FOREVER)
    kept.finished(outcome(0, ms=50))
    last = end([])

    assert kept.close(type(last)(last.ending, 0.1, 141, None)) is None
    (run,) = reader.runs(open_history(), path, Criteria(), None)
    counted = run.record()["summary"]
    assert run.exit_code == 141
    assert (counted["selected"], counted["dialled"], counted["answered"], counted["ok"]) == (2, 1, 1, 1)
    assert counted["percentiles"]["p50_ms"] == 50


def _soon(there) -> bool:
    deadline = time.monotonic() + 5
    while not there() and time.monotonic() < deadline:
        time.sleep(0.02)
    return there()


def _when_there(open_history):
    db = open_history()
    assert _soon(lambda: db.execute("SELECT count(*) FROM run").fetchone() == (1,))
    return db
