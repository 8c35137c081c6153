"""Statistics are the same whether they are rolled up or counted, and forget what was removed."""

import time

import pytest
from ground.kept import FOREVER, asking, axon, keep_run, outcome

from dendrite_cli.history import stats
from dendrite_cli.history.alive import Alive
from dendrite_cli.history.book import RECENT
from dendrite_cli.history.kept import Keep
from dendrite_cli.history.prune import doomed, remove
from dendrite_cli.history.search import Criteria
from dendrite_cli.history.stats import By
from dendrite_cli.model import Verdict

NOW = 1_800_000_000.0


@pytest.fixture
def db(path, open_history):
    """Three runs over two axons, a day apart; axon 1 refuses in the last one."""
    for day in range(3):
        at = NOW + day * 86_400
        refused = Verdict.FORBIDDEN if day == 2 else Verdict.OK
        heard = [outcome(0, ms=100 + 10 * day, at=at), outcome(1, refused, ms=200, at=at)]
        keep_run(path, heard, asking([axon(0), axon(1)], at=at, number=day))
    return open_history()


def counted(db, by: By, **criteria) -> list[tuple]:
    return [
        (line.key[by.value], line.n, line.ok, line.p50 and round(line.p50, -1), line.last_at)
        for line in stats.lines(db, by, Criteria(**criteria))
    ]


def test_results_are_counted_by_what_they_have_in_common(db):
    last = NOW + 2 * 86_400

    assert counted(db, By.UID) == [(0, 3, 3, 110, last), (1, 3, 2, 200, last)]
    assert [line[:3] for line in counted(db, By.HOTKEY)] == [(axon(0).hotkey, 3, 3), (axon(1).hotkey, 3, 2)]
    assert [line[:3] for line in counted(db, By.SYNAPSE)] == [("Echo", 6, 5)]
    assert [line[:3] for line in counted(db, By.OUTCOME)] == [("ok", 5, 5), ("forbidden", 1, 0)]


@pytest.mark.parametrize("by", By)
def test_rolled_up_and_counted_are_the_same(db, by):
    everything = {"since": NOW - 1}

    assert counted(db, by) == counted(db, by, **everything)


def test_a_period_and_an_axon_narrow_it_down(db):
    assert [line[:3] for line in counted(db, By.UID, since=NOW + 1.5 * 86_400)] == [(0, 1, 1), (1, 1, 0)]
    assert [line[:3] for line in counted(db, By.UID, uids=frozenset({1}))] == [(1, 3, 2)]
    assert [line[:3] for line in counted(db, By.OUTCOME, outcome="forbidden")] == [("forbidden", 1, 0)]


def test_the_latest_few_are_remembered_in_their_order(path, open_history):
    for number in range(RECENT + 5):
        ok = Verdict.OK if number % 3 else Verdict.TIMEOUT
        keep_run(path, [outcome(0, ok, ms=100, at=NOW + number)], asking(at=NOW + number, number=number))

    (line,) = stats.lines(open_history(), By.UID, Criteria())
    assert [ms is not None for ms in line.recent] == [number % 3 != 0 for number in range(5, RECENT + 5)]


def test_what_is_removed_no_longer_counts(db):
    first = db.execute("SELECT number FROM run ORDER BY id").fetchone()[0]

    remove(db, first)

    assert counted(db, By.UID) == counted(db, By.UID, since=NOW - 1)
    assert [line[:3] for line in counted(db, By.UID)] == [(0, 2, 2), (1, 2, 1)]
    for (number,) in db.execute("SELECT number FROM run").fetchall():
        remove(db, number)
    for table in ("rollup", "bin", "result", "chunk", "run"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table  # noqa: S608 - a name of ours


def test_a_moved_axon_is_one_hotkey(path, open_history):
    keep_run(path, [outcome(0, whom=axon(0, port=1), at=NOW)], asking(number=1))
    keep_run(path, [outcome(0, whom=axon(0, port=2), at=NOW + 9)], asking(number=2))

    (line,) = stats.lines(open_history(), By.HOTKEY, Criteria())
    assert (line.n, line.key["endpoint"]) == (2, "192.0.2.1:2")


def test_old_runs_make_room_by_themselves_and_the_newest_stays(path, open_history):
    for day in (100, 50, 0):
        at = time.time() - day * 86_400
        keep_run(path, [outcome(0, at=at)], asking(at=at, number=day), Keep(90 * 86_400.0, None))
    db = open_history()
    assert db.execute("SELECT count(*) FROM run").fetchone() == (2,)

    keep_run(path, [outcome(0)], asking(number=7), Keep(None, 1))
    assert db.execute("SELECT count(*) FROM run").fetchone() == (1,)


def test_a_run_that_goes_on_is_not_removed(path, open_history):
    keep_run(path, [outcome(0)], asking(number=1), FOREVER)
    db = open_history()
    db.execute("UPDATE run SET ending = NULL")
    with Alive(path) as alive:
        assert len(doomed(db, alive, Keep(None, None), time.time(), most=0).runs) == 1
        alive.hold(1)
        assert doomed(db, alive, Keep(None, None), time.time(), most=0).runs == ()
