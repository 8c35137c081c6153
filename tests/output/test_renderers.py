# ruff: noqa: RUF001 - the table's own sign for "no value" is an en dash
import csv
import json
import os

import pytest

from dendrite_cli.model import Axon, Claimed, Ending, Outcome, Run, Timing, Trust, Verdict
from dendrite_cli.output.csv import Csv
from dendrite_cli.output.document import Document
from dendrite_cli.output.ndjson import Ndjson
from dendrite_cli.output.raw import Raw
from dendrite_cli.output.symbols import ASCII
from dendrite_cli.output.table import Table
from dendrite_cli.output.talk import Count
from dendrite_cli.output.view import View
from dendrite_cli.summary import summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"
SIGNED = Trust(request_signed=True)


def axon(uid=None, host="192.0.2.17"):
    return Axon(host, 8091, HOTKEY, netuid=1 if uid else None, uid=uid, source="metagraph" if uid else "literal")


def ok(index=0, whom=None, **more):
    more.setdefault("timing", Timing(connect=0.032, ttfb=0.212, total=0.245))
    more.setdefault("body", {"answer": "yes"})
    return Outcome(
        index, whom or axon(), Verdict.OK, "synapse", "Echo", attempts=1, http_status=200, status_code=200,
        status_message="Success", trust=SIGNED, claimed=Claimed(0.146, 10005000), **more,
    )  # fmt: skip


def forbidden(index=1, whom=None, said="Not enough stake"):
    return Outcome(
        index, whom or axon(), Verdict.FORBIDDEN, "synapse", "Echo", attempts=1, http_status=403, status_code=403,
        status_message=f"Forbidden. Key is blacklisted: {said}.", trust=SIGNED,
        timing=Timing(connect=0.031, ttfb=0.04, total=0.04), body={"message": said}, content=b'{"message": "no"}',
    )  # fmt: skip


def timed_out(index=2, whom=None):
    return Outcome(
        index, whom or axon(), Verdict.CONNECT_TIMEOUT, "synapse", "Echo", attempts=1, timing=Timing(total=3.0)
    )


def run_of(outcomes, command="ping", **more):
    return Run("01KAPX", command, 1795372218.4, len({o.index for o in outcomes}), HOTKEY, "validator/default", **more)


def show(renderer, outcomes, *, ending=Ending.COMPLETE, elapsed=3.1):
    for outcome in outcomes:
        renderer.started(outcome.index, outcome.axon)
        renderer.finished(outcome)
    renderer.close(summarise(outcomes, elapsed, ending))


SIX = [
    ok(0, axon(17)),
    ok(1, axon(23, "192.0.2.23"), timing=Timing(connect=0.035, ttfb=0.058, total=0.059)),
    forbidden(2, axon(44, "192.0.2.44")),
    timed_out(3, axon(101, "192.0.2.101")),
    Outcome(4, Axon("0.0.0.0", 0, HOTKEY, 1, 130, source="metagraph"), Verdict.NOT_SERVING, "synapse"),  # noqa: S104 - an empty entry
]


def test_a_ping_on_a_terminal_looks_like_the_contracts_picture(streams):
    ends = streams(tty=True, columns=110)
    run = run_of(SIX, netuid=1, network="finney", block=7811204)

    show(Table(ends.terminal, run, View()), SIX)

    assert ends.out.lines() == [
        " UID  HOTKEY      ENDPOINT          STATUS             CONNECT  TTFB  PROCESS  TOTAL  NOTE",
        "  17  5F3sa2…jhW  192.0.2.17:8091   ● 200 ok                32   212      146    245",
        "  23  5F3sa2…jhW  192.0.2.23:8091   ● 200 ok                35    58      146     59",
        "  44  5F3sa2…jhW  192.0.2.44:8091   ◐ 403 forbidden         31    40        –     40  Not enough stake",
        " 101  5F3sa2…jhW  192.0.2.101:8091  ✗ connect timeout        –     –        –   3000",
        " 130  5F3sa2…jhW  –                 ○ not serving            –     –        –      –",
    ]
    said = ends.err.lines()
    assert said[0] == "netuid 1 · finney · block 7,811,204 · 5 uids · signed as validator/default 5F3s…YjhW"
    assert "5 uids · 4 dialled · 3 answered · 2 ok · ok p50 152 ms p95 236 ms · 3.1 s" in said
    assert any(line.startswith('403  uid 44: "Not enough stake"; ') for line in said)


