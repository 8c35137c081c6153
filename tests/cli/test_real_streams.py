"""`dendrite stream` against unmodified bittensor 10.5.0 axons, by the classes of real subnets."""

import json
import time
from pathlib import Path

import pytest
from ground.cli import dendrite

VECTORS = str(Path(__file__).parent.parent / "vectors")


def stream(axon, *arguments: str, synapse: str = "StreamText"):
    """Stream with a class of the vectors; return its chunks, its result and the exit code."""
    at = f"{axon['hotkey']}@{axon['host']}:{axon['port']}"
    common = ("-s", f"realsyn:{synapse}", "--pythonpath", VECTORS, "-a", at, "--ephemeral", "-q")
    done = dendrite("stream", *common, *arguments)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert records, done.stderr
    return records[:-1], records[-1], done.returncode


def said(chunks: list[dict]) -> str:
    return "".join(chunk["text"] for chunk in chunks)


def test_a_slow_stream_is_heard_piece_by_piece(sdk10):
    chunks, result, code = stream(sdk10["good"], "text=one two three")

    assert ([chunk["text"] for chunk in chunks], code) == (["one ", "two ", "three "], 0)
    assert (result["outcome"], result["http_status"], result["status_code"]) == ("ok", 200, 200)
    assert (result["body"]["completion"], result["body"]["text"]) == ("one two three ", "one two three")
    assert (result["stream"]["chunks"], result["stream"]["complete"]) == (3, True)
    assert result["stream"]["max_gap_ms"] >= 15


def test_characters_that_are_split_between_chunks_stay_whole(sdk10):
    chunks, result, _ = stream(sdk10["good"], "mode=split", "text=grüße 👋")

    assert said(chunks) == "grüße 👋" == result["body"]["completion"]
    assert all("\N{REPLACEMENT CHARACTER}" not in chunk["text"] for chunk in chunks)


def test_a_large_stream_is_heard_whole_and_one_over_the_limit_is_not(sdk10):
    chunks, result, code = stream(sdk10["good"], "mode=large", "text=0123456789")
    _, cut, failed = stream(sdk10["good"], "mode=large", "text=0123456789", "--max-bytes", "1MB")

    assert (len(said(chunks)), result["bytes"]["received"], code) == (2_000_000, 2_000_000, 0)
    assert (cut["outcome"], cut["stream"]["complete"], failed) == ("too_large", False, 1)


def test_a_stream_of_nothing_is_ok(sdk10):
    chunks, result, code = stream(sdk10["good"], "mode=zero")

    assert (chunks, result["outcome"], result["body"]["completion"], code) == ([], "ok", "", 0)


def test_a_refusal_before_the_stream_is_a_refusal(sdk10):
    chunks, result, code = stream(sdk10["blacklist"])

    assert (chunks, result["outcome"], result["stream"], code) == ([], "forbidden", None, 1)
    assert "Not enough stake" in result["status_message"]


def test_a_stream_that_stalls_is_an_idle_time_out_with_what_it_said(sdk10):
    began = time.monotonic()
    chunks, result, code = stream(sdk10["good"], "mode=stall", "text=wait", "--idle-timeout", "0.5")

    assert (said(chunks), result["outcome"], code) == ("wait", "idle_timeout", 1)
    assert time.monotonic() - began < 20


def test_a_stream_longer_than_the_deadline_is_cancelled_there(sdk10):
    chunks, result, code = stream(sdk10["good"], "mode=long", "text=more", "--deadline", "1.5", "-t", "1")

    assert len(chunks) > 5
    assert (result["outcome"], code) == ("cancelled", 1)


@pytest.mark.parametrize(
    ("decode", "heard"), [("text", "data: a\n\ndata: b\n\n"), ("sse", ["a", "b"]), (None, "data: a\n\ndata: b\n\n")]
)
def test_without_its_class_a_stream_is_decoded_as_was_asked(sdk10, decode, heard):
    at = "{hotkey}@{host}:{port}".format(**sdk10["good"])
    options = ("--decode", decode) if decode else ()
    items = ("mode=split", "text=data: a\n\ndata: b\n\n")

    done = dendrite("stream", "-s", "StreamText", *items, "-a", at, "--ephemeral", "-q", *options)

    *chunks, result = [json.loads(line) for line in done.stdout.splitlines()]
    assert (result["outcome"], result["body"], done.returncode) == ("ok", heard, 0)
    assert len(chunks) == (2 if decode == "sse" else result["stream"]["chunks"])


def test_a_class_that_reads_private_headers_is_served(sdk10):
    chunks, result, code = stream(
        sdk10["good"], 'roles:=["user"]', 'messages:=["Hel","lo"]', synapse="StreamPromptingSynapse"
    )

    assert (said(chunks), result["body"]["completion"], code) == ("Hello", "Hello", 0)
    assert result["trust"]["body_covered"] is True


def test_a_class_that_reads_lines_and_yields_models_is_served(sdk10):
    chunks, result, code = stream(sdk10["good"], synapse="ChatStreamingProtocol")

    assert [chunk["data"]["choices"][0]["delta"]["content"] for chunk in chunks] == ["Hel", "lo"]
    assert (result["outcome"], len(result["body"]["streaming_chunks"]), code) == ("ok", 2, 0)
