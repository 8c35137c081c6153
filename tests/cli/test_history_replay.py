"""`dendrite history replay`: the same request, signed anew, to where the axons are now."""

import asyncio
import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from bittensor_wallet import Keypair
from ground.asking import read_request
from ground.cli import dendrite
from ground.mocks import mock_axons
from ground.subnet import metagraph

from dendrite_cli.axons.cache import Cache
from dendrite_cli.axons.snapshot import save
from dendrite_cli.mock.behaviour import Behaviour

ECHO = "dendrite_cli.mock.example:Echo"
GONE = Keypair.create_from_uri("//gone").ss58_address
REALSYN = Path(__file__).parents[1] / "vectors" / "realsyn"


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    return {name: str(tmp_path / name) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}


@pytest.fixture
def recorder():
    """A server that remembers every request that comes; yields its port and them."""
    seen: list[tuple[dict[str, str], bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + b'{"text":"yo"}')
        await writer.drain()
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(handle, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1], seen
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def rows(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def runs(home) -> list[dict]:
    return [row["run"] for row in rows(dendrite("history", "list", env=home))]


def test_a_replay_is_the_same_body_with_a_new_nonce_and_signature(recorder, home, wallets):
    port, seen = recorder
    hotkey = Keypair.create_from_uri("//axon").ss58_address
    identity = ("--wallet-path", str(wallets), "-w", "validator")
    body = '{"text":"\u00e9 9007199254740993","times":3}'
    asked = dendrite(
        "query", "-s", ECHO, "-a", f"{hotkey}@127.0.0.1:{port}", "--json", body, "loud:=true", *identity, "-t", "7",
        env=home,
    )  # fmt: skip

    replayed = dendrite("history", "replay", "last", env=home | {"BT_WALLET_NAME": "nobody"})

    assert (asked.returncode, replayed.returncode) == (0, 0), replayed.stderr
    (first, body_of_first), (second, body_of_second) = seen
    own = [json.loads(content) for content in (body_of_first, body_of_second)]
    assert [{key: value[key] for key in ("text", "times", "loud", "timeout")} for value in own] == [
        {"text": "\u00e9 9007199254740993", "times": 3, "loud": True, "timeout": 7}
    ] * 2
    assert first["computed_body_hash"] == second["computed_body_hash"]
    for fresh in ("nonce", "uuid", "signature"):
        name = f"bt_header_dendrite_{fresh}"
        assert first[name] != second[name]
    assert first["bt_header_dendrite_hotkey"] == second["bt_header_dendrite_hotkey"]
    after, before = runs(home)
    assert (after["origin"], before["origin"]) == (before["id"], None)
    assert after["command"] == "query"


def test_only_those_that_failed_are_asked_again(home):
    with mock_axons([Behaviour(), Behaviour(status=503), Behaviour()]) as addresses:
        closed = f"{Keypair.create_from_uri('//closed').ss58_address}@127.0.0.1:1"
        targets = [part for axon in [*addresses, closed] for part in ("-a", axon)]
        dendrite("query", "-s", ECHO, "text=hi", *targets, "--ephemeral", env=home)
        run = runs(home)[0]["id"]

        failed = dendrite("history", "replay", run, "--only", "failed", env=home)
        fine = dendrite("history", "replay", run, "--only", "ok", env=home)

    assert sorted(row["axon"]["port"] for row in rows(failed)) == sorted([1, int(addresses[1].rpartition(":")[2])])
    assert [row["outcome"] for row in rows(fine)] == ["ok", "ok"]
    assert {row["body"]["text"] for row in rows(fine)} == {"hi"}
    nobody = dendrite("history", "replay", "last", "--only", "failed", env=home)
    assert (nobody.returncode, "no axon is failed" in nobody.stderr) == (4, True)


def test_a_ping_is_replayed_with_its_rounds_and_its_layer(home):
    with mock_axons([Behaviour()]) as (address,):
        dendrite("ping", address, "--layer", "http", "-c", "2", "-i", "0", env=home)
        done = dendrite("history", "replay", "last", env=home)

    assert [(row["protocol"], row["round"]) for row in rows(done)] == [("http", 1), ("http", 2)]


def test_a_real_axon_accepts_a_replay(sdk10, home):
    axon = "{hotkey}@{host}:{port}".format(**sdk10["good"])
    synapse = f"{REALSYN / 'basic.py'}:EchoSynapse"
    asked = dendrite("query", "-s", synapse, "-a", axon, "text=hello", "--ephemeral", env=home)

    replayed = [dendrite("history", "replay", "last", env=home) for _ in range(2)]

    assert asked.returncode == 0, asked.stdout
    assert [done.returncode for done in replayed] == [0, 0], replayed[0].stderr
    assert {rows(done)[0]["body"]["reply"] for done in (asked, *replayed)} == {"echo: hello"}


def test_an_axon_that_moved_is_found_by_its_hotkey(home, tmp_path):
    with mock_axons([Behaviour(), Behaviour()]) as addresses:
        places = [("127.0.0.1", int(address.rpartition(":")[2])) for address in addresses]
        hotkeys = [address.partition("@")[0] for address in addresses]
        before = metagraph(places[0], ("127.0.0.1", 1), None, network="ws://127.0.0.1:9944")
        axons = [replace(axon, hotkey=hotkey) for axon, hotkey in zip(before.axons, [*hotkeys, GONE], strict=True)]
        file = tmp_path / "sn1.json"
        save(replace(before, axons=tuple(axons)), file)
        asked = dendrite("ping", "--snapshot", str(file), "--ephemeral", "--allow-private", "-u", "0-2", env=home)
        assert [row["outcome"] for row in sorted(rows(asked), key=lambda row: row["index"])] == [
            "ok",
            "connect_refused",
            "not_serving",
        ]

        # uid 1 has moved to where it answers, under another uid, and uid 2 is no longer registered
        moved = replace(axons[1], host=places[1][0], port=places[1][1], uid=2)
        save(replace(before, axons=(axons[0], moved)), file)
        failed = dendrite("history", "replay", "last", "--only", "failed", env=home)
        there = dendrite("history", "replay", runs(home)[1]["id"], "--only", "failed", "--same-endpoint", env=home)

    (row,) = rows(failed)
    assert (row["outcome"], row["axon"]["hotkey"], row["axon"]["uid"]) == ("ok", hotkeys[1], 2)
    assert "somewhere else now, and asked there: uid 2" in failed.stderr
    assert "not registered any more, and not asked: uid 2" in failed.stderr
    assert sorted(row["outcome"] for row in rows(there)) == ["connect_refused", "not_serving"]


def test_a_moved_axon_is_found_in_a_changed_cache(home):
    cache = Cache(Path(home["XDG_CACHE_HOME"]) / "dendrite")
    with mock_axons([Behaviour()]) as (address,):
        hotkey, port = address.partition("@")[0], int(address.rpartition(":")[2])
        wrong = metagraph(("127.0.0.1", 1), network="finney")
        axon = replace(wrong.axons[0], hotkey=hotkey)
        cache.store(replace(wrong, axons=(axon,)))
        ping = dendrite("ping", "--netuid", "1", "--allow-private", "--ephemeral", env=home)
        cache.store(replace(wrong, axons=(replace(axon, port=port),)))
        done = dendrite("history", "replay", "last", env=home)

    assert [row["outcome"] for row in rows(ping)] == ["connect_refused"]
    assert [row["outcome"] for row in rows(done)] == ["ok"], done.stderr
    assert runs(home)[0]["netuid"] == 1


def test_a_redacted_field_is_asked_for_again(home):
    with mock_axons([Behaviour()]) as (address,):
        asked = ("query", "-s", ECHO, "-a", address, "text=my secret", "--redact", "text", "--ephemeral")
        printed = dendrite(*asked, env=home)
        refused = dendrite("history", "replay", "last", env=home)
        given = dendrite("history", "replay", "last", "text=other", env=home)

    assert rows(printed)[0]["body"]["text"] == "my secret"
    assert (refused.returncode, "text=..." in refused.stderr) == (2, True)
    assert rows(given)[0]["body"]["text"] == "other"
    kept = [path.read_bytes() for path in (Path(home["XDG_STATE_HOME"]) / "dendrite").iterdir()]
    assert not any(b"my secret" in content for content in kept)


def test_a_class_in_a_file_is_found_from_anywhere(home, tmp_path):
    subnet = tmp_path / "subnet"
    subnet.mkdir()
    (subnet / "protocol.py").write_text("from dendrite_cli.mock.example import Echo as Echo\n")
    with mock_axons([Behaviour()]) as (address,):
        for spec in ("./protocol.py:Echo", "protocol:Echo"):
            asked = dendrite("query", "-s", spec, "-a", address, "text=hi", "--ephemeral", env=home, cwd=subnet)
            done = dendrite("history", "replay", "last", env=home)
            assert (asked.returncode, done.returncode) == (0, 0), done.stderr


def test_a_replay_can_be_a_dry_run(home):
    with mock_axons([Behaviour()]) as (address,):
        dendrite("query", "-s", ECHO, "-a", address, "text=hi", "--ephemeral", env=home)
        done = dendrite("history", "replay", "last", "--dry-run", "-o", "json", env=home)

    assert json.loads(done.stdout)[0]["body"]["text"] == "hi"
    assert len(runs(home)) == 1


def test_no_secret_of_a_command_line_is_kept(home, wallets):
    with mock_axons([Behaviour()]) as (address,):
        node = "wss://user:hunter2@node.example:443/api-key-hunter3?k=hunter4"
        proxied = "http://me:hunter5@127.0.0.1:1"
        common = ("--wallet-path", str(wallets), "-w", "validator", "-n", node, "--proxy", proxied)
        dendrite("query", "-s", ECHO, "-a", address, "text=hi", *common, env=home)

    kept = b"".join(path.read_bytes() for path in (Path(home["XDG_STATE_HOME"]) / "dendrite").iterdir())
    held = json.loads((wallets / "validator" / "hotkeys" / "default").read_text())
    assert b"node.example" in kept
    assert re.findall(rb"hunter\d", kept) == []
    assert re.findall(rb"[0-9a-fA-F]{128}", kept) == []
    secret = [str(held[name]) for name in ("privateKey", "secretSeed", "secretPhrase") if held.get(name)]
    assert not any(each.removeprefix("0x").encode() in kept for each in secret)
