"""--dry-run and --curl: what would be sent is shown, and what is shown is what would be sent."""

import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from ground.asking import HOTKEY, listening
from ground.cli import dendrite
from ground.need import need
from ground.terminal import Terminal

VECTORS = Path(__file__).parent.parent / "vectors"
SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
AXON = f"{HOTKEY}@192.0.2.17:8091"
AWKWARD = 'it\'s "quoted" $HOME `id` $(id) \\ \\n !! %s\nsecond line\ttab ☃ \u2028 \x7f \U0001f600'
EXCHANGED = {"bt_header_dendrite_nonce", "bt_header_dendrite_uuid", "bt_header_dendrite_signature"}


def at(axon) -> str:
    return f"{axon['hotkey']}@{axon['host']}:{axon['port']}"


@pytest.fixture
def curl():
    need(shutil.which("curl"), "curl")


def lines(*arguments, **options) -> list[str]:
    """Return what `--curl` prints: nothing but lines, each to be run."""
    done = dendrite(*arguments, "--curl", "--ephemeral", **options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n")
    return done.stdout[:-1].split("\n")


def run(shell: str, line: str) -> tuple[int, str]:
    """Run a line by a shell; return the HTTP status and the answer. A long line comes on the shell's stdin."""
    script = f"{line} -w '\\n%{{http_code}}'"
    how = {"args": [shell, "-c", script]} if len(script) < 100_000 else {"args": [shell], "input": script}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(**how, capture_output=True, encoding="utf-8", env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    answer, _, status = done.stdout.rpartition("\n")
    return int(status), answer


REQUESTS = {
    "the default ping": ["ping"],
    "a class without hash fields": ["query", "-s", "realsyn:EchoSynapse", "text=hi"],
    "hash fields": [
        *("query", "-s", "realsyn:HashedClassVar"),
        *(
            "--json",
            '{"prompt": "ün\'ï $x", "params": {"b": 1, "a": [1.5, null, true, 1e20]}, "numbers": [0.1, 1e-05]}',
        ),
    ],
    "required fields": ["query", "-s", "realsyn:Dummy", "dummy_input:=41"],
    "a bare route": ["query", "-s", "Dummy", "dummy_input:=41"],
}


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_real_axon_accepts_every_line(sdk10, shell, name):
    command, *rest = REQUESTS[name]
    path = ["--pythonpath", str(VECTORS)] if command == "query" else []

    (line,) = lines(command, "-a", at(sdk10["good"]), *path, *rest)

    assert run(shell, line)[0] == 200


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_no_character_of_a_body_means_anything_to_the_shell(sdk10, shell):
    body = {"text": AWKWARD, "mapping": {AWKWARD: [AWKWARD]}}
    arguments = ("-s", "realsyn:EchoSynapse", "--pythonpath", str(VECTORS), "--json", json.dumps(body))

    (line,) = lines("query", "-a", at(sdk10["good"]), *arguments)

    status, answer = run(shell, line)
    assert status == 200
    assert {name: json.loads(answer)[name] for name in body} == body


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize(
    "text", ["x" * 2**20, "it's $HOME ☃\n" * 80_000, "'" * 90_000], ids=["plain", "mixed", "quotes"]
)
def test_a_large_body_goes_through_a_pipe(sdk10, shell, text, tmp_path):
    (tmp_path / "body.json").write_text(json.dumps({"text": text}))
    arguments = ("-s", "realsyn:EchoSynapse", "--pythonpath", str(VECTORS), "--json", str(tmp_path / "body.json"))

    (line,) = lines("query", "-a", at(sdk10["good"]), *arguments)

    status, answer = run(shell, line)
    assert status == 200
    assert json.loads(answer)["text"] == text


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_every_axon_gets_a_line_of_its_own(sdk10, shell):
    good, picky = sdk10["good"], sdk10["picky"]
    named = [at(good), at(picky), at(good).replace("127.0.0.1", "localhost"), f"127.0.0.1:{good['port']}"]
    signed = lines("ping", *named[:3])
    assert len({re.search("nonce: ([0-9]+)", line)[1] for line in signed}) == 3
    assert len({re.search("uuid: ([0-9a-f-]+)", line)[1] for line in signed}) == 3

    assert [run(shell, line)[0] for line in signed] == [200, 200, 200]
    # whoever asks without a name is not even told what there is
    assert [run(shell, line)[0] for line in lines("ping", *named[3:])] == [404]


@pytest.mark.usefixtures("curl")
def test_a_line_is_taken_once(sdk10):
    (line,) = lines("ping", at(sdk10["good"]))

    assert [run("sh", line)[0] for _ in range(2)] == [200, 401]


@pytest.mark.usefixtures("curl")
def test_all_lines_can_be_piped_into_a_shell(sdk10):
    text = "\n".join(lines("ping", at(sdk10["good"]), at(sdk10["picky"])))

    done = subprocess.run(["sh"], input=text, capture_output=True, text=True, timeout=30, check=True)

    assert done.stdout.count('"name":"Synapse"') == 2


def test_the_waits_of_a_line_are_the_options():
    (line,) = lines("ping", AXON, "-t", "2.5", "--connect-timeout", "0.25")

    assert "--connect-timeout 0.25 --max-time 2.5 " in line


def test_a_line_without_a_hotkey_is_an_unsigned_get():
    done = dendrite("ping", "[2001:db8::1]:8091", "--curl", "-q")

    assert done.stdout.endswith(" 'http://[2001:db8::1]:8091/' -H 'User-Agent: dendrite/0.1.0'\n")
    assert done.stderr == ""


def test_a_live_signature_is_warned_of():
    done = dendrite("ping", AXON, "--curl", "--ephemeral", "-t", "6")
    quiet = dendrite("ping", AXON, "--curl", "--ephemeral", "-q")
    unsigned = dendrite("ping", AXON, "--curl", "--unsigned", "--layer", "synapse")

    assert "a signature lives 10 s and is taken once" in done.stderr
    assert (quiet.stderr, unsigned.stderr) == ("", "")


@pytest.mark.parametrize("output", ["table", "ndjson", "json", "csv"])
def test_a_dry_run_connects_to_nothing_and_looks_nothing_up(output):
    with listening() as (port, heard):
        targets = [f"{HOTKEY}@127.0.0.1:{port}", f"{HOTKEY}@localhost:{port}", f"{HOTKEY}@no.such.host.invalid:1"]
        done = dendrite("ping", *targets, "--ephemeral", "--dry-run", "-o", output)
        assert heard() == 0

    assert done.returncode == 0
    assert "no.such.host.invalid:1" in done.stdout
    assert "2 host names are not looked up" in done.stderr
    assert "nothing was sent" in done.stderr


def test_a_dry_run_uses_no_network_at_all(tmp_path):
    """Where a socket is opened at all, it is only to learn which address is ours, and only for addresses."""
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*_): raise SystemExit('asked')\n"
        "socket.getaddrinfo = refuse\n"
        "def watched(event, args):\n"
        "    if event in ('socket.getaddrinfo', 'socket.sendto', 'socket.sendmsg', 'socket.gethostbyname'):\n"
        "        raise SystemExit(event)\n"
        "    if event == 'socket.connect' and args[0].type != socket.SOCK_DGRAM:\n"
        "        raise SystemExit(event)\n"
        "import sys; sys.addaudithook(watched)\n"
    )
    targets = (f"{HOTKEY}@127.0.0.1:1", f"{HOTKEY}@axon.example:1", "[::1]:9", f"{HOTKEY}@192.0.2.1:8091")

    done = dendrite("ping", *targets, "--ephemeral", "--dry-run", env={"PYTHONPATH": str(tmp_path)})
    control = dendrite("ping", *targets, "--ephemeral", env={"PYTHONPATH": str(tmp_path)})

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4), done.stderr
    assert "socket." in control.stderr + control.stdout, control
    headers = [json.loads(line)["headers"] for line in done.stdout.splitlines()]
    assert headers[0]["bt_header_dendrite_ip"] == "127.0.0.1"
    assert "bt_header_dendrite_ip" not in headers[1]


