"""What keeps a chain from answering, each told by its name, with what to do, and in time."""

import time

import pytest
from ground.endpoints import certificate, saying, tls_before
from ground.node import SUBNETS, serving_node

from dendrite_cli.errors import ChainError, ExitCode
from dendrite_cli.sdk.base import fetch

PATIENCE = 60
"""Seconds; none of these failures needs more than ten on a machine of its own."""


def failing(url: str, seconds: float = PATIENCE) -> ChainError:
    began = time.monotonic()
    with pytest.raises(ChainError) as problem:
        fetch(url, 1, seconds)
    assert time.monotonic() - began < seconds + 3
    assert problem.value.exit_code is ExitCode.CHAIN
    assert "--snapshot FILE" in str(problem.value.help)
    return problem.value


def test_a_port_at_which_nobody_listens(closed_port):
    problem = failing(f"ws://127.0.0.1:{closed_port}")

    assert problem.message == f"nothing listens at ws://127.0.0.1:{closed_port}"
    assert "start the node" in str(problem.help)


def test_a_name_that_does_not_exist():
    problem = failing("wss://no-such-node.invalid")

    assert problem.message.startswith("the name of wss://no-such-node.invalid was not found")
    assert "check -n/--network" in str(problem.help)


def test_an_address_to_which_no_way_leads():
    # of a broadcast address every system knows that nothing can be connected to it, without sending anything
    problem = failing("ws://255.255.255.255:9944")

    assert problem.message.startswith("ws://255.255.255.255:9944 cannot be reached: ")
    assert "check the connection" in str(problem.help)


def test_tls_with_a_node_that_has_none(home):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url:
        problem = failing(url.replace("ws://", "wss://"))

    assert problem.message.startswith("no TLS with wss://127.0.0.1")
    assert url in str(problem.help)


def test_a_node_that_expects_tls_and_is_asked_without(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url, tls_before(port(url), certificate(tmp_path)) as front:
        problem = failing(f"ws://127.0.0.1:{front}")

    assert problem.message == f"ws://127.0.0.1:{front} expects TLS"
    assert f"wss://127.0.0.1:{front}" in str(problem.help)


def test_a_web_server_that_expects_tls_and_refuses_a_request_without():
    with saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as plain:
        problem = failing(f"ws://127.0.0.1:{plain}")

    # as long as there is no TLS, that is all that is known
    assert problem.message == f"ws://127.0.0.1:{plain} refused the connection with HTTP 400"


def test_a_certificate_that_nobody_vouches_for(home, tmp_path):
    with serving_node(SUBNETS / "sn1_4.json", home=home) as url, tls_before(port(url), certificate(tmp_path)) as front:
        problem = failing(f"wss://127.0.0.1:{front}")

    assert problem.message.startswith(f"the certificate of wss://127.0.0.1:{front} cannot be trusted: self")
    assert "SSL_CERT_FILE" in str(problem.help)


def test_a_certificate_of_one_s_own_is_trusted_by_the_variable_that_the_error_names(home, tmp_path, monkeypatch):
    own = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.path))

    with serving_node(SUBNETS / "sn1_4.json", home=home) as url, tls_before(port(url), own) as front:
        assert len(fetch(f"wss://127.0.0.1:{front}", 1, PATIENCE).axons) == 4


def test_a_proxy_that_does_not_lead_to_the_node(monkeypatch, closed_port):
    monkeypatch.setenv("https_proxy", f"http://user:hunter22@127.0.0.1:{closed_port}")

    problem = failing("wss://192.0.2.1:9944")

    assert problem.message.startswith("wss://192.0.2.1:9944 cannot be reached through the proxy of the environment")
    assert "no_proxy" in str(problem.help)
    assert "hunter22" not in f"{problem.message}{problem.details}{problem.help}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "refused the connection with HTTP 200"),
        (b"HTTP/1.1 301 Gone\r\nContent-Length: 0\r\n\r\n", "refused the connection with HTTP 301"),
        (b"220 mail.example ESMTP\r\n", "cut the connection"),
        (b"\x00\xff" * 2000, "cut the connection"),
        (b"", "cut the connection"),
    ],
)
def test_what_is_no_node_at_all(words, told):
    with saying(words) as stranger:
        problem = failing(f"ws://127.0.0.1:{stranger}")

    assert problem.message.startswith(f"ws://127.0.0.1:{stranger} {told}")


@pytest.mark.parametrize("fault", ["hang", "hang:state_call", "hang-connect", "slow:5000"])
def test_a_node_that_does_not_answer_in_time(fault, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        problem = failing(url, 3)

    assert problem.message == f"{url} did not tell netuid 1 within 3 s"
    assert "wait longer" in str(problem.help)


@pytest.mark.parametrize(
    "fault",
    ["drop", "drop:state_call", "truncate:state_call", "close:1001", "close:1001:state_call", "close:1008:state_call"],
)
def test_a_node_that_always_hangs_up(fault, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        problem = failing(url)

    assert problem.message.startswith(f"{url} cut the connection: ")
    assert "ask again" in str(problem.help)


@pytest.mark.parametrize(
    ("fault", "words", "advice"),
    [
        ("garbage", "answer", "another node"),  # what is asked with a garbage hash, the node refuses
        ("garbage:state_call", "cannot read the answer of", "ask another node"),
        ("error", "answered with an error: Internal error", "ask again"),
        ("error:state_call", "answered with an error: Internal error", "ask again"),
        ("http:429", "refused the connection with HTTP 429", "wait a while"),
        ("http:503", "refused the connection with HTTP 503", "ask another node"),
    ],
)
def test_a_node_that_answers_something_else(fault, words, advice, home):
    with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
        problem = failing(url)

    assert words in problem.message
    assert url in problem.message
    assert advice in str(problem.help)


@pytest.mark.parametrize("fault", ["drop:state_call", "http:401", "garbage:state_call", "error", "hang", None])
def test_no_failure_tells_the_secrets_of_a_url(fault, home, closed_port, capfd):
    def secret(url: str) -> str:
        return url.replace("ws://", "ws://somebody:hunt%23er@") + "/v1/cafe0123?apikey=t0ken99"

    if fault is None:
        problem = failing(secret(f"ws://127.0.0.1:{closed_port}"))
    else:
        with serving_node(SUBNETS / "sn1_4.json", faults=(fault,), home=home) as url:
            problem = failing(secret(url), 4 if fault == "hang" else PATIENCE)

    told = f"{problem.message} {problem.details} {problem.help} {capfd.readouterr()}"
    assert not [word for word in ("somebody", "hunt", "cafe0123", "t0ken99") if word in told]


def port(url: str) -> int:
    return int(url.rpartition(":")[2])
