"""What moves in a table, and how it keeps to its place."""

import os
import threading

import pyte
import pytest
from ground.screen import Screen as Emulated

from dendrite_cli.model import Axon, Outcome, Run, Timing, Verdict
from dendrite_cli.output.progress import Progress
from dendrite_cli.output.screen import Screen
from dendrite_cli.output.symbols import ASCII
from dendrite_cli.output.table import Table
from dendrite_cli.output.view import View
from dendrite_cli.output.window import Window
from dendrite_cli.summary import summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def axon(number):
    return Axon("192.0.2.1", 8000 + number, HOTKEY, netuid=1, uid=number, source="metagraph")


def outcome(number, verdict=Verdict.OK, **more):
    status = {Verdict.OK: 200, Verdict.FORBIDDEN: 403}.get(verdict)
    more.setdefault("timing", Timing(connect=0.03, ttfb=0.1, total=0.1))
    return Outcome(number, axon(number), verdict, "synapse", attempts=1, http_status=status, **more)


def run_of(selected, command="ping"):
    return Run("01KAPX", command, 1795372218.4, selected, HOTKEY, "validator/default", netuid=1)


def seen(ends, columns=100):
    screen = Emulated(columns, 60)
    while any(thread.name == "frame" for thread in threading.enumerate()):
        ends.out.bytes()
    pyte.ByteStream(screen).feed(ends.out.bytes())
    return screen


def begun(ends, count, view=None, command="ping"):
    table = Table(ends.terminal, run_of(count, command), view or View())
    for number in range(count):
        table.started(number, axon(number))
    return table


def test_axons_have_a_row_each_from_the_moment_they_are_asked(streams):
    ends = streams(tty=True, columns=100, moves=True)
    table = begun(ends, 3)

    table.finished(outcome(1))
    table.redraw()

    assert seen(ends).shown == [
        "",
        " UID  HOTKEY      ENDPOINT        STATUS     CONNECT  TTFB  TOTAL",
        "   0  5F3sa2…jhW  192.0.2.1:8000  · waiting",
        "   1  5F3sa2…jhW  192.0.2.1:8001  ● 200 ok        30   100    100",
        "   2  5F3sa2…jhW  192.0.2.1:8002  · waiting",
        " ━━━━━━━━━━──────────────────── 1/3 done · 1 ok · 0.0 s",
    ]


def test_the_frame_is_gone_when_the_table_is_printed(streams):
    ends = streams(tty=True, columns=100, moves=True)
    table = begun(ends, 2)

    table.redraw()
    table.finished(outcome(1))
    table.redraw()
    table.finished(outcome(0))
    table.close(summarise([outcome(0), outcome(1)], 0.1))

    shown = seen(ends).shown
    assert [line.split()[0] for line in shown] == ["UID", "0", "1"]
    assert seen(ends).is_sane


def test_the_table_is_in_the_order_of_the_selection_unless_it_is_sorted(streams):
    for view, uids in ((View(), ["0", "1", "2"]), (View.parse(sort="-uid"), ["2", "1", "0"])):
        ends = streams(tty=True, columns=100, moves=True)
        table = begun(ends, 3, view)
        for number in (1, 2, 0):
            table.finished(outcome(number))

        table.close(summarise([outcome(number) for number in range(3)], 0.1))

        assert [line.split()[0] for line in seen(ends).shown[1:]] == uids


def test_columns_that_were_asked_for_are_those_that_move(streams):
    ends = streams(tty=True, columns=100, moves=True)
    table = begun(ends, 2, View.parse("uid,body.answer"), "query")

    table.finished(outcome(1, body={"answer": "yes"}))
    table.redraw()

    assert seen(ends).shown[1:4] == [" UID  BODY.ANSWER", "   0", "   1  yes"]


def test_an_outcome_that_is_not_wanted_takes_its_row_along(streams):
    ends = streams(tty=True, columns=100, moves=True)
    table = begun(ends, 3, View.parse(only="failed"))

    table.finished(outcome(0))
    table.finished(outcome(1, Verdict.FORBIDDEN))
    table.redraw()

    shown = seen(ends).shown
    assert [line.split()[0] for line in shown[2:-1]] == ["1", "2"]
    assert "2/3 done · 1 ok · 1 forbidden" in shown[-1]


def test_text_of_axons_cannot_leave_its_row(streams):
    ends = streams(tty=True, columns=60, moves=True)
    table = begun(ends, 2, command="query")

    table.finished(outcome(0, body={"a": "你好\x1b[2J\x1b[99A\u202e" * 50}))
    table.redraw()

    assert len(seen(ends, 60).shown) == 5
    assert b"\x1b[2J" not in ends.out.bytes()
    assert "\u202e" not in ends.out.text()


