import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.errors import UsageError
from dendrite_cli.networks import NETWORKS, endpoint_of, parts_of, shown, url_of


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
