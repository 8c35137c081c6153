import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli import records
from dendrite_cli.errors import TargetError
from dendrite_cli.model import Axon, Chunk, Claimed, Ending, Outcome, Run, Streamed, Timing, Trust, Verdict
from dendrite_cli.summary import summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"
FULL = Outcome(
    3,
    Axon("axon.example", 8091, HOTKEY, 1, 17, "5Gx2", 7811204, "metagraph", "192.0.2.17"),
    Verdict.OK,
    "synapse",
    "MySynapse",
    attempts=1,
    http_status=200,
    status_code=200,
    status_message="Success",
    started_at=1795372218.4126,
    timing=Timing(queued=0.0021, dns=None, connect=0.0318, ttfb=0.2124, download=0.0012, total=0.24540049),
    claimed=Claimed(0.1461, 10005000, HOTKEY),
    trust=Trust(request_signed=True, body_covered=True, clock_skew=-0.25, clock_error=0.02),
    sent=912,
    received=1544,
    body={"answer": "42"},
    content=b"{}",
)


def test_a_result_is_the_contracts_record():
    assert records.result(FULL, "01KAPX") == {
        "schema": "dendrite.result/1",
        "type": "result",
        "run": "01KAPX",
        "index": 3,
        "round": 1,
        "axon": {
            "netuid": 1,
            "uid": 17,
            "hotkey": HOTKEY,
            "coldkey": "5Gx2",
            "host": "axon.example",
            "port": 8091,
            "address": "192.0.2.17",
            "block": 7811204,
            "source": "metagraph",
            "scheme": None,
            "path": None,
        },
        "protocol": "synapse",
        "synapse": "MySynapse",
        "attempts": 1,
        "ok": True,
        "outcome": "ok",
        "http_status": 200,
        "status_code": 200,
        "status_message": "Success",
        "hint": None,
        "started_at": "2026-11-22T18:30:18.412Z",
        "timing": {
            "queued_ms": 2.1,
            "dns_ms": None,
            "connect_ms": 31.8,
            "tls_ms": None,
            "ttfb_ms": 212.4,
            "download_ms": 1.2,
            "total_ms": 245.4,
        },
        "claimed": {"process_ms": 146.1, "version": 10005000, "hotkey": HOTKEY},
        "trust": {
            "request_signed": True,
            "body_covered": True,
            "identity": "not_checked",
            "clock_skew_ms": -250.0,
            "clock_error_ms": 20.0,
        },
        "bytes": {"sent": 912, "received": 1544},
        "body": {"answer": "42"},
        "body_truncated": False,
        "stream": None,
        "cluster": None,
    }


def test_the_keys_of_a_result_come_in_the_contracts_order():
    assert ",".join(records.result(FULL, "")) == (
        "schema,type,run,index,round,axon,protocol,synapse,attempts,ok,outcome,http_status,status_code,"
        "status_message,hint,started_at,timing,claimed,trust,bytes,body,body_truncated,stream,cluster"
    )


def test_no_key_is_missing_from_an_axon_that_was_never_asked():
    unasked = records.result(Outcome(0, Axon("192.0.2.1", 1), Verdict.NOT_SERVING, "synapse"), "r")
    full = records.result(FULL, "r")

    assert list(unasked) == list(full)
    assert all(list(unasked[k]) == list(full[k]) for k in ("axon", "timing", "claimed", "trust", "bytes"))
    assert unasked["started_at"] is None
    assert unasked["hint"]


def test_an_axon_record_is_flat():
    record = records.axon(2, Axon("192.0.2.1", 8091, HOTKEY))

    assert list(record) == [
        "schema", "type", "index", "netuid", "uid", "hotkey", "coldkey", "host", "port", "address", "block", "source",
        "scheme", "path",
        "stake", "incentive", "emission", "validator_permit", "active", "barred",
    ]  # fmt: skip
    assert (record["schema"], record["index"], record["source"]) == ("dendrite.axon/1", 2, "literal")


