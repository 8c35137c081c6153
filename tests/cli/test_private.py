"""An entry on the chain cannot make the tool dial its user's own network."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from ground.cli import dendrite
from ground.subnet import metagraph

from dendrite_cli.axons.cache import Cache
from dendrite_cli.axons.snapshot import save

LISTENING = ("127.0.0.1", "127.0.0.9", "::1")
MAPPED = "::ffff:127.0.0.1"
"""Leads to a listener, too."""
ELSEWHERE = ("10.0.0.1", "169.254.169.254", "192.0.2.1", "2001:db8::1", "fe80::1", "100.64.0.1", "fec0::1")


class Listener:
    """Listens, and remembers whether anybody came."""

    def __init__(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, 0), family=family)
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]

    @property
    def was_dialled(self) -> bool:
        try:
            self.socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def listeners() -> Iterator[dict[str, Listener]]:
    with ExitStack() as stack:
        found = {host: Listener(host) for host in LISTENING}
        for listener in found.values():
            stack.enter_context(listener.socket)
        yield found


@pytest.fixture
def announced(listeners) -> list[tuple[str, int]]:
    """What a metagraph announces: our listeners, and addresses of private and documentation networks."""
    ours = [(host, listener.port) for host, listener in listeners.items()]
    return [*ours, (MAPPED, listeners["127.0.0.1"].port), *((host, 8091) for host in ELSEWHERE)]


def outcomes(done) -> list[str]:
    return [json.loads(line)["outcome"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("layer", ["tcp", "http", "synapse"])
def test_private_addresses_of_a_snapshot_are_not_dialled(announced, listeners, tmp_path, layer):
    save(metagraph(*announced), tmp_path / "sn1.json")

    done = dendrite("ping", "--snapshot", str(tmp_path / "sn1.json"), "--ephemeral", "--layer", layer)

    assert set(outcomes(done)) == {"private_addr"}
    assert len(outcomes(done)) == len(announced)
    assert not any(listener.was_dialled for listener in listeners.values())


def test_private_addresses_of_the_cache_of_a_public_network_are_not_dialled(announced, listeners, tmp_path):
    assert Cache(tmp_path / "dendrite").store(metagraph(*announced)) is None

    done = dendrite("ping", "--netuid", "1", "--ephemeral", env={"XDG_CACHE_HOME": str(tmp_path)})

    assert set(outcomes(done)) == {"private_addr"}
    assert not any(listener.was_dialled for listener in listeners.values())


def test_a_public_network_s_own_node_on_loopback_is_not_a_local_network(announced, listeners, tmp_path):
    network = "ws://127.0.0.1:9944"
    assert Cache(tmp_path / "dendrite").store(metagraph(*announced, network=network)) is None

    done = dendrite("ping", "--netuid", "1", "-n", network, "--ephemeral", env={"XDG_CACHE_HOME": str(tmp_path)})

    assert set(outcomes(done)) == {"private_addr"}
    assert not any(listener.was_dialled for listener in listeners.values())


def test_private_addresses_are_not_dialled_when_they_are_fed_back(announced, listeners, tmp_path):
    save(metagraph(*announced), tmp_path / "sn1.json")
    listed = dendrite("axons", "--snapshot", str(tmp_path / "sn1.json"), "-o", "ndjson").stdout
    pinged = dendrite("ping", "--snapshot", str(tmp_path / "sn1.json"), "--ephemeral", "-o", "ndjson").stdout

    for records in (listed, pinged):
        done = dendrite("ping", "-a", "-", "--ephemeral", stdin=records)

        assert set(outcomes(done)) == {"private_addr"}
        assert not any(listener.was_dialled for listener in listeners.values())


def test_a_name_in_a_metagraph_s_record_is_not_dialled_either(listeners):
    record = {"axon": {"host": "localhost", "port": listeners["127.0.0.1"].port, "source": "metagraph", "uid": 1}}

    done = dendrite("ping", "-a", "-", "--ephemeral", stdin=json.dumps(record))

    assert outcomes(done) == ["private_addr"]
    assert not listeners["127.0.0.1"].was_dialled


def test_allow_private_dials_them(listeners, tmp_path):
    save(metagraph(*((host, listener.port) for host, listener in listeners.items())), tmp_path / "sn1.json")

    done = dendrite("ping", "--snapshot", str(tmp_path / "sn1.json"), "--layer", "tcp", "--allow-private")

    assert (done.returncode, outcomes(done)) == (0, ["ok"] * len(listeners))
    assert all(listener.was_dialled for listener in listeners.values())


def test_an_address_that_the_user_typed_is_dialled(listeners, tmp_path):
    listener = listeners["127.0.0.9"]
    save(metagraph(("127.0.0.9", listener.port)), tmp_path / "sn1.json")

    done = dendrite("ping", f"127.0.0.9:{listener.port}", "--snapshot", str(tmp_path / "sn1.json"), "--layer", "tcp")

    assert (done.returncode, outcomes(done)) == (0, ["ok"])
    assert listener.was_dialled


def test_what_is_not_dialled_fails_a_run_only_where_it_was_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        save(metagraph(server.getsockname(), None), tmp_path / "sn1.json")
        common = ("ping", "--snapshot", str(tmp_path / "sn1.json"), "--allow-private", "--layer", "tcp")

        swept = dendrite(*common)
        named = dendrite(*common, "-u", "0-1")

    assert (swept.returncode, sorted(outcomes(swept))) == (0, ["not_serving", "ok"])
    assert (named.returncode, sorted(outcomes(named))) == (1, ["not_serving", "ok"])
