"""The program against miners of the other protocols, whose verifiers are not ours."""

import json
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import pytest
from bittensor_wallet import Keyfile, Keypair
from ground.cli import dendrite, environment
from ground.miners import KEY, body_of, by_epistula, by_sdk11, mining
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour

beside_sdk11 = pytest.mark.skipif(not version("bittensor").startswith("11."), reason="needs bittensor 11's http_auth")
OTHER = Keypair.create_from_uri("//somebody-else").ss58_address


def query(*arguments, **options):
    """Return the record of a query of one axon, and the exit code."""
    done = dendrite("query", "--ephemeral", "-q", *arguments, **options)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def _shell(line):
    """Return what a POSIX shell prints that runs a line."""
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True, env=environment())
    return done.stdout


@pytest.fixture
def sdk11():
    with mining(by_sdk11()) as miner:
        yield miner


@pytest.fixture
def epistula():
    with mining(by_epistula()) as miner:
        yield miner


@beside_sdk11
class TestBtauth:
    def test_a_body_is_accepted_by_the_sdk_and_shown(self, sdk11):
        record, code = query("--path", "/v1/chat?n=2", "-a", sdk11.at("btauth"), "prompt=hé", "n:=3")

        assert (code, record["http_status"], record["protocol"], record["synapse"]) == (0, 200, "btauth", None)
        assert body_of(record) == {"prompt": "hé", "n": 3}
        assert record["trust"] | {"request_signed": True, "body_covered": True} == record["trust"]
        method, target, headers, _ = sdk11.asked[0]
        assert (method, target, headers["Content-Type"]) == ("POST", "/v1/chat?n=2", "application/json")

    def test_a_path_without_a_class_is_asked_by_btauth(self, sdk11):
        record, _ = query("--path", "/v1", "-a", f"{KEY.ss58_address}@127.0.0.1:{sdk11.port}")

        assert (record["protocol"], record["http_status"], sdk11.asked[0][0]) == ("btauth", 200, "GET")

    def test_the_fields_of_a_class_are_the_body_and_its_name_the_path(self, sdk11, tmp_path):
        (tmp_path / "mine.py").write_text("from pydantic import BaseModel\nclass Ask(BaseModel):\n    text: str\n")

        record, _ = query("-s", "./mine.py:Ask", "--proto", "btauth", "-a", sdk11.at("btauth"), "text=hi", cwd=tmp_path)

        assert (sdk11.asked[0][1], json.loads(sdk11.asked[0][3])) == ("/Ask", {"text": "hi"})
        # what is no Ask is no answer to one
        assert (record["outcome"], record["synapse"]) == ("bad_response", "Ask")

    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            (("--json", "[1, 2]"), b"[1,2]"),
            (("--data", "plain text"), b"plain text"),
            (("-X", "put", "--json", '{"a": 1}'), b'{"a":1}'),
        ],
    )
    def test_any_json_and_any_bytes_are_a_body(self, sdk11, given, sent):
        record, code = query(*given, "-a", sdk11.at("btauth", "/x"))

        assert (code, record["http_status"], sdk11.asked[0][3]) == (0, 200, sent)
        assert sdk11.asked[0][0] == ("PUT" if "-X" in given else "POST")

    def test_bytes_from_a_file_arrive_as_they_are(self, sdk11, tmp_path):
        (tmp_path / "body.bin").write_bytes(bytes(range(256)))

        query("--data", f"@{tmp_path / 'body.bin'}", "-a", sdk11.at("btauth", "/x"))

        assert sdk11.asked[0][3] == bytes(range(256))
        assert sdk11.asked[0][2]["Content-Type"] == "application/octet-stream"

    def test_an_ed25519_key_is_accepted(self, sdk11, tmp_path):
        keypair, signing = ed25519(tmp_path)

        done = dendrite("query", *signing, "-a", sdk11.at("btauth", "/x"), "--json", "{}")

        assert sdk11.asked[0][2]["X-Bittensor-Crypto"] == "ed25519"
        assert "note:" not in done.stderr
        assert json.loads(done.stdout)["body"]["caller"] == keypair.ss58_address

    @pytest.mark.parametrize(("clock", "why"), [(11, "older than"), (-3, "in the future")])
    def test_a_clock_that_is_off_is_a_401_with_the_servers_words(self, clock, why):
        with mining(by_sdk11(clock)) as miner:
            record, code = query("-a", miner.at("btauth", "/x"), "--json", "{}")

        assert (code, record["outcome"], record["http_status"]) == (1, "unauthorized", 401)
        assert why in record["status_message"]

    def test_a_request_for_another_key_is_refused(self, sdk11):
        record, _ = query("-a", f"btauth://{OTHER}@127.0.0.1:{sdk11.port}/x", "--json", "{}")

        assert record["outcome"] == "unauthorized"
        assert "different receiving hotkey" in record["status_message"]

    def test_a_line_of_curl_is_accepted_once(self, sdk11):
        line = dendrite("query", "--ephemeral", "--curl", "-a", sdk11.at("btauth", "/x?y=z"), "text=it's").stdout

        answers = [
            subprocess.run(
                ["/bin/sh", "-c", line], capture_output=True, text=True, check=True, env=environment()
            ).stdout
            for _ in range(2)
        ]

        assert json.loads(json.loads(answers[0])["said"]) == {"text": "it's"}
        assert "already accepted" in answers[1]
        forged = line.replace("it'\\''s", "other").replace("it'\"'\"'s", "other")
        assert forged != line
        assert "does not verify" in _shell(forged)

    def test_server_sent_events_are_streamed(self, sdk11):
        done = dendrite("stream", "--ephemeral", "-q", "-a", sdk11.at("btauth", "/sse"), "prompt=hi", "-o", "ndjson")

        *chunks, result = map(json.loads, done.stdout.splitlines())
        assert [chunk["text"] for chunk in chunks] == ["one ", "two ", "thrée"]
        assert (result["body"], result["stream"]["complete"], done.returncode) == (["one ", "two ", "thrée"], True, 0)

    def test_a_refused_stream_is_no_text(self, sdk11):
        done = dendrite("stream", "--ephemeral", "-q", "-a", f"btauth://{OTHER}@127.0.0.1:{sdk11.port}/sse", "a=b")

        (record,) = map(json.loads, done.stdout.splitlines())
        assert (record["type"], record["outcome"], done.returncode) == ("result", "unauthorized", 1)

    def test_a_retry_has_a_nonce_of_its_own(self, sdk11):
        record, _ = query("-a", sdk11.at("btauth", "/nothing"), "--json", "{}", "--retries", "2", "--retry-on", "404")

        nonces = [headers["X-Bittensor-Nonce"] for *_, headers, _ in sdk11.asked]
        assert (record["attempts"], record["outcome"], len(set(nonces))) == (3, "not_found", 3)

    def test_a_signed_ping_needs_a_path_and_is_unsigned_http_without_one(self, sdk11):
        done = dendrite("ping", "--ephemeral", sdk11.at("btauth"), sdk11.at("btauth", "/health"), "-o", "ndjson")

        first, second = sorted(map(json.loads, done.stdout.splitlines()), key=lambda record: record["index"])
        assert (first["protocol"], first["http_status"], first["trust"]["request_signed"]) == ("http", 401, False)
        assert (second["protocol"], second["http_status"], second["trust"]["request_signed"]) == ("btauth", 200, True)
        assert "no path for" in done.stderr

    def test_a_run_is_asked_again_from_the_history(self, sdk11, tmp_path):
        env = {"XDG_STATE_HOME": str(tmp_path)}
        secret = ("--header", "X-Api-Key: hunter2", "--header", "X-Plain: seen")
        query("-a", sdk11.at("btauth", "/x"), "--json", "[1]", "-X", "PUT", *secret, env=env)

        bare = dendrite("history", "replay", "last", "-q", env=env)
        again = dendrite("history", "replay", "last", "-q", "--header", "X-Api-Key: hunter2", env=env)

        assert (bare.returncode, "did not keep the header X-Api-Key" in bare.stderr) == (2, True)
        assert again.returncode == 0, again.stderr
        assert [(method, target, body) for method, target, _, body in sdk11.asked] == [("PUT", "/x", b"[1]")] * 2
        assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