def test_a_table_that_is_piped_has_whole_hotkeys_and_no_escape_sequence(streams):
    ends = streams()

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert HOTKEY in ends.out.text()
    assert "\x1b" not in ends.out.text()


def test_columns_that_nobody_has_anything_for_are_left_out(streams):
    ends = streams(tty=True)
    outcome = timed_out(0, Axon("192.0.2.1", 8091))

    show(Table(ends.terminal, run_of([outcome]), View()), [outcome])

    assert ends.out.lines() == [
        " ENDPOINT        STATUS             TOTAL",
        " 192.0.2.1:8091  ✗ connect timeout   3000",
    ]


@pytest.mark.parametrize("columns", [3, 10, 20, 30, 40, 60, 80, 100])
def test_a_row_never_breaks_its_line_and_never_loses_its_status(streams, columns):
    ends = streams(tty=True, columns=columns)

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    rows = ends.out.text().splitlines()
    assert len(rows) == 1 + len(SIX)
    assert max(map(len, rows)) <= columns
    assert "●" in rows[1]


def test_forty_columns_hold_the_endpoint_and_the_whole_status(streams):
    ends = streams(tty=True, columns=40)

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert " 192.0.2.101:8091  ✗ connect timeout" in ends.out.lines()


def test_wide_characters_do_not_push_a_row_over_its_line(streams):
    ends = streams(tty=True, columns=60)
    outcome = ok(0, Axon("192.0.2.1", 1), body={"a": "你好" * 50})

    show(Table(ends.terminal, run_of([outcome], "query"), View.parse("endpoint,body.a")), [outcome])

    assert len(ends.out.lines()) == 2


def test_a_plain_terminal_gets_ascii(streams):
    ends = streams(tty=True, symbols=ASCII)

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert (ends.out.text() + ends.err.text()).isascii()
    assert "+ 200 ok" in ends.out.text()


def test_what_an_axon_says_cannot_reach_the_terminal_as_control_or_markup(streams):
    ends = streams(tty=True, color=False)
    said = "[red]\x1b]0;owned\x07\x1b[2J\u202e[/red]"
    outcomes = [forbidden(0, said=said), ok(1, body={said: said})]

    show(Table(ends.terminal, run_of(outcomes, "query"), View(), verbose=True), outcomes)

    both = ends.out.text() + ends.err.text()
    assert not {"\x1b", "\x07", "\u202e"} & set(both)
    assert "[red]" in ends.out.text()


def test_colour_is_in_the_status_and_only_where_it_is_wanted(streams):
    colored, plain = streams(tty=True, color=True), streams(tty=True)

    for ends in (colored, plain):
        show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert "\x1b[32m" in colored.out.text()
    assert "\x1b" not in plain.out.text()


def test_a_single_query_prints_its_whole_body_below(streams):
    ends = streams()
    outcome = ok(body={"answer": "yes", "blob": b"\x00", "nested": [1]})

    show(Table(ends.terminal, run_of([outcome], "query"), View()), [outcome])

    table, body = ends.out.text().split("\n\n")
    assert "ANSWER" not in table
    assert json.loads(body) == {"answer": "yes", "blob": {"base64": "AA=="}, "nested": [1]}
    assert body.startswith('{\n  "answer": "yes",\n')


