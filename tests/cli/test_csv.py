"""`-o csv`: the real program's rows, read by a CSV reader at the other end of a pipe."""

import csv
import json
import signal
import subprocess
import time

import pytest
from ground.cli import PROGRAM, dendrite, environment
from ground.mocks import answering_once, mock_axons

from dendrite_cli.mock.behaviour import Behaviour

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
ECHO = ("query", "-s", "dendrite_cli.mock.example:Echo", "--ephemeral", "-o", "csv")


@pytest.fixture(scope="module")
def axons():
    with mock_axons([Behaviour(), Behaviour(refuse="=1+1"), Behaviour(delay=30)]) as addresses:
        yield addresses


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), strict=True))


def test_a_ping_is_a_header_and_one_flat_row_per_axon(axons):
    done = dendrite("ping", *axons[:2], "127.0.0.1:1", "--ephemeral", "-o", "csv", "--sort", "index")

    rows = read(done.stdout)
    assert [row["outcome"] for row in rows] == ["ok", "forbidden", "connect_refused"]
    assert [row["ok"] for row in rows] == ["true", "false", "false"]
    assert [f"{row['axon.hotkey']}@{row['axon.host']}:{row['axon.port']}" for row in rows[:2]] == axons[:2]
    assert [row["http_status"] for row in rows] == ["200", "403", ""]
    assert float(rows[0]["timing.total_ms"]) > 0
    assert len(done.stdout.splitlines()) == 4
    assert done.returncode == 1
    assert "3 axons" in done.stderr


def test_the_columns_are_those_of_the_ndjson_record(axons):
    header = dendrite("ping", axons[0], "--ephemeral", "-o", "csv").stdout.splitlines()[0].split(",")
    record = json.loads(dendrite("ping", axons[0], "--ephemeral").stdout)

    parts = dict.fromkeys(name.partition(".")[0] for name in header)
    assert list(parts) == list(record)
    assert [name for name in header if name.startswith("timing.")] == [f"timing.{name}" for name in record["timing"]]


def test_an_answer_is_a_cell_of_json_or_as_many_cells_as_were_asked_for(axons):
    done = dendrite(*ECHO, "-a", axons[0], 'text=one, "two"\n=three', "--columns", "body.text,body.times,body,answer")

    (row,) = read(done.stdout)
    assert row["body.text"] == r'one, "two"\n=three'
    assert row["body.times"] == "1"
    assert json.loads(row["body"])["text"] == 'one, "two"\n=three'
    assert row["answer"] == row["body"]


def test_what_an_axon_says_is_no_formula_and_no_escape_sequence():
    evil = json.dumps({"message": '=HYPERLINK("http://x")\x1b[2J\u202e\r\n-1'}).encode()
    with answering_once(evil, "403 Forbidden") as port:
        done = dendrite("ping", f"{ALICE}@127.0.0.1:{port}", "--ephemeral", "-o", "csv", "-q")

    (row,) = read(done.stdout)
    assert row["status_message"] == r"""'=HYPERLINK("http://x")\x1b[2J\u202e\r\n-1"""
    assert not {"\x1b", "\u202e", "\r"} & set(done.stdout)


def test_a_body_that_is_no_json_is_a_json_string():
    with answering_once(b"=cmd|' /C calc'!A0", "500 Oops") as port:
        done = dendrite("ping", f"{ALICE}@127.0.0.1:{port}", "--ephemeral", "-o", "csv", "-q", "--columns", "body")

    assert read(done.stdout) == [{"body": '''"=cmd|' /C calc'!A0"'''}]


def test_only_that_nobody_meets_leaves_the_header(axons):
    done = dendrite("ping", axons[0], "--ephemeral", "-o", "csv", "--only", "failed", "--columns", "uid,outcome")

    assert (done.stdout, done.returncode) == ("uid,outcome\n", 0)


