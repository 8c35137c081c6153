"""What the program says of every fault, at its most talkative: words of its own, and no exception."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ground.asking import HOTKEY
from ground.cli import dendrite
from ground.faults import FAULTS

BRIEFLY = ("--ephemeral", "-t", "1.5", "--per-host", "200", "-vv", "--require", "0%")
ESCAPES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EXCEPTION = re.compile(r"Traceback|\b[A-Z][A-Za-z]*(?:Error|Exception|Warning)\b\s*[:(]|, line \d+, in ")


@pytest.fixture(scope="module")
def axons(tmp_path_factory):
    """A list of every fault."""
    program = Path(__file__).parent.parent / "ground" / "hostile_axons.py"
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as serving:
        assert serving.stdout
        ports = json.loads(serving.stdout.readline())
        path = tmp_path_factory.mktemp("faults") / "axons.txt"
        path.write_text("\n".join(f"{HOTKEY}@127.0.0.1:{port}" for port in ports))
        yield f"@{path}"
        serving.kill()


@pytest.mark.parametrize("output", ["table", "ndjson", "csv", "json"])
@pytest.mark.parametrize("ask", [("query", "-s", "Echo", "-a"), ("ping",)], ids=["query", "ping"])
def test_every_fault_is_told_in_words_of_our_own(axons, output, ask):
    done = dendrite(
        *ask, axons, "--ephemeral", "-t", "1.5", "--per-host", "200", "-vv", "-o", output, "--require", "0%"
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told = done.stdout + done.stderr
    assert EXCEPTION.findall(told) == []
    assert ESCAPES.findall(told.replace("\r\n", "\n")) == []
    if output == "ndjson":
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        assert (len(outcomes), "internal" in outcomes) == (len(FAULTS), False)


def test_every_fault_of_a_stream_is_told_in_words_of_our_own(axons):
    # which is not a chunk's text: that is an axon's own
    done = dendrite(
        *(
            "stream",
            "-s",
            "Echo",
            "-a",
            axons,
            "--ephemeral",
            "-t",
            "1.5",
            "--deadline",
            "4",
            "--per-host",
            "200",
            "-vv",
        ),
        *("--require", "0%"),
    )

    results = [record for record in map(json.loads, done.stdout.splitlines()) if record["type"] == "result"]
    assert (len(results), "internal" in {record["outcome"] for record in results}) == (len(FAULTS), False)
    messages = "\n".join([done.stderr, *(str(record["status_message"]) for record in results)])
    assert EXCEPTION.findall(messages) == []
    assert ESCAPES.findall(messages) == []
