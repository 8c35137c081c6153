"""The text of streams: side by side, line by line, and all of it when the run is over."""

import re
import threading

import pyte
import pytest
from ground.screen import Screen as Emulated

from dendrite_cli.model import Axon, Chunk, Outcome, Run, Streamed, Timing, Verdict
from dendrite_cli.output import safe
from dendrite_cli.output.panes import Panes
from dendrite_cli.output.prefix import Prefix
from dendrite_cli.output.raw import Raw
from dendrite_cli.output.said import Said
from dendrite_cli.output.streams import Layout, Streams
from dendrite_cli.output.symbols import ASCII
from dendrite_cli.output.table import Table
from dendrite_cli.output.view import View
from dendrite_cli.output.wrapped import Wrapped, cells, ending, wrap
from dendrite_cli.summary import summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"
UIDS = (5, 17, 31, 40, 41, 42, 43, 44, 45, 46, 47, 48)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def axon(index):
    return Axon("192.0.2.1", 8000 + index, HOTKEY, netuid=1, uid=UIDS[index], source="metagraph")


def ended(index, verdict=Verdict.OK, **more):
    status = {Verdict.OK: 200, Verdict.FORBIDDEN: 403}.get(verdict)
    more.setdefault("timing", Timing(total=4.2))
    return Outcome(index, axon(index), verdict, "synapse", "Chat", attempts=1, http_status=status, **more)


def refused(index):
    said = "Forbidden. Key is blacklisted: Not enough stake."
    return ended(index, Verdict.FORBIDDEN, status_message=said)


class Stage:
    """Panes on a terminal, with a clock of ours."""

    def __init__(self, ends, count, columns=80, **chosen):
        self.ends, self.columns, self.clock = ends, columns, Clock()
        run = Run("01KAPX", "stream", 1795372218.4, count, HOTKEY, "validator/default", netuid=1)
        self.panes = Panes(ends.terminal, run, Streams(**chosen), self.clock)
        self.table = Table(ends.terminal, run, View(), moving=self.panes)
        self.seq = dict.fromkeys(range(count), 0)
        for index in range(count):
            self.table.started(index, axon(index))

    def say(self, index, text=None, at=0.24, **more):
        self.table.chunk(Chunk(index, axon(index), self.seq[index], at, text, **more))
        self.seq[index] += 1

    def shown(self):
        self.clock.now += 1
        self.panes.redraw()
        return self.screen().shown

    def screen(self):
        screen = Emulated(self.columns, 60, history=10_000)
        while any(thread.name == "frame" for thread in threading.enumerate()):
            self.ends.out.bytes()
        pyte.ByteStream(screen).feed(self.ends.out.bytes())
        return screen

    def close(self, *outcomes):
        """Close it while somebody reads: a terminal holds a few kB only."""
        for outcome in outcomes:
            self.table.finished(outcome)
        closing = threading.Thread(target=self.table.close, args=(summarise(outcomes, 4.2),))
        closing.start()
        while closing.is_alive():
            self.ends.out.bytes()
            self.ends.err.bytes()
        return self.screen()


@pytest.fixture
def stage(streams):
    def make(count, columns=80, **chosen):
        more = {name: chosen.pop(name) for name in ("symbols", "color") if name in chosen}
        return Stage(streams(tty=True, columns=columns, moves=True, **more), count, columns, **chosen)

    return make


def test_three_axons_stand_side_by_side(stage):
    three = stage(3)
    three.say(0, "TCP slow start is a congestion phase in which the sender")
    three.say(0, " doubles", at=0.34)
    three.say(1, "Slow start begins\n* small")
    three.panes.finished(refused(2))

    assert three.shown() == [
        "",
        "╭ 5 · 5F3sa2…jhW ────────╮╭ 17 · 5F3sa2…jhW ───────╮╭ 31 · 5F3sa2…jhW ───────╮",
        "│ TCP slow start is a    ││ Slow start begins      ││ Not enough stake       │",
        "│ congestion phase in    ││ * small▌               ││                        │",
        "│ which the sender       ││                        ││                        │",
        "│ doubles▌               ││                        ││                        │",
        "╰ ● 240 ms · 10 ch/s ────╯╰ ● 240 ms first ────────╯╰ ◐ 403 forbidden ───────╯",
    ]


def test_a_stream_that_falls_silent_is_called_stalled(stage):
    one = stage(1)
    one.say(0, "Slow")
    one.clock.now += 5.1

    text = "\n".join(one.shown())

    assert "no data for 6.1 s" in text
    assert "▲ stalled · 1 chunk" in text


def test_before_its_first_chunk_a_stream_waits(stage):
    assert "⠋ waiting · 1.0 s" in "\n".join(stage(1).shown())


