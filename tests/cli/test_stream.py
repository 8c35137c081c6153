"""`dendrite stream`, as scripts see it: chunks as they arrive, then one result each."""

import base64
import json
import os
import signal
import subprocess
import time

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour, Streaming

ECHO = "dendrite_cli.mock.example:Echo"
TEXT = "grüße, \N{WAVING HAND SIGN} welt"


def streams(*ways: dict, **behaviour):
    return mock_axons([Behaviour(stream=Streaming(**({"text": TEXT} | way)), **behaviour) for way in ways])


def stream(*arguments: str, **run):
    return dendrite("stream", "-s", ECHO, "text=hi", "--ephemeral", *arguments, **run)


def records(done) -> tuple[list[dict], list[dict]]:
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in lines if r["type"] == "chunk"], [r for r in lines if r["type"] == "result"]


def test_chunks_are_records_and_the_result_has_all_of_their_text():
    with streams({"size": 3, "rate": 50}) as (axon,):
        done = stream("-a", axon)

    chunks, (result,) = records(done)
    assert done.returncode == 0, done.stderr
    assert "".join(chunk["text"] for chunk in chunks) == TEXT == result["body"]
    assert [chunk["seq"] for chunk in chunks] == list(range(len(chunks)))
    assert [chunk["at_ms"] for chunk in chunks] == sorted(chunk["at_ms"] for chunk in chunks)
    assert (chunks[0]["schema"], chunks[0]["data"], chunks[0]["hotkey"]) == (
        "dendrite.chunk/1",
        None,
        axon.partition("@")[0],
    )
    assert (result["stream"]["chunks"], result["stream"]["complete"]) == (len(chunks), True)
    assert result["stream"]["first_ms"] <= result["timing"]["total_ms"]
    assert result["stream"]["max_gap_ms"] >= 10


def test_several_axons_stream_at_once_and_their_chunks_keep_their_order():
    with streams(*[{"size": 1, "rate": 100}] * 5) as axons:
        done = stream(*(part for axon in axons for part in ("-a", axon)))

    chunks, results = records(done)
    assert [result["outcome"] for result in results] == ["ok"] * 5
    for index in range(5):
        own = [chunk for chunk in chunks if chunk["index"] == index]
        assert "".join(chunk["text"] for chunk in own) == TEXT
        assert [chunk["seq"] for chunk in own] == list(range(len(own)))
    order = [chunk["index"] for chunk in chunks]
    assert order != sorted(order)


def test_a_refusal_is_never_a_stream_s_text():
    with streams({}, refuse="Not enough stake") as (axon,):
        done = stream("-a", axon)

    chunks, (result,) = records(done)
    assert (chunks, result["outcome"], result["http_status"], result["stream"]) == ([], "forbidden", 403, None)
    assert done.returncode == 1


def test_a_stream_of_nothing_is_ok():
    with streams({"text": ""}) as (axon,):
        chunks, (result,) = records(stream("-a", axon))

    assert (chunks, result["outcome"], result["body"]) == ([], "ok", "")
    assert result["stream"] == {"chunks": 0, "first_ms": None, "max_gap_ms": None, "complete": True}


@pytest.mark.parametrize(
    ("way", "options", "outcome", "text"),
    [
        ({"size": 1, "stall": 3}, ["--idle-timeout", "0.5"], "idle_timeout", "gr"),
        ({"size": 1, "cut": 4}, [], "reset", "grü"),
        ({"stall": 0}, ["-t", "0.5"], "first_byte_timeout", ""),
    ],
)
def test_a_stream_that_does_not_get_to_its_end_is_told_with_what_it_said(way, options, outcome, text):
    with streams(way) as (axon,):
        done = stream("-a", axon, *options)

    chunks, (result,) = records(done)
    assert "".join(chunk["text"] for chunk in chunks).rstrip("\N{REPLACEMENT CHARACTER}") == text
    assert (result["outcome"], done.returncode) == (outcome, 1)
    if result["stream"]:
        assert result["stream"]["complete"] is False


def test_a_stream_lasts_longer_than_its_time_out_and_ends_at_the_deadline():
    with streams({"size": 1, "rate": 10, "endless": True}) as (axon,):
        done = stream("-a", axon, "-t", "0.5", "--deadline", "1.5")

    chunks, (result,) = records(done)
    assert len(chunks) >= 5
    assert (result["outcome"], done.returncode) == ("cancelled", 1)