@pytest.mark.parametrize("output", ["table", "ndjson", "json", "csv"])
def test_a_dry_run_shows_no_secret(wallets, output):
    held = json.loads((wallets / "validator" / "hotkeys" / "default").read_text())
    private = [str(held[name]).removeprefix("0x") for name in ("privateKey", "secretPhrase") if held.get(name)]
    assert private
    identity = ("--wallet-path", str(wallets), "-w", "validator")

    done = dendrite("query", "-s", "Route", "-a", AXON, "api_key=hunter2", *identity, "--dry-run", "-o", output, "-v")

    said = done.stdout + done.stderr
    assert SIGNATURE.findall(said) == []
    assert [secret for secret in private if secret in said] == []
    assert done.stdout.count("[our signature]") == 2
    assert "bt_header_input_obj_api_key" in done.stdout
    assert "[withheld]" in done.stdout
    assert HOTKEY in done.stdout
    assert held["ss58Address"] in done.stdout


def test_a_dry_run_shows_what_a_real_run_sends():
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = ("query", "-s", "Echo", "-a", f"{HOTKEY}@127.0.0.1:{server.getsockname()[1]}", "text=it's")
        arrived = []

        def answer():
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                arrived.append(stream.readline().decode())
                arrived.extend(iter(lambda: stream.readline().decode().strip(), ""))
                length = next(int(line.split(": ")[1]) for line in arrived if line.startswith("Content-Length"))
                arrived.append(stream.read(length))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        sent = json.loads(dendrite(*asked, "--ephemeral").stdout)
        thread.join(10)
        draft = json.loads(dendrite(*asked, "--ephemeral", "--dry-run").stdout)

    first, *headers, body = arrived
    assert first.strip() == f"{draft['method']} /{draft['url'].rpartition('/')[2]} HTTP/1.1"
    really = [tuple(line.split(": ", 1)) for line in headers if not line.startswith("Connection: ")]
    assert [name for name, _ in really] == list(draft["headers"])
    unlike = {name for name, value in really if draft["headers"][name] != value}
    assert unlike == EXCHANGED | {"bt_header_dendrite_hotkey"}
    envelope = json.loads(body)
    assert list(envelope) == list(draft["body"])
    assert {name for name in envelope if envelope[name] != draft["body"][name]} == {"dendrite"}
    assert draft["bytes"]["sent"] == sent["bytes"]["sent"]


