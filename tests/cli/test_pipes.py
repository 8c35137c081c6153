"""Piped into jq, cut off by head, with streams closed: stdout is records and nothing else."""

import json
import subprocess

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour


@pytest.fixture(scope="module")
def axons():
    with mock_axons([Behaviour(), Behaviour(refuse="Not enough stake"), Behaviour(delay=0.2)]) as addresses:
        yield addresses


def shell(pipeline: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline of bash; the program is `dendrite` in it."""
    program = " ".join(PROGRAM)
    script = f'set -o pipefail; dendrite() {{ {program} "$@"; }}; {pipeline}'
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(**extra), timeout=60, check=False
    )


@pytest.mark.usefixtures("jq")
def test_records_go_through_jq(axons):
    done = shell(f"dendrite ping {' '.join(axons)} --ephemeral | jq -c '[.axon.port, .outcome]'")

    assert sorted(json.loads(line)[1] for line in done.stdout.splitlines()) == ["forbidden", "ok", "ok"]
    assert done.returncode == 1


@pytest.mark.usefixtures("jq")
def test_jq_e_takes_the_record_of_one_axon(axons):
    done = shell(f"dendrite ping {axons[0]} --ephemeral | jq -e .ok")

    assert (done.stdout, done.returncode) == ("true\n", 0)


@pytest.mark.usefixtures("jq")
def test_one_document_goes_through_jq(axons):
    done = shell(f"dendrite ping {' '.join(axons)} --ephemeral -o json | jq -c '[.results[].outcome] | sort'")

    assert json.loads(done.stdout) == ["forbidden", "ok", "ok"]


def test_the_document_has_the_run_the_results_and_the_summary(axons):
    done = dendrite("ping", *axons, "--ephemeral", "-o", "json")

    document = json.loads(done.stdout)
    assert document["schema"] == "dendrite.run/1"
    assert document["run"]["interrupted"] is False
    assert document["summary"]["outcomes"] == {"ok": 2, "forbidden": 1}
    assert (document["summary"]["selected"], document["summary"]["answered"]) == (3, 3)


def test_without_stderr_the_records_are_the_same(axons):
    done = shell(f"dendrite ping {axons[0]} --ephemeral 2>/dev/null")

    assert json.loads(done.stdout)["ok"] is True
    assert done.returncode == 0


@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_a_closed_stream_does_no_harm(axons, closed):
    done = shell(f"dendrite ping {axons[0]} --ephemeral {closed}")

    assert json.loads(done.stdout)["ok"] is True


def test_a_closed_stdout_ends_without_a_traceback(axons):
    done = shell(f"dendrite ping {axons[0]} --ephemeral >&-")

    assert "Traceback" not in done.stderr


def test_head_ends_the_run_silently(axons):
    done = shell(f"dendrite ping {' '.join(axons)} --ephemeral -q -c 50 -i 0.05 | head -1; echo ${{PIPESTATUS[0]}} >&2")

    assert json.loads(done.stdout)["type"] == "result"
    assert done.stderr == "141\n"


@pytest.mark.usefixtures("jq")
def test_records_can_be_asked_again(axons):
    done = shell(
        f"dendrite ping {' '.join(axons)} --ephemeral -q | jq 'select(.ok)' | dendrite ping -a - --ephemeral -q"
    )

    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["ok", "ok"]
    assert json.loads(done.stdout.splitlines()[0])["index"] in {0, 1}


def test_axons_lists_a_selection_without_asking(axons):
    done = dendrite("axons", *axons)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["schema"] for record in records] == ["dendrite.axon/1"] * 3
    assert f"{records[0]['hotkey']}@{records[0]['host']}:{records[0]['port']}" == axons[0]


def test_columns_make_flat_records_and_only_chooses_among_them(axons):
    done = dendrite("ping", *axons, "--ephemeral", "--columns", "outcome,timing.total_ms,port", "--only", "failed")

    (record,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert list(record) == ["outcome", "timing.total_ms", "port"]
    assert record["outcome"] == "forbidden"
    assert done.returncode == 1


def test_sorted_records_come_in_their_order(axons):
    done = dendrite("ping", *axons, "--ephemeral", "--sort", "-port", "--columns", "port")

    ports = [json.loads(line)["port"] for line in done.stdout.splitlines()]
    assert ports == sorted(ports, reverse=True)


@pytest.mark.parametrize(("requirement", "code"), [("all", 1), ("any", 0), ("2", 0), ("3", 1), ("60%", 0), ("70%", 1)])
def test_the_requirement_decides_the_exit_code(axons, requirement, code):
    assert dendrite("ping", *axons, "--ephemeral", "--require", requirement, "-q").returncode == code


def test_raw_output_is_the_body_as_it_came(axons):
    asked = ("query", "-s", "dendrite_cli.mock.example:Echo", "-a", axons[0], "text=hi", "--ephemeral", "-o", "raw")
    done = dendrite(*asked)

    body = json.loads(done.stdout)
    assert (body["text"], body["name"]) == ("hi", "Echo")
    assert body["dendrite"]["signature"].startswith("0x")


def test_an_axon_named_twice_is_asked_once_and_that_is_said(axons):
    done = dendrite("ping", axons[0], axons[0], "--ephemeral")

    assert len(done.stdout.splitlines()) == 1
    assert "named more than once" in done.stderr


def test_rounds_are_told_apart(axons):
    done = dendrite("ping", axons[0], "-c", "3", "-i", "0.05", "--ephemeral", "-q")

    assert [json.loads(line)["round"] for line in done.stdout.splitlines()] == [1, 2, 3]


def test_a_body_comes_from_stdin(axons):
    asked = ("query", "-s", "dendrite_cli.mock.example:Echo", "-a", axons[0], "--ephemeral", "--json", "-", "-q")
    done = dendrite(*asked, stdin='{"text": "from stdin"}')

    assert json.loads(done.stdout)["body"]["text"] == "from stdin"


def test_a_user_module_cannot_print_into_the_records(axons, tmp_path):
    (tmp_path / "noisy.py").write_text(
        "import os, sys\n"
        "print('printed', sys.argv)\n"
        "os.write(1, b'written\\n')\n"
        "os.system('echo from a program')\n"
        "from typing import ClassVar\n"
        "from pydantic import field_validator\n"
        "from dendrite_cli.synapse.model import Synapse\n"
        "class Echo(Synapse):\n"
        "    required_hash_fields: ClassVar[tuple] = ('text',)\n"
        "    text: str\n"
        "    @field_validator('text')\n"
        "    def loud(cls, text):\n"
        "        print('validating'); os.write(1, b'again\\n')\n"
        "        return text\n"
    )

    done = dendrite("query", "-s", "noisy:Echo", "-a", axons[0], "text=hi", "--ephemeral", cwd=tmp_path)

    assert json.loads(done.stdout)["body"]["text"] == "hi"
    assert "printed" in done.stderr
    assert "text=hi" not in done.stderr


def test_a_file_in_the_current_directory_cannot_replace_a_dependency(axons, tmp_path):
    for name in ("aiohttp", "brotli", "uvloop", "typing_extensions", "json", "bittensor_wallet"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('replaced')\n")
    (tmp_path / "mine.py").write_text("from pydantic import BaseModel\nclass Echo(BaseModel):\n    text: str\n")

    done = dendrite("query", "-s", "mine:Echo", "-a", axons[0], "text=hi", "--unsigned", "-q", cwd=tmp_path)

    assert "replaced" not in done.stderr
    assert json.loads(done.stdout)["synapse"] == "Echo"


def test_a_host_name_is_shown_with_the_address_it_resolved_to(axons):
    done = dendrite("ping", axons[0].replace("127.0.0.1", "localhost"), "--ephemeral", "-o", "table")

    assert done.returncode == 0
    assert "ADDRESS" in done.stdout
    assert "127.0.0.1" in done.stdout