@pytest.mark.parametrize(("columns", "across"), [(120, 4), (80, 2), (40, 1)])
def test_panes_that_have_no_room_beside_each_other_stand_below(stage, columns, across):
    shown = stage(4, columns).shown()

    assert [line.count("╭") for line in shown if "╭" in line] == [across] * (4 // across)
    assert max(map(len, shown)) < columns


def test_twelve_axons_have_a_line_each(stage):
    twelve = stage(12)
    for index in range(12):
        twelve.say(index, f"I am number {index} and these are my last words")
    twelve.panes.finished(ended(3))

    shown = twelve.shown()

    assert len(shown) == 1 + 12 + 1
    assert shown[1] == "  5 · 5F3sa2…jhW  ● 240 ms first             …ber 0 and these are my last words"
    assert "● 200 ok · 1 chunk · 4.2 s" in shown[4]
    assert "1/12 done · 1 ok" in shown[-1]


def test_lines_are_a_choice_for_few_and_panes_for_many(stage):
    assert "╭" not in "".join(stage(2, layout=Layout.LINES).shown())
    assert "╭" in "".join(stage(6, 120, layout=Layout.PANES).shown())


@pytest.mark.parametrize("focus", ["17", "192.0.2.1:8001"])
def test_the_focus_gets_the_room(stage, focus):
    twelve = stage(12, focus=focus)
    twelve.say(1, "a\n" * 100)

    shown = twelve.shown()

    assert shown[1].startswith("╭ 17 · ")
    assert len([line for line in shown if line.startswith("│")]) > 30
    assert len([line for line in shown if "waiting" in line]) > 8


def test_beside_the_focus_each_of_the_others_has_a_line(stage):
    three = stage(3, focus="5")

    shown = three.shown()
    assert shown[1].startswith("╭ 5 · ")
    assert [line.split()[0] for line in shown[-3:-1]] == ["17", "31"]
    assert "0/3 done" in shown[-1]


def test_all_that_was_said_is_written_when_the_run_is_over(stage):
    three = stage(3)
    story = [f"line {number} of a long story" for number in range(200)]
    three.say(0, "\n".join(story))
    three.say(1, "Slow")
    three.shown()

    lines = three.close(
        ended(0, streamed=Streamed(1, 0.24)), ended(1, Verdict.IDLE_TIMEOUT), refused(2)
    ).text.splitlines()
    at = lines.index("── 5 · 5F3sa2…jhW ── ● 200 ok · 1 chunk · 4.2 s ───────────────────────────────")
    assert lines[at + 1 : at + 201] == story
    at = lines.index("── 17 · 5F3sa2…jhW ── ✗ idle timeout · 1 chunk · 4.2 s ────────────────────────")
    assert lines[at + 1] == "Slow"
    at = lines.index("── 31 · 5F3sa2…jhW ── ◐ 403 forbidden · 4.2 s ─────────────────────────────────")
    assert lines[at + 1] == "Not enough stake"
    assert lines[at + 3].split() == ["UID", "HOTKEY", "ENDPOINT", "STATUS", "FIRST", "TOTAL", "NOTE"]
    assert not [line for line in lines if "╭" in line]


def test_the_end_of_a_very_long_text_is_left_out_and_that_is_said(stage):
    one = stage(1)
    for _ in range(30):
        one.say(0, "x" * 10_000)

    text = one.close(ended(0)).text

    assert text.count("x") == 200_000
    assert "… 100,000 more characters, which -o ndjson and -o raw write" in text


def test_a_flood_of_lines_does_not_wash_the_scrollback_away(stage):
    one = stage(1)
    one.say(0, "a\n" * 90_000)

    text = one.close(ended(0)).text

    assert text.count("a\n") == 5000
    assert "… 170,000 more characters" in text


def test_memory_is_bounded_however_much_is_said():
    said = Said(0, axon(0), 64, 0.0)
    for number in range(3000):
        said.hear(Chunk(0, axon(0), number, number / 10, "x" * 10_000), 0.0)

    held = len(said._kept.getvalue()) + sum(map(len, said._fresh)) + len(said._recent)

    assert held < 200_000
    text, lost = said.whole()
    assert len(text) + lost == 30_000_000


HOSTILE = {
    "escapes": "\x1b[2J\x1b[?25l\x1b]0;owned\x07\x1b[31mred\x9b31m",
    "bidi": "abc\u202edef\u2066ghi\u200fx",
    "one line": "x" * 1_000_000,
    "wide": "世界你好" * 5000,
    "combining": "e" + "\u0301" * 100_000,
    "controls": "".join(map(chr, range(32))) * 300,
    "spaces": " " * 200_000 + "end",
    "tabs": "\t" * 10_000,
    "line feeds": "\n" * 100_000,
    "emoji": "👨‍👩‍👧❤️🏳️‍🌈" * 500,
    "surrogates": "\ud800\udfff" * 100,
}


@pytest.mark.parametrize("layout", [Layout.PANES, Layout.LINES])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_stream_says_it_stays_in_its_place(stage, text, layout):
    two = stage(2, 70, layout=layout)
    two.say(0, text)
    two.say(1, "I am still here")

    shown = two.shown()
    height = len(shown)
    screen = two.screen()

    assert any("still here" in line for line in shown)
    assert max(map(cells, shown)) < 70
    assert height <= 59
    assert not screen.history.top
    assert screen.is_sane
    assert (screen.cursor.x, screen.cursor.y) == (0, 0)
    assert {ord(character) for character in two.ends.out.text() if character < " "} <= {0x18, 0x1B, 0x0D, 0x0A}
    assert set(re.findall(r"\x1b(?![78])[^A-Za-z]*[A-Za-z]", two.ends.out.text())) <= {
        "\x1b[?2026h", "\x1b[?2026l", "\x1b[?7l", "\x1b[?7h", "\x1b[K", "\x1b[J", "\x1b[B",
        *(f"\x1b[{number}{letter}" for number in range(1, 71) for letter in "AG"),
    }  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_was_said_the_scrollback_holds_safe_text(stage, text):
    one = stage(1, 60)
    one.say(0, text)

    screen = one.close(ended(0))

    assert screen.is_sane
    assert "\x1b" not in one.ends.out.text()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f]", one.ends.out.text())
    assert "UID" in screen.text.splitlines()[-2]