def test_several_answers_get_a_line_each(streams):
    ends = streams()
    outcomes = [ok(0), ok(1)]

    show(Table(ends.terminal, run_of(outcomes, "query"), View()), outcomes)

    assert ends.out.text().count('{"answer":"yes"}') == 2


def test_columns_sorting_and_filter_apply_to_a_table(streams):
    ends = streams()

    show(Table(ends.terminal, run_of(SIX), View.parse("uid,total", "-total", "ok")), SIX)

    assert ends.out.text() == " UID  TOTAL\n  17    245\n  23     59\n"


def test_quiet_leaves_the_table_alone(streams):
    ends = streams(tty=True, quiet=True)

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert ends.err.text() == ""
    assert ends.out.text()


def test_verbose_adds_what_the_axon_said_and_what_the_signature_covers(streams):
    ends = streams()

    show(Table(ends.terminal, run_of(SIX), View(), verbose=True), SIX)

    said = ends.err.text()
    assert "message: Forbidden. Key is blacklisted: Not enough stake." in said
    assert "claims version: 10.5.0" in said
    assert "signature: does not cover the body" in said


def test_a_count_is_drawn_while_it_runs_and_wiped_after(streams):
    ends = streams(tty=True)
    table = Table(ends.terminal, run_of(SIX), View())

    table.redraw()
    during = ends.err.lines()
    table.finished(SIX[0])
    table.redraw()
    table.close(summarise(SIX[:1], 0.1))

    assert "0/5 done · 0 ok · 0.0 s" in during
    assert not [line for line in ends.err.lines() if "done" in line]


def test_outcomes_are_counted_at_once_and_drawn_when_it_is_time(streams):
    ends = streams(tty=True)
    now = 10.0
    count = Count(ends.terminal, run_of([ok(i) for i in range(100)]), clock=lambda: now)

    for tick in range(100):
        count.finished(ok(tick))
    now = 11.5
    count.redraw()

    assert ends.err.text() == "\r100/100 done · 100 ok · 1.5 s"


def test_a_count_is_not_drawn_into_a_pipe(streams):
    ends = streams()

    show(Table(ends.terminal, run_of(SIX), View()), SIX)

    assert "\r" not in ends.err.text()


def test_ndjson_writes_each_record_when_its_axon_is_done(streams):
    ends = streams()
    ndjson = Ndjson(ends.terminal, run_of(SIX), View())

    ndjson.finished(SIX[2])
    first = ends.out.bytes()
    ndjson.finished(SIX[0])

    assert json.loads(first)["axon"]["uid"] == 44
    assert [json.loads(line)["index"] for line in ends.out.bytes().splitlines()] == [2, 0]


def test_ndjson_says_its_numbers_on_stderr_only(streams):
    ends = streams()

    show(Ndjson(ends.terminal, run_of(SIX, netuid=1), View()), SIX, ending=Ending.INTERRUPTED)

    assert all(json.loads(line)["type"] == "result" for line in ends.out.bytes().splitlines())
    assert ends.err.text().startswith("5 uids · 4 dialled · 3 answered · 2 ok")
    assert "interrupted" in ends.err.text()


def test_ndjson_with_columns_is_flat_and_in_machine_units(streams):
    ends = streams()

    show(Ndjson(ends.terminal, run_of(SIX), View.parse("hotkey,total,status,body.answer", "-total", "ok")), SIX)

    assert [json.loads(line) for line in ends.out.bytes().splitlines()] == [
        {"hotkey": HOTKEY, "total": 245.0, "status": "200 ok", "body.answer": "yes"},
        {"hotkey": HOTKEY, "total": 59.0, "status": "200 ok", "body.answer": "yes"},
    ]


def test_csv_writes_its_header_before_anything_is_sent_and_each_row_when_its_axon_is_done(streams):
    ends = streams()
    renderer = Csv(ends.terminal, run_of(SIX), View.parse("axon.uid,ok"))

    renderer.started(2, SIX[2].axon)
    header = ends.out.bytes()
    renderer.finished(SIX[2])
    renderer.finished(SIX[0])

    assert header == b"axon.uid,ok\n"
    assert ends.out.bytes() == b"axon.uid,ok\n44,false\n17,true\n"


