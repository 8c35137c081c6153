import os
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dendrite_cli.axons import cache as caching
from dendrite_cli.axons.cache import FRESH, Cache, folder_of
from dendrite_cli.axons.snapshot import encode
from dendrite_cli.model import Axon, Metagraph, Standing

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
NOW = 1795372218.412345
STANDING = Standing(1234.5, 0.25, 1.5, validator_permit=False, active=True)
FINNEY = Metagraph(
    "finney",
    1,
    7811204,
    NOW,
    None,
    (Axon("192.0.2.17", 8091, ALICE, 1, 0, ALICE, 7811204, "metagraph", None, STANDING),),
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "dendrite"


@pytest.fixture
def cache(folder):
    return Cache(folder)


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_a_metagraph_is_kept_with_its_age(cache):
    assert cache.store(FINNEY) is None

    cached, problem = cache.load("finney", 1, NOW + 41.25)
    assert problem is None
    assert cached.metagraph == FINNEY
    assert cached.age == 41.25


@pytest.mark.parametrize(
    ("later", "fresh"), [(0, True), (FRESH - 0.01, True), (FRESH, False), (1e9, False), (-0.1, False), (-1e9, False)]
)
def test_a_metagraph_is_fresh_for_minutes_and_never_when_it_is_from_the_future(cache, later, fresh):
    cache.store(FINNEY)

    cached, _ = cache.load("finney", 1, NOW + later)
    assert cached.fresh is fresh
    assert cached.age == pytest.approx(later, abs=0.001)


def test_what_was_never_asked_for_is_neither_there_nor_a_problem(cache):
    assert cache.load("finney", 1, NOW) == (None, None)

    cache.store(FINNEY)
    assert cache.load("finney", 2, NOW) == (None, None)
    assert cache.load("test", 1, NOW) == (None, None)


def test_a_later_metagraph_takes_the_place_of_the_one_before(cache, folder):
    cache.store(FINNEY)
    cache.store(replace(FINNEY, block=7811299, axons=()))

    assert cache.load("finney", 1, NOW)[0].metagraph.block == 7811299
    assert only_file(folder).name == "metagraph-finney-1.json"


def test_nobody_else_may_look(cache, folder):
    before = os.umask(0)
    try:
        cache.store(FINNEY)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


def test_two_names_of_one_chain_do_not_speak_for_each_other(cache):
    genesis = "0x" + "ab" * 32
    cache.store(replace(FINNEY, genesis=genesis, network="wss://stranger.example"))

    assert cache.load("finney", 1, NOW) == (None, None)


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("wss://node.example", "WSS://Node.Example:443/"),
        ("wss://old:s3cret@node.example/ws", "wss://node.example/ws/"),
        ("ws://[::1]:9944", " ws://[::1]:9944#here"),
    ],
)
def test_spellings_of_one_url_are_one_network_under_the_name_that_was_asked_for(cache, stored, asked):
    cache.store(replace(FINNEY, network=stored))

    cached, _ = cache.load(asked, 1, NOW)
    assert cached.metagraph == replace(FINNEY, network=asked)


def test_one_providers_urls_for_two_chains_are_two_networks(cache):
    cache.store(replace(FINNEY, network="wss://node.example/finney"))

    assert cache.load("wss://node.example/test", 1, NOW) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "wss://user:s3cret@node.example:9944/ws",
        "wss://node.example/s3cret",
        "wss://node.example/?apikey=s3cret",
        "wss://s3cret@node.example/../../../../etc/passwd",
        "../../s3cret",
    ],
)
def test_a_url_leaves_no_secret_and_no_path_behind(cache, folder, url):
    cache.store(replace(FINNEY, network=url))

    for path in folder.parent.parent.rglob("*"):
        assert "s3cret" not in path.name
        if path.is_file():
            assert path.parent == folder
            assert b"s3cret" not in path.read_bytes()