def test_rounds_share_one_header(axons):
    done = dendrite("ping", axons[0], "-c", "3", "-i", "0.05", "--ephemeral", "-o", "csv", "--columns", "round")

    assert done.stdout == "round\n1\n2\n3\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_rows_come_as_axons_are_done_and_a_signal_leaves_whole_ones(axons, number, code):
    arguments = ("ping", *axons, "--ephemeral", "-t", "60", "-o", "csv", "-q")
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, env=environment(), text=True) as program:
        assert program.stdout
        written = [program.stdout.readline() for _ in range(3)]
        sent = time.monotonic()
        program.send_signal(number)
        rest = program.stdout.read()
        assert program.wait(5) == code

    assert time.monotonic() - sent < 1
    assert rest.endswith("\n")
    assert sorted(row["outcome"] for row in read("".join(written) + rest)) == ["cancelled", "forbidden", "ok"]


def test_a_signal_before_the_first_sorted_row_still_leaves_the_header(axons):
    arguments = (
        "ping",
        axons[2],
        "--ephemeral",
        "-t",
        "60",
        "-o",
        "csv",
        "-q",
        "--sort",
        "uid",
        "--columns",
        "outcome",
    )
    with subprocess.Popen([*PROGRAM, *arguments], stdout=subprocess.PIPE, env=environment(), text=True) as program:
        assert program.stdout
        header = program.stdout.readline()
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()
        assert program.wait(5) == 130

    assert (header, rest) == ("outcome\n", "cancelled\n")


def test_a_reader_that_takes_one_line_ends_the_run_silently(axons):
    program = " ".join(PROGRAM)
    script = f"{program} ping {axons[0]} --ephemeral -q -o csv -c 50 -i 0.05 | head -1; echo ${{PIPESTATUS[0]}} >&2"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment(), timeout=60, check=False
    )

    assert done.stdout.startswith("schema,type,run,")
    assert done.stderr == "141\n"


def test_an_error_before_the_run_is_in_words_and_nothing_is_on_stdout():
    done = dendrite("ping", "127.0.0.1:99999", "-o", "csv")

    assert (done.stdout, done.returncode) == ("", 4)
    assert done.stderr.startswith("error: ")


def test_a_selection_is_a_row_per_axon(axons):
    done = dendrite("axons", *axons[:2], "-o", "csv")

    rows = read(done.stdout)
    assert [f"{row['hotkey']}@{row['host']}:{row['port']}" for row in rows] == axons[:2]
    assert list(rows[0]) == list(json.loads(dendrite("axons", axons[0], "-o", "ndjson").stdout))
    assert (rows[0]["schema"], rows[1]["index"], rows[1]["uid"]) == ("dendrite.axon/1", "1", "")


def test_a_class_is_a_row_per_field_that_says_whether_it_is_signed():
    done = dendrite("synapse", "describe", "dendrite_cli.mock.example:Echo", "-o", "csv")

    assert done.stdout.splitlines() == [
        "name,type,required,default,description,constraints,covered",
        "text,str,true,,what to say,[],true",
        "loud,bool,false,false,whether to say it loudly,[],false",
        'times,int,false,1,how often,"[""ge=1"",""le=10""]",false',
    ]


def test_a_class_of_a_stranger_has_no_formula_in_its_rows(tmp_path):
    (tmp_path / "evil.py").write_text(
        "from pydantic import BaseModel, Field\n"
        "class Evil(BaseModel):\n"
        "    text: str = Field(default='=1+1', description='@SUM(A1)\\n\\x1b[2J')\n"
    )

    done = dendrite("synapse", "describe", "./evil.py:Evil", "-o", "csv", cwd=tmp_path)

    (row,) = read(done.stdout)
    assert (row["default"], row["description"]) == ("'=1+1", r"'@SUM(A1)\n\x1b[2J")


def test_a_class_without_fields_is_a_header(tmp_path):
    (tmp_path / "empty.py").write_text("from pydantic import BaseModel\nclass Empty(BaseModel):\n    pass\n")

    done = dendrite("synapse", "describe", "./empty.py:Empty", "-o", "csv", cwd=tmp_path)

    assert done.stdout == "name,type,required,default,description,constraints,covered\n"


@pytest.mark.parametrize("command", [("synapse", "template", "dendrite_cli.mock.example:Echo"), ("mock",), ("demo",)])
def test_a_command_without_records_refuses_csv_and_says_where_help_is(command):
    done = dendrite(*command, "-o", "csv")

    assert (done.stdout, done.returncode) == ("", 2)
    assert "-o" in done.stderr
    assert "--help" in done.stderr
