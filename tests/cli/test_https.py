"""Axons by HTTPS: who answers is proved first, and nothing is ever said in the clear instead."""

import json
import socket
import threading

import pytest
import trustme
from ground.certificates import server, written
from ground.cli import dendrite
from ground.miners import KEY, body_of, by_epistula, mining


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(ca):
    with mining(by_epistula(), server("127.0.0.1", "localhost", ca=ca)) as miner:
        yield miner


def query(*arguments):
    done = dendrite("query", "--ephemeral", *arguments)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done


def test_an_axon_that_proves_itself_is_asked(secure, ca, tmp_path):
    trusted = ("--ca", written(ca, tmp_path))

    record, _ = query(*trusted, "-a", secure.at("epistula+https", "/x"), "a=b")

    assert (record["ok"], record["axon"]["scheme"], body_of(record)) == (True, "epistula+https", {"a": "b"})
    assert 0 < record["timing"]["tls_ms"] < record["timing"]["total_ms"]


def test_a_host_name_is_what_the_certificate_must_be_of(secure, ca, tmp_path):
    trusted = ("--ca", written(ca, tmp_path), "-4")

    named, _ = query(*trusted, "-a", secure.at("epistula+https", "/x", host="localhost"), "a=b")

    assert (named["ok"], named["axon"]["address"]) == (True, "127.0.0.1")


def test_an_axon_with_another_name_on_its_certificate_is_told_nothing(ca, tmp_path):
    with mining(by_epistula(), server("elsewhere.example", ca=ca)) as miner:
        record, done = query("--ca", written(ca, tmp_path), "-a", miner.at("epistula+https", "/x"), "a=b")

    assert (record["outcome"], record["attempts"], record["bytes"]["sent"], done.returncode) == ("tls", 1, 0, 1)
    assert "IP address mismatch" in record["status_message"]
    assert miner.asked == []


def test_an_unknown_authority_is_told_nothing_unless_told_to(secure):
    refused, _ = query("-a", secure.at("epistula+https", "/x"), "a=b")
    assert (refused["outcome"], secure.asked) == ("tls", [])

    record, done = query("--insecure", "-a", secure.at("epistula+https", "/x"), "a=b")
    assert record["ok"]
    assert "nobody checks who answers" in done.stderr


def test_https_is_never_answered_for_by_plain_http(ca, tmp_path):
    with mining(by_epistula()) as plain:
        record, _ = query("--ca", written(ca, tmp_path), "-a", plain.at("epistula+https", "/x"), "a=b")

    assert (record["outcome"], plain.asked) == ("tls", [])
    assert "wrong version number" in record["status_message"]


def test_a_server_that_shakes_no_hands_is_left_in_time(tmp_path, ca):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        axon = f"epistula+https://{KEY.ss58_address}@127.0.0.1:{silent.getsockname()[1]}/x"
        record, _ = query("--ca", written(ca, tmp_path), "--connect-timeout", "0.3", "-a", axon, "a=b")

    assert (record["outcome"], record["status_message"]) == ("tls", "TLS handshake timeout after 0.3 seconds")
    assert record["timing"]["total_ms"] < 550


def test_a_server_that_hangs_up_instead_is_an_outcome(tmp_path, ca):
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            connection, _ = rude.accept()
            connection.recv(1000)
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        axon = f"epistula+https://{KEY.ss58_address}@127.0.0.1:{rude.getsockname()[1]}/x"
        record, _ = query("--ca", written(ca, tmp_path), "-a", axon, "a=b")

    assert record["outcome"] in {"tls", "reset"}


def test_streams_and_pings_are_secured_too(secure, ca, tmp_path):
    trusted = ("--ca", written(ca, tmp_path), "--ephemeral", "-q")

    streamed = dendrite("stream", *trusted, "-a", secure.at("epistula+https", "/sse"), "a=b").stdout.splitlines()
    pinged = dendrite("ping", *trusted, f"https://127.0.0.1:{secure.port}", "-c", "2", "-i", "0").stdout.splitlines()

    assert [json.loads(line).get("text") for line in streamed[:-1]] == ["one ", "two ", "thrée"]
    assert [json.loads(line)["http_status"] for line in pinged] == [401, 401]


def test_a_line_of_curl_goes_by_https(secure):
    done = dendrite("query", "--ephemeral", "--curl", "-a", secure.at("epistula+https", "/x"), "a=b")

    assert f"https://127.0.0.1:{secure.port}/x" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--ca", "/nowhere"), "no such file"),
        (("--ca", __file__), "holds no certificates"),
        (("--proxy", "http://127.0.0.1:9"), "through a proxy"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(arguments, why):
    done = dendrite("query", "--unsigned", *arguments, "-a", "btauth+https://127.0.0.1:1/x")

    assert (done.returncode, done.stdout, why in done.stderr) == (2, "", True)
