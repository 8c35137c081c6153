"""A file of any earlier version is brought up to date, with all that it holds."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dendrite_cli.history import reader, schema, stats
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.store import opened, reading
from dendrite_cli.history.trouble import HistoryError

STEPS = Path(__file__).parent / "steps"
"""A file of each step, with one run of two results in it; step 0 is an empty file."""


def test_there_is_a_file_of_every_step():
    present = {int(file.stem) for file in STEPS.glob("*.db")}

    assert present == set(range(len(schema.STEPS) + 1)), (
        "after appending a step: python tests/history/make_step.py writes its file"
    )


@pytest.mark.parametrize("step", sorted(STEPS.glob("*.db")), ids=lambda file: f"step {file.stem}")
def test_a_file_of_a_step_is_upgraded_and_keeps_its_runs(step, path):
    path.parent.mkdir(parents=True)
    shutil.copy(step, path)
    runs = 0 if step.stem == "0" else 1

    db = opened(path)
    found = reader.runs(db, path, Criteria(), None)
    counted = stats.lines(db, stats.By.OUTCOME, Criteria())

    assert schema.version_of(db) == len(schema.STEPS)
    assert len(found) == runs
    assert [(line.key["outcome"], line.n) for line in counted] == [("forbidden", 1), ("ok", 1)] * runs
    assert sum(len(list(reader.lines(db, run.number))) for run in found) == 2 * runs
    db.close()


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(path):
    db = opened(path)
    steps = (*schema.STEPS, ("CREATE TABLE more (x)", "CREATE nonsense"))

    with pytest.raises(sqlite3.OperationalError):
        schema.upgrade(db, steps)

    assert schema.version_of(db) == len(schema.STEPS)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    db.close()


def test_a_newer_file_is_not_read(path):
    opened(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(HistoryError, match="newer version"), reading(path):
        pass


def test_no_history_is_none(path):
    with reading(path) as db:
        assert db is None
    assert not path.parent.exists()


def test_those_who_make_it_at_once_wait_for_each_other(tmp_path):
    """SQLite answers some of them "locked" without waiting: about one round in twenty, hence many rounds."""

    def make(path: Path) -> None:
        together.wait()
        opened(path).close()

    makers, rounds = 8, 100
    together = threading.Barrier(makers)
    with ThreadPoolExecutor(makers) as pool:
        for number in range(rounds):
            path = tmp_path / str(number) / "history.db"
            for made in [pool.submit(make, path) for _ in range(makers)]:
                made.result()


def test_opening_it_again_lets_go_of_no_lock_of_this_process(path):
    path.parent.mkdir(parents=True)
    first = sqlite3.connect(path, isolation_level=None)
    first.execute("BEGIN EXCLUSIVE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        opened(path, patience=0.05)

    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.05).execute('BEGIN IMMEDIATE')"
    foreign = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert "locked" in foreign.stderr
    first.close()