@pytest.mark.parametrize(("options", "text"), [(["--max-chunks", "2"], TEXT[:2]), (["--stop-on", "ü"], "grü")])
def test_a_stream_that_is_left_because_it_is_enough_is_ok(options, text):
    with streams({"size": 1, "rate": 100, "endless": True}) as (axon,):
        done = stream("-a", axon, *options)

    chunks, (result,) = records(done)
    assert "".join(chunk["text"] for chunk in chunks) == text
    assert (result["outcome"], result["stream"]["complete"], done.returncode) == ("ok", False, 0)


def test_the_bytes_of_one_axon_are_written_as_they_came():
    with streams({"size": 1, "rate": 100}) as (axon,):
        done = subprocess.run(
            [*PROGRAM, "stream", "-s", ECHO, "text=hi", "--ephemeral", "-a", axon, "-o", "raw"],
            capture_output=True,
            env=environment(),
            check=False,
        )

    assert (done.returncode, done.stdout) == (0, TEXT.encode())


def test_raw_bytes_are_base64_in_records():
    with streams({"size": 3}) as (axon,):
        chunks, _ = records(stream("-a", axon, "--decode", "raw"))

    parts = (chunk["data"] or chunk["text"] for chunk in chunks)
    said = b"".join(base64.b64decode(part["base64"]) if isinstance(part, dict) else part.encode() for part in parts)
    assert said == TEXT.encode()


def test_the_data_of_server_sent_events_are_chunks():
    with streams({"text": 'data: {"a":1}\n\ndata: two\n\n', "size": 4, "rate": 200}) as (axon,):
        chunks, (result,) = records(stream("-a", axon, "--decode", "sse"))

    assert [chunk["text"] for chunk in chunks] == ['{"a":1}', "two"] == result["body"]


def test_a_chunk_is_in_the_pipe_when_it_arrives():
    with streams({"size": 1, "rate": 2, "endless": True}) as (axon,):
        arguments = ("stream", "-s", ECHO, "text=hi", "--ephemeral", "-a", axon)
        with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, env=environment(), text=True) as program:
            times = []
            for _ in range(4):
                assert json.loads(program.stdout.readline())["type"] == "chunk"
                times.append(time.monotonic())
            os.kill(program.pid, signal.SIGINT)
            rest = [json.loads(line) for line in program.stdout]
            code = program.wait()

    assert times[3] - times[0] > 1
    assert (code, rest[-1]["outcome"]) == (130, "cancelled")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--decode", "class"], "Echo has no process_streaming_response"),
        (["--stop-on", "("], "is no regular expression"),
        (["--max-chunks", "0"], "--max-chunks"),
        (["-o", "raw", "-a", "127.0.0.1:1"], "-o raw writes one axon's bytes"),
    ],
)
def test_options_that_make_no_sense_are_exit_2(options, words):
    done = stream("-a", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY@127.0.0.1:1", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.usefixtures("jq")
def test_text_goes_through_jq_as_it_arrives():
    with streams({"size": 2, "rate": 50}) as (axon,):
        ask = f"{' '.join(PROGRAM)} stream -s {ECHO} text=hi --ephemeral -a {axon}"
        only_text = "jq --unbuffered -rj 'select(.type==\"chunk\") | .text'"
        command = ["bash", "-o", "pipefail", "-c", f"{ask} | {only_text}"]
        done = subprocess.run(command, capture_output=True, env=environment(), check=False)

    assert (done.returncode, done.stdout.decode()) == (0, TEXT)


def test_a_stream_is_kept_shown_again_byte_for_byte_and_replayed(tmp_path):
    home = {"XDG_STATE_HOME": str(tmp_path)}
    with streams({"size": 4, "rate": 100}) as (axon,):
        done = stream("-a", axon, "--max-chunks", "3", env=home)
        shown = dendrite("history", "show", "last", "-o", "ndjson", env=home)
        again = dendrite("history", "replay", "last", env=home)

    assert (done.returncode, shown.stdout) == (0, done.stdout), shown.stderr
    chunks, (result,) = records(again)
    assert (len(chunks), result["outcome"], again.returncode) == (3, "ok", 0), again.stderr
    assert [chunk["text"] for chunk in chunks] == [chunk["text"] for chunk in records(done)[0]]