def test_the_usual_port_is_not_named_in_host():
    done = dendrite("ping", "192.0.2.17:80", "[2001:db8::80]:8080", "--dry-run")

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["headers"]["Host"] for record in records] == ["192.0.2.17", "[2001:db8::80]:8080"]
    assert records[0]["body"] is None
    assert "Content-Length" not in records[0]["headers"]


def test_a_document_is_one_array():
    done = dendrite("ping", AXON, "192.0.2.17:8091", "--ephemeral", "--dry-run", "-o", "json")

    records = json.loads(done.stdout)
    assert [(record["type"], record["protocol"], record["index"]) for record in records] == [
        ("request", "synapse", 0),
        ("request", "http", 1),
    ]


def test_requests_are_rows_too():
    done = dendrite("ping", "192.0.2.17:8091", "192.0.2.18:8091", "--dry-run", "-o", "csv")

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["axon.host"] for row in rows] == ["192.0.2.17", "192.0.2.18"]
    assert rows[0]["method"] == "GET"
    assert json.loads(rows[0]["headers"])["Host"] == "192.0.2.17:8091"


def test_columns_are_of_answers_and_change_no_request():
    done = dendrite("ping", AXON, "--ephemeral", "--dry-run", env={"DENDRITE_COLUMNS": "hotkey,total"})

    assert json.loads(done.stdout)["url"] == "http://192.0.2.17:8091/Synapse"
    assert "--columns" in done.stderr


def test_a_long_body_is_cut_for_people_and_whole_for_programs():
    asked = ("query", "-s", "Echo", "-a", AXON, "-a", AXON.replace("17", "18"), f"text={'x' * 50_000}", "--ephemeral")

    table = dendrite(*asked, "--dry-run", "-o", "table")
    records = dendrite(*asked, "--dry-run")

    assert len(table.stdout) < 25_000
    assert re.search(r"cut: a body has 50,6\d\d bytes", table.stderr)
    assert [len(json.loads(line)["body"]["text"]) for line in records.stdout.splitlines()] == [50_000, 50_000]


def test_a_terminal_shows_http_and_obeys_none_of_it():
    asked = ("query", "-s", "Echo", "-a", AXON, "text=\x1b[31mred\u202e\x7f", "--ephemeral", "--dry-run")
    with Terminal(*asked, columns=120) as terminal:
        assert terminal.wait() == 0

    assert "POST /Echo HTTP/1.1" in terminal.text
    assert r"\u001b[31mred\u202e\x7f" in terminal.text
    assert b"\x1b[31m" not in terminal.raw


def test_rounds_are_shown_once():
    done = dendrite("ping", AXON, "--ephemeral", "--dry-run", "-c", "3")

    assert len(done.stdout.splitlines()) == 1
    assert "all 3 rounds ask alike" in done.stderr


@pytest.mark.parametrize("option", ["--dry-run", "--curl"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ping", "192.0.2.17"], 4, "has no port"),
        (["ping"], 4, "no axon is selected"),
        (["query", "-s", "Echo", "-a", "192.0.2.17:8091", "--ephemeral"], 4, "has no hotkey"),
        (["ping", AXON, "-w", "nobody"], 3, "nobody"),
        (["query", "-s", "realsyn:Dummy", "--pythonpath", str(VECTORS), "-a", AXON, "dummy_input=x"], 2, "dummy_input"),
        (["ping", AXON, "--ephemeral", "--max-bytes", "many"], 2, "--max-bytes"),
        (["ping", AXON, "--ephemeral", "--layer", "tcp"], 2, "--layer tcp only connects"),
        (["ping", AXON, "--ephemeral", "--only", "ok"], 2, "--only is for what axons answer"),
        (["ping", AXON, "--ephemeral", "-o", "raw"], 2, "-o raw"),
        (["ping", AXON, "--ephemeral", "--dry-run", "--curl"], 2, "--dry-run and --curl"),
    ],
)
def test_what_a_run_refuses_is_refused_without_one(option, arguments, code, said):
    done = dendrite(*arguments, option)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


@pytest.mark.parametrize("output", ["table", "ndjson", "json", "csv"])
def test_lines_for_a_shell_have_no_other_format(output):
    done = dendrite("ping", AXON, "--ephemeral", "--curl", "-o", output)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"-o {output}" in done.stderr
