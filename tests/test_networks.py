import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dendrite_cli.errors import UsageError
from dendrite_cli.networks import NETWORKS, discreet, endpoint_of, parts_of, shown, url_of


@pytest.mark.parametrize("name", ["finney", "test", "local", "archive"])
def test_a_network_s_name_has_its_node(name):
    host, port, secure = endpoint_of(url_of(name))

    assert (host, port) == (("127.0.0.1", 9944) if name == "local" else (host, 443))
    assert secure == (name != "local")
    assert shown(name) == name


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("ws://127.0.0.1:9944", ("127.0.0.1", 9944, False)),
        ("wss://node.example", ("node.example", 443, True)),
        ("ws://node.example.", ("node.example.", 80, False)),
        ("wss://bücher.example", ("bücher.example", 443, True)),
        ("WS://node.example/rpc", ("node.example", 80, False)),
        ("wss://user:p%40ss@[2001:db8::1]:9944/k3y", ("2001:db8::1", 9944, True)),
    ],
)
def test_a_url_is_asked_as_it_stands(url, endpoint):
    assert url_of(url).partition(":")[2] == url.partition(":")[2]
    assert endpoint_of(url_of(url)) == endpoint


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("finey", "did you mean finney"),
        ("Finney", "did you mean finney"),
        ("", "no network ''"),
        ("mainnet", "no network 'mainnet'"),
        ("http://127.0.0.1:9944", "is not the URL of a node"),
        ("ws://", "is not the URL of a node"),
        ("ws://host:port", "is not the URL of a node"),
        ("ws://host:0", "is not the URL of a node"),
        ("ws://host:99999", "is not the URL of a node"),
        ("ws://ho st", "is not the URL of a node"),
        ("ws://host#x", "is not the URL of a node"),
        ("ws://a..b", "is not the URL of a node"),
        ("ws://" + "y" * 64, "is not the URL of a node"),
        ("ws://" + "abc." * 64 + "de", "is not the URL of a node"),
        ("ws://é..x", "is not the URL of a node"),
        ("127.0.0.1:9944", "is not the URL of a node"),
        ("user:s3cret@host:9944", "is not the URL of a node"),
    ],
)
def test_what_names_no_network_is_refused_and_what_may_is_told(network, words):
    with pytest.raises(UsageError, match=words.replace("'", ".")) as problem:
        url_of(network)

    assert "finney" in str(problem.value.help)
    assert "s3cret" not in str(problem.value)


@pytest.mark.parametrize(
    ("network", "name"),
    [
        ("finney", "finney"),
        ("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
        ("WSS://Node.Example/", "wss://node.example"),
        ("wss://node.example:443/ws?apikey=s3cret#x", "wss://node.example"),
        ("wss://user:p@ss:w0rd@[2001:db8::1]:9944/k3y", "wss://[2001:db8::1]:9944"),
        ("user:s3cret@node.example:9944", "node.example:9944"),
    ],
)
def test_of_a_url_only_scheme_host_and_port_are_shown(network, name):
    assert shown(network) == name


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_shown_without_secrets_or_refused(text):
    assert "@" not in shown(text).partition("://")[2]
    if text not in NETWORKS:
        try:
            url_of(text)
        except UsageError:
            return
        assert text.lower().startswith(("ws://", "wss://"))


def test_the_path_of_a_url_tells_two_chains_of_one_provider_apart():
    assert parts_of("wss://node.example/one") != parts_of("wss://node.example/two")
    assert parts_of("wss://node.example/one/") == parts_of("wss://node.example:443/one")


URL = "wss://somebody:hunt%23er@node.example:9944/v1/cafe0123?key=t0ken99&x=1"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Max retries reached.", "Max retries reached"),
        (f"cannot reach {URL}", "cannot reach wss://node.example:9944"),
        ("hunt#er of somebody, hunt%23er", "… of …, …"),
        ("no cafe0123 for t0ken99", "no … for …"),
        ("Basic c29tZWJvZHk6aHVudCNlcg==", "Basic …"),
        ("by http://me:s3cret@proxy:3128", "by http://proxy:3128"),
        ("two\nlines\x1b[2J", "two lines[2J"),
        ("x" * 999, "x" * 200),
        ("", ""),
    ],
)
def test_what_others_say_of_a_node_is_one_line_without_the_url_s_secrets(words, told):
    assert discreet(words, URL) == told


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_others_say_is_one_printable_line(words):
    told = discreet(words, URL)

    assert len(told) <= 200
    assert not told or told.isprintable()


def test_names_are_read_without_any_sdk_or_library():
    code = "import sys, dendrite_cli.networks; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert (
        loaded & {"websockets", "bittensor", "async_substrate_interface", "asyncio", "socket", "ssl", "aiohttp"}
        == set()
    )
    assert {name for name in loaded if name.startswith("dendrite_cli.")} == {
        "dendrite_cli.networks",
        "dendrite_cli.errors",
    }