class TestReplay:
    @pytest.mark.parametrize(
        ("given", "stdin", "sent"),
        [
            ((), "", b""),
            (("--data", "\x01 raw"), "", b"\x01 raw"),
            (("--json", "-"), "null", b"null"),
            (("--json", "-"), '"text"', b'"text"'),
            (("--json", '[{"a": 1}]'), "", b'[{"a":1}]'),
        ],
    )
    def test_any_body_and_none_at_all_are_sent_again(self, epistula, tmp_path, given, stdin, sent):
        env = {"XDG_STATE_HOME": str(tmp_path)}
        query("-a", epistula.at("epistula", "/x"), *given, env=env, stdin=stdin)

        done = dendrite("history", "replay", "last", "-q", env=env)

        assert done.returncode == 0, done.stderr
        assert [body for *_, body in epistula.asked] == [sent, sent]


class TestEpistula:
    def test_a_request_is_accepted_by_the_published_rule(self, epistula):
        record, code = query("-a", epistula.at("epistula", "/v1/chat"), "prompt=hi")

        assert (code, record["http_status"], record["protocol"]) == (0, 200, "epistula")
        assert body_of(record) == {"prompt": "hi"}

    def test_it_is_posted_even_without_a_body(self, epistula):
        record, _ = query("-a", epistula.at("epistula", "/v1"))

        assert (epistula.asked[0][0], epistula.asked[0][3], record["http_status"]) == ("POST", b"", 200)

    def test_a_stale_request_is_refused(self):
        with mining(by_epistula(clock=9)) as miner:
            record, _ = query("-a", miner.at("epistula", "/x"), "--json", "{}")

        assert (record["outcome"], record["status_message"]) == ("unauthorized", "Request is too stale")

    def test_a_request_for_another_key_is_refused(self, epistula):
        record, _ = query("-a", f"epistula://{OTHER}@127.0.0.1:{epistula.port}/x", "--json", "{}")

        assert (record["outcome"], "not intended" in record["status_message"]) == ("unauthorized", True)

    def test_server_sent_events_are_streamed(self, epistula):
        done = dendrite("stream", "--ephemeral", "-q", "-a", epistula.at("epistula", "/sse"), "--json", "{}")

        *chunks, result = map(json.loads, done.stdout.splitlines())
        assert ([chunk["text"] for chunk in chunks], result["ok"]) == (["one ", "two ", "thrée"], True)