def test_a_plain_terminal_gets_panes_of_ascii(stage):
    one = stage(1, symbols=ASCII)
    one.say(0, "Slow start")

    assert "\n".join(one.shown()).isascii()


def test_what_a_class_yields_beside_text_is_shown_as_json(stage):
    one = stage(1)
    one.say(0, data={"token": 1})
    one.say(0, data=b"\xff")

    assert [line.strip("│ ") for line in one.shown()[2:4]] == ['{"token":1}', '{"base64":"/w=="}']


def test_lines_are_written_behind_their_axon_as_soon_as_they_are_whole(streams):
    ends = streams()
    prefix = Prefix(ends.terminal)
    for index in range(2):
        prefix.started(index, axon(index))

    prefix.chunk(Chunk(0, axon(0), 0, 0.1, "Slow st"))
    before = ends.out.text()
    prefix.chunk(Chunk(1, axon(1), 0, 0.1, "one\r\ntwo\nthr"))
    prefix.chunk(Chunk(0, axon(0), 1, 0.2, "art\n\x1b[2J"))
    prefix.finished(ended(0))
    prefix.finished(ended(1))

    assert before == ""
    assert ends.out.text() == "17 | one\n17 | two\n 5 | Slow start\n 5 | \\x1b[2J\n17 | thr\n"


def test_a_line_without_an_end_is_written_in_pieces(streams):
    ends = streams()
    prefix = Prefix(ends.terminal)
    prefix.started(0, axon(0))

    for number in range(30):
        prefix.chunk(Chunk(0, axon(0), number, 0.1, "x" * 1000))
        ends.out.bytes()
    prefix.finished(ended(0))

    lines = ends.out.text().splitlines()
    assert all(line.startswith("5 | x") for line in lines)
    assert max(map(len, lines)) < 10_000
    assert "".join(lines).count("x") == 30_000


def test_raw_writes_the_bytes_of_chunks_as_they_come_and_once(streams):
    ends = streams()
    raw = Raw(ends.terminal, View())

    raw.chunk(Chunk(0, axon(0), 0, 0.1, "\ufffd", content=b"\xff\x00\x1b[31m"))
    first = ends.out.bytes()
    raw.chunk(Chunk(0, axon(0), 1, 0.1, "é"))
    raw.chunk(Chunk(0, axon(0), 2, 0.1, data=b"\xfe"))
    raw.chunk(Chunk(0, axon(0), 3, 0.1, data={"token": 1}))
    raw.finished(ended(0, content=b"all of it again"))

    assert first == b"\xff\x00\x1b[31m"
    assert ends.out.bytes() == b'\xff\x00\x1b[31m\xc3\xa9\xfe{"token":1}\n'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_text_is_wrapped_alike_however_it_is_cut_into_chunks(size):
    text = "Slow start begins with a small window,  doubles it\n\n  * one\n* supercalifragilisticexpialid 世界 end "
    whole, pieces = Wrapped(12), Wrapped(12)

    whole.feed(text)
    for at in range(0, len(text), size):
        pieces.feed(text[at : at + size])

    assert pieces.last(100) == whole.last(100)
    assert max(map(cells, whole.last(100))) <= 12


def test_words_are_kept_whole_and_long_ones_broken():
    assert wrap("one two three", 8) == ["one two ", "three"]
    assert wrap("abcdefghij kl", 4) == ["abcd", "efgh", "ij ", "kl"]
    assert wrap("世界你好", 5) == ["世界", "你好"]
    assert wrap("", 4) == [""]


def test_the_end_of_a_line_fits_its_cells():
    assert ending("abcdef", 3) == "def"
    assert ending("ab世界", 3) == "界"
    assert ending("a" + "\u0301" * 1000, 3).count("\u0301") <= 24


def test_tabs_and_line_ends_of_a_model_are_what_they_mean():
    assert safe.stream("a\tb\r\nc\rd") == "a   b\nc\\rd"
    assert safe.stream("\u202e\x1b") == "\\u202e\\x1b"