@given(st.text(max_size=40), st.integers(0, 65_535))
def test_any_network_has_a_file_name_that_is_no_path(network, netuid):
    name = caching._name(network, netuid)

    assert caching._OURS.fullmatch(name)
    assert name.replace("-", "").replace(".", "").isalnum()
    assert name.isascii()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is of no use: it is not JSON"),
        (encode(FINNEY)[:-20], "is of no use: it is not JSON, or not all of it"),
        (encode(FINNEY).replace(b"graph/1", b"graph/2"), "is of no use: it is of another version"),
        (encode(replace(FINNEY, netuid=2)), "is of no use: it is of another subnet"),
        (encode(replace(FINNEY, network="test")), "is of no use: it is of another subnet"),
    ],
    ids=["empty", "truncated", "newer", "netuid", "network"],
)
def test_a_file_that_cannot_be_used_is_named_and_replaced(cache, folder, content, reason):
    cache.store(FINNEY)
    only_file(folder).write_bytes(content)

    cached, problem = cache.load("finney", 1, NOW)
    assert cached is None
    assert f"'{only_file(folder)}' {reason}" in problem
    assert cache.store(FINNEY) is None
    assert cache.load("finney", 1, NOW)[0].metagraph == FINNEY


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        (lambda path: path.mkdir(), "it is not a file"),
        (os.mkfifo, "it is not a file"),
        (lambda path: path.symlink_to("/etc/passwd"), "cannot read the cached metagraph"),
    ],
    ids=["folder", "pipe", "link"],
)
def test_what_is_no_file_is_not_read(cache, folder, put, reason):
    folder.mkdir(parents=True)
    put(folder / "metagraph-finney-1.json")

    cached, problem = cache.load("finney", 1, NOW)
    assert cached is None
    assert reason in problem


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_believed(cache, folder):
    cache.store(FINNEY)
    os.chown(only_file(folder), 65_534, -1)

    assert cache.load("finney", 1, NOW)[1].endswith("it belongs to another user")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_reason_and_no_failure(cache, folder):
    folder.mkdir(parents=True)
    folder.chmod(0o500)

    assert cache.store(FINNEY) == f"cannot cache the metagraph in '{folder}': permission denied"


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_a_reason_and_no_failure(tmp_path, place):
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / place)

    assert cache.load("finney", 1, NOW) == (None, None)
    assert cache.store(FINNEY).startswith(f"cannot cache the metagraph in '{tmp_path / place}': ")


def test_without_a_folder_nothing_is_kept(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    cache = Cache(None)

    assert cache.store(FINNEY) == "cannot cache the metagraph: neither XDG_CACHE_HOME nor HOME names a folder"
    assert cache.load("finney", 1, NOW) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_metagraph_that_cannot_be_written_is_a_reason_and_no_failure(cache, folder):
    assert cache.store(replace(FINNEY, block=-1)) == (
        "cannot cache the metagraph: its block is not a whole number below 9,007,199,254,740,992"
    )
    assert not folder.exists()


def python(program: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that has these tests' `FINNEY` and a cache in the folder that is its first argument."""
    head = f"""
        import sys
        from dataclasses import replace
        from pathlib import Path
        from dendrite_cli.axons.cache import Cache
        from dendrite_cli.axons.snapshot import decode
        FINNEY = decode({encode(FINNEY)!r})
        cache = Cache(Path(sys.argv[1]))
    """
    source = textwrap.dedent(head) + textwrap.dedent(program)
    return subprocess.Popen([sys.executable, "-c", source, *arguments], stdout=subprocess.PIPE, text=True)


def test_a_full_disk_is_a_reason_and_leaves_what_was_there(cache, folder):
    cache.store(FINNEY)

    process = python(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        print(cache.store(replace(FINNEY, block=1)))
        """,
        str(folder),
    )
    said, _ = process.communicate(timeout=30)

    assert said == f"cannot cache the metagraph in '{folder}': file too large\n"
    assert only_file(folder).name == "metagraph-finney-1.json"
    assert cache.load("finney", 1, NOW)[0].metagraph == FINNEY


def test_two_processes_at_once_leave_a_whole_file_of_one_of_them(cache, folder):
    program = """
        for block in range(200):
            assert cache.store(replace(FINNEY, block=block)) is None
            found, problem = cache.load("finney", 1, FINNEY.fetched_at)
            assert problem is None and len(found.metagraph.axons) == 1
        print("done")
    """
    processes = [python(program, str(folder)) for _ in range(3)]

    assert [process.communicate(timeout=60)[0] for process in processes] == ["done\n"] * 3
    assert only_file(folder).name == "metagraph-finney-1.json"
    assert cache.load("finney", 1, NOW)[0].metagraph.block == 199


def test_the_newest_files_stay_and_what_is_not_ours_does_too(cache, folder):
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    (folder / ".dendrite-0123456789abcdef.tmp").write_text("left by a killed process")
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    for netuid in range(caching.MOST_FILES + 5):
        cache.store(replace(FINNEY, netuid=netuid))
        os.utime(folder / f"metagraph-finney-{netuid}.json", (netuid + 1, netuid + 1))

    kept = {entry.name for entry in folder.iterdir()}
    assert kept == {"notes.txt"} | {f"metagraph-finney-{netuid}.json" for netuid in range(5, caching.MOST_FILES + 5)}


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_CACHE_HOME": "/var/cache/me", "HOME": "/home/me"}, Path("/var/cache/me/dendrite")),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, Path("/home/me/.cache/dendrite")),
        ({"XDG_CACHE_HOME": "cache", "HOME": "/home/me"}, Path("/home/me/.cache/dendrite")),
        ({"XDG_CACHE_HOME": "~/cache", "HOME": "/home/me"}, Path("/home/me/.cache/dendrite")),
        ({"HOME": "/home/me"}, Path("/home/me/.cache/dendrite")),
        ({"XDG_CACHE_HOME": "/var/cache/me"}, Path("/var/cache/me/dendrite")),
        ({"HOME": ""}, None),
        ({"HOME": "here"}, None),
        ({}, None),
    ],
)
def test_the_folder_is_where_the_environment_wants_it(environment, folder):
    assert folder_of(environment) == folder
