"""How many, how often, how long: the controls of a run, as a user sees them."""

import json
import socket
import time

import pytest
from ground.cli import dendrite
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour

ECHO = "dendrite_cli.mock.example:Echo"


def results(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def crowd():
    """Three axons that answer, and three that take their time."""
    with mock_axons([Behaviour()] * 3 + [Behaviour(delay=30)] * 3) as axons:
        yield axons


def test_until_is_enough_and_a_success(crowd):
    done = dendrite("ping", *crowd, "--ephemeral", "--until", "2", "-o", "ndjson")

    outcomes = [record["outcome"] for record in results(done)]
    assert done.returncode == 0, done.stderr
    assert sorted(outcomes) == ["cancelled"] * 4 + ["ok"] * 2
    assert "stopped: that is enough" in done.stderr


def test_until_that_is_not_reached_is_exit_1(crowd):
    done = dendrite("ping", crowd[0], "--ephemeral", "--until", "2")

    assert done.returncode == 1


def test_the_deadline_cancels_what_is_not_done_and_that_counts_as_failed(crowd):
    began = time.monotonic()

    done = dendrite("ping", crowd[0], crowd[-1], "--ephemeral", "--deadline", "0.7", "-o", "json")

    assert time.monotonic() - began < 10
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert [record["outcome"] for record in document["results"]] == ["ok", "cancelled"]
    assert (document["run"]["ending"], document["run"]["interrupted"]) == ("deadline", False)
    assert "stopped at the deadline" in done.stderr


def test_a_deadline_that_is_not_met_changes_nothing(crowd):
    done = dendrite("ping", crowd[0], "--ephemeral", "--deadline", "30")

    assert (done.returncode, results(done)[0]["outcome"]) == (0, "ok")


def test_rounds_share_their_connections(crowd):
    done = dendrite("ping", crowd[0], "--ephemeral", "-c", "3", "-i", "0.05")

    connects = [record["timing"]["connect_ms"] for record in results(done)]
    assert connects[0] is not None
    assert connects[1:] == [None, None]


def test_retries_show_their_attempts():
    with mock_axons([Behaviour(status=503)]) as busy:
        done = dendrite("ping", *busy, "--ephemeral", "--retries", "1")

    (record,) = results(done)
    assert (record["attempts"], record["http_status"]) == (2, 503)


def test_the_summary_tells_the_loop_lag(crowd):
    done = dendrite("ping", crowd[0], "--ephemeral", "-o", "json")

    assert 0 <= json.loads(done.stdout)["summary"]["loop_lag_ms"] < 10_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--retry-on", "429"], "--retries is 0"),
        (["--retries", "1", "--retry-on", "often"], "'often' is neither a status nor an outcome"),
        (["--parallel", "many"], "'many' is neither auto nor a number"),
        (["--parallel", "0"], "neither auto nor a number"),
        (["-4", "-6"], "contradict each other"),
        (["--proxy", "socks5://127.0.0.1:1"], "only http is spoken"),
        (["--proxy", "http://127.0.0.1:1", "--layer", "tcp"], "knocks at the axon itself"),
        (["--until", "0"], "until"),
        (["--rate", "0"], "rate"),
    ],
)
def test_controls_that_make_no_sense_are_usage_errors(options, said):
    done = dendrite("ping", "127.0.0.1:1", *options)

    assert done.returncode == 2
    assert said in done.stderr


def test_an_address_of_the_other_ip_version_is_unreachable_and_says_why():
    done = dendrite("ping", "127.0.0.1:1", "-6", "-o", "ndjson")

    (record,) = results(done)
    assert (record["outcome"], done.returncode) == ("unreachable", 1)
    assert "an IPv4 address" in record["status_message"]


def test_a_name_is_looked_up_in_the_ip_version_asked_for():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as six:
        port = six.getsockname()[1]
        by_six = dendrite("ping", f"localhost:{port}", "--layer", "tcp", "-6")
        by_four = dendrite("ping", f"localhost:{port}", "--layer", "tcp", "-4")

    (four,) = results(by_four)
    assert four["outcome"] == "connect_refused"
    (record,) = results(by_six)
    # a machine may have no IPv6 address for localhost
    assert (record["outcome"], record["axon"]["address"]) in {("ok", "::1"), ("dns", None)}


def test_a_password_in_a_proxy_url_is_never_said():
    done = dendrite("ping", "127.0.0.1:1", "--proxy", "http://me:hunter2@127.0.0.1:1", "-v", "-o", "table")

    assert "hunter2" not in done.stdout + done.stderr


def test_two_hundred_axons_under_a_hundred_open_files(far_axons):
    many = "".join(f"{axon.hotkey}@{axon.endpoint}\n" for axon in far_axons(200))

    limited = ("bash", "-c", 'ulimit -n 100; exec "$@"', "_")
    done = dendrite("ping", "-a", "-", "--ephemeral", stdin=many, before=limited)

    assert done.returncode == 0, done.stderr
    assert [record["outcome"] for record in results(done)] == ["ok"] * 200