def test_a_chunk_is_a_record_of_its_own_and_a_stream_s_figures_are_in_the_result():
    chunk = records.chunk(Chunk(3, Axon("192.0.2.1", 8091, HOTKEY, uid=17), 2, 0.2402, "Hel"), "01KAPX")
    outcome = Outcome(
        0, Axon("192.0.2.1", 1), Verdict.OK, "synapse", streamed=Streamed(184, 0.2402, 0.812, complete=True)
    )

    assert chunk == {
        "schema": "dendrite.chunk/1", "type": "chunk", "run": "01KAPX", "index": 3, "uid": 17, "hotkey": HOTKEY,
        "seq": 2, "at_ms": 240.2, "text": "Hel", "data": None,
    }  # fmt: skip
    assert records.result(outcome, "01KAPX")["stream"] == {
        "chunks": 184, "first_ms": 240.2, "max_gap_ms": 812.0, "complete": True
    }  # fmt: skip


def test_a_described_class_is_a_record_that_says_what_it_is():
    record = records.synapse({"name": "Echo", "fields": []})

    assert record == {"schema": "dendrite.synapse/1", "type": "synapse", "name": "Echo", "fields": []}


def test_a_document_holds_run_results_and_summary():
    run = Run("01KAPX", "query", 1795372218.4, 1, HOTKEY, "default/default", "MySynapse")
    result = records.result(FULL, run.id)

    document = records.document(run, [result], summarise([FULL], 0.3, Ending.INTERRUPTED), 1795372218.7)

    assert list(document) == ["schema", "run", "results", "summary"]
    assert document["run"]["interrupted"] is True
    assert document["run"]["finished_at"] == "2026-11-22T18:30:18.700Z"
    assert document["results"] == [result]
    assert document["summary"]["outcomes"] == {"ok": 1}
    assert document["summary"]["percentiles"] == {"n": 1, "p50_ms": 245.4, "p95_ms": 245.4, "p99_ms": None}


def test_a_fatal_error_is_one_record():
    problem = TargetError("'x' has no port", details=("one",), help="add one")

    assert json.loads(records.encode(records.error(problem))) == {
        "schema": "dendrite.error/1",
        "type": "error",
        "code": 4,
        "message": "'x' has no port",
        "details": ["one"],
        "help": "add one",
    }


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"a": float("nan"), "b": [float("inf"), -float("inf")]}, '{"a":null,"b":[null,null]}'),
        ([2**53, 2**53 + 1, -(2**53) - 1], '[9007199254740992,"9007199254740993","-9007199254740993"]'),
        (b"\x00\xff", '{"base64":"AP8="}'),
        ("\ud800x", '"\ufffdx"'),
        ({"\udfff": 1}, '{"\ufffd":1}'),
        ({2: 1, None: 3, True: 4, (1, 2): 5}, '{"2":1,"null":3,"true":4,"(1, 2)":5}'),
        ({"naïve": "☃"}, '{"naïve":"☃"}'),
        ([0.1234567890123456, True, None], "[0.1234567890123456,true,null]"),
        ("1234567890123456789", '"1234567890123456789"'),
        (SimpleNamespace(), '"namespace()"'),
    ],
)
def test_what_json_readers_disagree_about_is_made_plain(value, line):
    assert records.encode(value).decode() == line


@pytest.mark.parametrize("character", ["\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028", "\U000e0041"])
def test_a_record_shown_on_a_terminal_holds_no_control_character(character):
    line = records.encode({"body": f"a{character}b"}).decode()

    assert character not in line
    assert json.loads(line) == {"body": f"a{character}b"}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_plain_json_survives_in_one_line(value):
    line = records.encode(value)

    assert b"\n" not in line
    assert json.loads(line) == value


@given(
    st.recursive(
        st.binary() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
        lambda inner: st.dictionaries(st.integers() | st.text(), inner) | st.tuples(inner, inner),
    )
)
def test_anything_becomes_strict_json(value):
    def refuse(name):
        pytest.fail(f"{name} is not JSON")

    json.loads(records.encode(value).decode("utf-8"), parse_constant=refuse)