def test_csv_has_every_leaf_of_a_record_whatever_is_in_it(streams):
    ends = streams()
    outcomes = [SIX[4], ok(0, body={"a": {"b": 1}}), ok(1, body="text")]

    show(Csv(ends.terminal, run_of(outcomes), View()), outcomes)

    header, *rows = csv.reader(ends.out.text().splitlines())
    assert header[:7] == ["schema", "type", "run", "index", "round", "axon.netuid", "axon.uid"]
    assert header[-6:] == ["bytes.sent", "bytes.received", "body", "body_truncated", "stream", "cluster"]
    assert {len(row) for row in rows} == {len(header)}
    assert [row[-4] for row in rows] == ["", '{"a":{"b":1}}', '"text"']


def test_csv_takes_sorting_and_filter_and_says_its_numbers_on_stderr_only(streams):
    ends = streams()

    show(Csv(ends.terminal, run_of(SIX, netuid=1), View.parse("uid", "-uid", "failed")), SIX, ending=Ending.INTERRUPTED)

    assert ends.out.bytes() == b"uid\n130\n101\n44\n"
    assert ends.err.text().startswith("5 uids · 4 dialled · 3 answered · 2 ok")


def test_csv_of_a_run_without_outcomes_is_its_header(streams):
    ends = streams()

    show(Csv(ends.terminal, run_of([]), View.parse("uid,body.answer")), [])

    assert ends.out.bytes() == b"uid,body.answer\n"


def test_json_is_one_document_also_of_an_interrupted_run(streams):
    ends = streams()

    show(Document(ends.terminal, run_of(SIX), View()), SIX, ending=Ending.INTERRUPTED, elapsed=3.5)

    document = json.loads(ends.out.bytes())
    assert document["run"]["interrupted"] is True
    assert document["run"]["finished_at"] == "2026-11-22T18:30:21.900Z"
    assert [result["index"] for result in document["results"]] == [0, 1, 2, 3, 4]
    assert document["summary"]["ok"] == 2


def test_json_takes_columns_sorting_and_filter_and_counts_the_whole_run(streams):
    ends = streams()

    show(Document(ends.terminal, run_of(SIX), View.parse("uid", "-uid", "failed")), SIX)

    document = json.loads(ends.out.bytes())
    assert document["results"] == [{"uid": 130}, {"uid": 101}, {"uid": 44}]
    assert document["summary"]["ok"] == 2


def test_raw_is_the_answers_bytes_and_nothing_else(streams):
    ends = streams()

    show(Raw(ends.terminal, View()), [ok(content=b"\x00\x1b[31m\xff")])

    assert ends.out.bytes() == b"\x00\x1b[31m\xff"
    assert ends.err.text() == ""


def test_raw_writes_a_refusals_bytes_and_says_its_status_on_stderr(streams):
    ends = streams()

    show(Raw(ends.terminal, View()), [forbidden()])

    assert ends.out.bytes() == b'{"message": "no"}'
    assert "192.0.2.17:8091: 403 forbidden" in ends.err.text()


@pytest.mark.parametrize("renderer", [Table, Ndjson, Csv, Document])
def test_a_reader_that_went_away_is_a_broken_pipe(streams, renderer):
    ends = streams()
    os.dup2(ends.err.fd, ends.out.fd)

    with pytest.raises(BrokenPipeError):
        show(renderer(ends.terminal, run_of(SIX), View()), SIX)


@pytest.mark.parametrize("renderer", [Table, Ndjson, Csv, Document])
def test_a_run_without_outcomes_is_closed_like_any_other(streams, renderer):
    ends = streams()

    show(renderer(ends.terminal, run_of([]), View()), [], ending=Ending.INTERRUPTED)

    assert "0 ok" in ends.err.text()