def test_what_is_said_meanwhile_stands_above_the_frame(streams):
    ends = streams(tty=True, columns=100, moves=True, one=True)
    table = begun(ends, 1)

    table.redraw()
    ends.terminal.note("the disk is full")
    table.redraw()

    shown = seen(ends).shown
    assert [line for line in shown if "UID" in line] == [" UID  HOTKEY      ENDPOINT        STATUS     TOTAL"]
    assert shown[1] == "note: the disk is full"


def test_a_frame_is_drawn_within_the_lines_there_are_room_for(streams):
    ends = streams(tty=True, columns=40, moves=True)
    screen = Screen(ends.terminal)
    given = []

    def frame(columns, rows):
        given.append((columns, rows))
        return ["x" * columns for _ in range(200)]

    screen.draw(frame)

    assert given == [(39, 58)]
    assert seen(ends, 40).shown == ["", *["x" * 39] * 58]
    assert not seen(ends, 40).history.top


def test_a_terminal_that_is_gone_does_no_harm(streams):
    ends = streams(tty=True, moves=True)
    table = begun(ends, 1)
    table.redraw()

    os.dup2(os.open(os.devnull, os.O_RDWR), ends.out.fd)
    table.redraw()
    table.wipe()


def done_of(*numbers):
    return lambda number: number in numbers


def test_a_window_shows_what_fits_and_lets_slow_rows_stay():
    clock = Clock()
    window = Window(clock)
    for number in range(10):
        window.add(number)

    assert window.choose(3, done_of()) == [0, 1, 2]
    assert window.choose(3, done_of(0, 2)) == [0, 1, 2]
    clock.now += 1
    assert window.choose(3, done_of(0, 2)) == [1, 3, 4]


def test_a_window_keeps_what_is_done_when_nothing_waits_for_its_place():
    clock = Clock()
    window = Window(clock)
    for number in range(3):
        window.add(number)

    window.choose(3, done_of(0, 1, 2))
    clock.now += 60

    assert window.choose(3, done_of(0, 1, 2)) == [0, 1, 2]


def test_a_window_that_shrinks_and_grows_has_all_its_rows_again():
    window = Window(Clock())
    for number in range(6):
        window.add(number)

    window.choose(6, done_of(1, 3))

    assert window.choose(4, done_of(1, 3)) == [0, 2, 4, 5]
    assert window.choose(0, done_of(1, 3)) == []
    assert window.choose(6, done_of(1, 3)) == [0, 1, 2, 3, 4, 5]


def test_a_row_that_is_asked_again_is_shown_again():
    clock = Clock()
    window = Window(clock)
    for number in range(3):
        window.add(number)
    window.choose(1, done_of(0))
    clock.now += 1
    assert window.choose(1, done_of(0)) == [1]

    window.add(0)
    clock.now += 1
    window.choose(1, done_of(1))
    clock.now += 1

    assert window.choose(1, done_of(1)) == [0]


@pytest.mark.parametrize(
    ("room", "line"),
    [
        (90, " ━━━━━━━━━━━━━───────────────── 4/9 done · 1 ok · 2 connect timeout · 1 forbidden · 0.0 s"),
        (66, " ━━━━─────── 4/9 done · 1 ok · 2 connect timeout · 1 other · 0.0 s"),
        (48, " ━━━━━─────── 4/9 done · 1 ok · 3 others · 0.0 s"),
        (34, " ━━━━───── 4/9 done · 1 ok · 0.0 s"),
        (20, " 4/9 done · 1 ok · 0"),
        (0, " "),
    ],
)
def test_the_line_of_progress_fits_however_narrow_it_is(streams, room, line):
    progress = Progress(streams(tty=True).terminal, run_of(9), Clock())
    for number, verdict in enumerate((Verdict.OK, Verdict.FORBIDDEN, Verdict.CONNECT_TIMEOUT, Verdict.CONNECT_TIMEOUT)):
        progress.finished(outcome(number, verdict))

    assert progress.line(room) == line


def test_a_plain_terminal_gets_a_bar_of_ascii(streams):
    progress = Progress(streams(tty=True, symbols=ASCII).terminal, run_of(2), Clock())

    progress.finished(outcome(0))

    assert progress.line(80) == " ###############--------------- 1/2 done - 1 ok - 0.0 s"