class TestAuto:
    def test_each_axon_is_spoken_to_in_its_own_protocol_and_it_is_remembered(self, tmp_path):
        """Three keys, because what is remembered is remembered by hotkey."""
        env = {"XDG_CACHE_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        with (
            mock_axons([Behaviour()]) as (v10,),
            mock_axons([Behaviour(), Behaviour()], protocol="btauth") as (_, btauth),
            mock_axons([Behaviour()] * 3, protocol="epistula") as (_, _, epistula),
        ):
            fleet = ("ping", "--proto", "auto", "--path", "/v1", "--ephemeral", "-q", v10, btauth, epistula)
            runs = [dendrite(*fleet, env=env) for _ in range(2)]

        for done in runs:
            records = sorted(map(json.loads, done.stdout.splitlines()), key=lambda record: record["index"])
            told = [(record["protocol"], record["outcome"]) for record in records]
            assert told == [("synapse", "ok"), ("btauth", "ok"), ("epistula", "ok")]
        remembered = json.loads((tmp_path / "dendrite" / "protocols.json").read_text())
        assert sorted(remembered.values()) == ["btauth", "epistula", "synapse"]

    def test_the_second_run_goes_straight_there(self, epistula, tmp_path):
        env = {"XDG_CACHE_HOME": str(tmp_path)}
        ask = ("--proto", "auto", "--path", "/v1", "-a", f"{KEY.ss58_address}@127.0.0.1:{epistula.port}", "a=b")

        first, _ = query(*ask, env=env)
        probes = len(epistula.asked)
        second, _ = query(*ask, env=env)

        assert (first["protocol"], second["protocol"], len(epistula.asked) - probes) == ("epistula", "epistula", 1)
        # the body was sent once, signed, and nothing before it had one
        assert [body for *_, body in epistula.asked[: probes - 1]] == [b""] * (probes - 1)

    def test_what_does_not_work_any_more_is_forgotten(self, epistula, tmp_path):
        cache = tmp_path / "dendrite" / "protocols.json"
        cache.parent.mkdir()
        cache.write_text(json.dumps({KEY.ss58_address: "btauth"}))
        ask = ("--proto", "auto", "--path", "/v1", "-a", f"{KEY.ss58_address}@127.0.0.1:{epistula.port}", "a=b")

        told = [query(*ask, env={"XDG_CACHE_HOME": str(tmp_path)})[0] for _ in range(2)]

        assert [record["outcome"] for record in told] == ["unauthorized", "ok"]

    def test_a_synapse_axon_that_is_asked_no_synapse_is_not_supported(self, tmp_path):
        with mock_axons([Behaviour()]) as (v10,):
            record, code = query("--proto", "auto", "--path", "/v1", "-a", v10, env={"XDG_CACHE_HOME": str(tmp_path)})

        assert (code, record["outcome"], record["attempts"]) == (1, "unsupported_protocol", 0)

    def test_an_endpoint_that_refuses_connections_has_its_own_outcome(self, closed_port, tmp_path):
        axon = f"{KEY.ss58_address}@127.0.0.1:{closed_port}"

        record, _ = query("--proto", "auto", "-s", "Echo", "-a", axon, env={"XDG_CACHE_HOME": str(tmp_path)})

        assert record["outcome"] == "connect_refused"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("-a", "btauth://1.2.3.4:5"), "no path says for what"),
        (("-a", "1.2.3.4:5"), "none is named"),
        (("-s", "Echo", "--path", "/x", "-a", "1.2.3.4:5"), "a synapse has its own"),
        (("--path", "x", "-a", "1.2.3.4:5"), "is no path"),
        (("--path", "/x", "-X", "G T", "-a", "1.2.3.4:5"), "is no method"),
        (("--path", "/x", "--header", "Host: y", "-a", "1.2.3.4:5"), "not yours to set"),
        (("--path", "/x", "--header", "nothing", "-a", "1.2.3.4:5"), "a name, a colon and a value"),
        (("--path", "/x", "--header", "A: b\nC: d", "-a", "1.2.3.4:5"), "line break"),
        (("--path", "/x", "--data", "a", "b=c", "-a", "1.2.3.4:5"), "the whole body"),
        (("--path", "/x", "--data", "@/nowhere", "-a", "1.2.3.4:5"), "cannot read the body"),
        (("--path", "/x", "--json", "[1]", "b=c", "-a", "1.2.3.4:5"), "fields of an object"),
        (("-s", "Echo", "--proto", "auto", "--dry-run", "-a", "1.2.3.4:5"), "finds out by asking"),
        (("-a", "ftp://1.2.3.4:5"), "not spoken"),
        (("-a", "btauth+epistula://1.2.3.4:5"), "not spoken"),
        (("-a", "synapse://1.2.3.4:5/x"), "has a path"),
        (("-a", "btauth://1.2.3.4:5/a b"), "no usable path"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_sent(arguments, why):
    done = dendrite("query", "--unsigned", *arguments)

    assert (done.returncode in {2, 4}, done.stdout) == (True, "")
    assert why in done.stderr


def test_a_header_of_ones_own_reaches_an_axon_of_any_protocol_and_is_shown_elided(epistula):
    given = ("--header", "user-agent: mine/1", "--header", "X-Token: hunter2", "-a", epistula.at("epistula", "/x"))

    shown = dendrite("query", "--ephemeral", "--dry-run", *given, "a=b").stdout
    query(*given, "a=b")

    headers = epistula.asked[0][2]
    assert (headers["User-Agent"], headers["X-Token"]) == ("mine/1", "hunter2")
    assert "hunter2" not in shown
    assert "[withheld]" in shown


def ed25519(tmp_path):
    """Return a key of the other scheme, and the options that sign by it."""
    hotkeys = tmp_path / "wallets" / "ed" / "hotkeys"
    hotkeys.mkdir(parents=True)
    keypair = Keypair.create_from_uri("//ed", crypto_type=0)
    Keyfile(str(hotkeys / "default"), "default").set_keypair(keypair, encrypt=False, overwrite=True)
    return keypair, ("--wallet-path", str(tmp_path / "wallets"), "-w", "ed")


@pytest.mark.parametrize(
    "asked",
    [("ping",), ("query", "-s", "Echo"), ("stream", "-s", "Echo"), ("ping", "--proto", "epistula", "--path", "/")],
    ids=" ".join,
)
def test_who_signs_by_ed25519_is_told_which_protocols_know_it(asked, tmp_path):
    _, signing = ed25519(tmp_path)
    protocol = "epistula" if "epistula" in asked else "synapse"

    with mock_axons([Behaviour()], protocol=protocol) as (address,):
        done = dendrite(*asked, *signing, "-a", address)

    said = f"your hotkey is ed25519, and axons verify sr25519 alone in {protocol}: expect to be refused"
    assert said in " ".join(done.stderr.split())
    assert json.loads(done.stdout)["ok"] is False


@pytest.mark.parametrize("command", ["query", "stream"])
def test_what_a_signature_does_not_cover_is_said_once_and_why(command, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from dendrite_cli import Synapse\nclass Echo(Synapse):\n    text: str = ''\n"
        "class Covered(Echo):\n    required_hash_fields = ('text',)\n"
    )
    with mock_axons([Behaviour()] * 2) as addresses:
        targets = [part for address in addresses for part in ("-a", address)]
        bare, classed, covered = (
            dendrite(command, "--ephemeral", "-s", name, "text=hi", *targets, cwd=tmp_path).stderr
            for name in ("Echo", "./mine.py:Echo", "./mine.py:Covered")
        )

    assert bare.count("note: Echo is sent without its class; your signature does not cover the body") == 1
    assert classed.count("note: Echo sets no required_hash_fields; your signature does not cover the body") == 1
    assert "note:" not in covered


@contextmanager
def plain_server(seconds=0.0):
    """Serve HTTP that answers anything after so many seconds; yield its address and the methods that it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            asked.append(self.command)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(seconds)
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):
                    self.wfile.write(b" " * 98 + b"{}")

        do_GET = do_POST = do_HEAD = do_OPTIONS = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{KEY.ss58_address}@127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("output", ["ndjson", "raw"])
def test_the_answer_to_head_ends_with_its_headers(output):
    with plain_server() as (axon, asked):
        done = dendrite(
            "query",
            "--ephemeral",
            "--proto",
            "btauth",
            "--path",
            "/x",
            "-X",
            "HEAD",
            "-t",
            "5",
            "-a",
            axon,
            "-o",
            output,
        )

    assert (done.returncode, asked) == (0, ["HEAD"])
    if output == "ndjson":
        record = json.loads(done.stdout)
        assert (record["outcome"], record["http_status"], record["bytes"]["received"]) == ("ok", 200, 0)


@pytest.mark.parametrize(
    "asking", [("query", "--proto", "auto", "--path", "/v1", "a=b"), ("ping", "--identity")], ids=["auto", "identity"]
)
def test_all_that_an_axon_is_asked_in_its_turn_shares_one_time_out(asking, tmp_path):
    with plain_server(0.8) as (axon, asked):
        began = time.monotonic()
        done = dendrite(*asking, "--ephemeral", "-t", "1", "-a", axon, env={"XDG_CACHE_HOME": str(tmp_path)})
        took = time.monotonic() - began

    record = json.loads(done.stdout)
    assert (done.returncode, record["outcome"]) == (1, "timeout")
    assert record["status_message"] == "Request timeout after 1 seconds"
    assert len(asked) == 2
    assert took < 5
