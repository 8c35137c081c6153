"""Our signature, key and password appear nowhere, but in the raw bytes of an axon that echoes them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bittensor_wallet import Keypair
from ground.cli import dendrite, environment
from ground.mocks import mock_axons
from ground.terminal import Terminal

from dendrite_cli.mock.behaviour import Behaviour

ECHO = "dendrite_cli.mock.example:Echo"
SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
PASSWORD = "Correct-horse-9"  # noqa: S105 - of a key made for the tests


@pytest.fixture(scope="module")
def axons():
    with mock_axons([Behaviour(), Behaviour(refuse="no"), Behaviour(status=500)]) as addresses:
        # the first once more under a wrong hotkey: a v10 axon then quotes the signature in its refusal
        wrong = f"{Keypair.create_from_uri('//other').ss58_address}@{addresses[0].partition('@')[2]}"
        yield [*addresses, wrong]


def secrets_in(text: str, wallets: Path) -> list[str]:
    """Return what must not be there: signatures, the password, and what the plain hotkey's file holds."""
    held = json.loads((wallets / "validator" / "hotkeys" / "default").read_text())
    private = [str(held[name]) for name in ("privateKey", "secretSeed", "secretPhrase") if held.get(name)]
    assert private
    found = [secret for secret in [*private, PASSWORD] if secret.removeprefix("0x") in text]
    return found + SIGNATURE.findall(text)


@pytest.mark.parametrize("output", ["table", "ndjson", "csv", "json"])
@pytest.mark.parametrize("verbose", [(), ("-v",), ("-vv",)])
def test_no_output_mode_shows_a_secret(axons, wallets, output, verbose):
    targets = [part for axon in axons for part in ("-a", axon)]
    identity = ("--wallet-path", str(wallets), "-w", "validator")

    done = dendrite("query", "-s", ECHO, "text=hi", *targets, *identity, "-o", output, *verbose)

    assert "127.0.0.1" in done.stdout
    assert secrets_in(done.stdout + done.stderr, wallets) == []
    if output != "table":
        assert "[our signature]" in done.stdout


def test_a_terminal_shows_no_secret(axons, wallets):
    with Terminal("ping", *axons, "--wallet-path", str(wallets), "-w", "validator", "-v", columns=400) as terminal:
        terminal.wait()

    assert "Signature mismatch" in terminal.text
    assert secrets_in(terminal.raw.decode(), wallets) == []


def test_the_raw_bytes_of_an_axon_are_untouched(axons, wallets):
    identity = ("--wallet-path", str(wallets), "-w", "validator")

    done = dendrite("query", "-s", ECHO, "text=hi", "-a", axons[0], *identity, "-o", "raw")

    assert SIGNATURE.findall(done.stdout)


def test_a_locked_hotkey_gives_nothing_away(axons, wallets, password_file):
    identity = ("--wallet-path", str(wallets), "-w", "validator", "-H", "locked", "--password-file", str(password_file))

    done = dendrite("ping", *axons, *identity, "-vv", "-o", "json")

    assert json.loads(done.stdout)["summary"]["ok"] == 1
    assert secrets_in(done.stdout + done.stderr, wallets) == []


def test_a_wrong_password_is_not_repeated(axons, wallets, tmp_path):
    (tmp_path / "wrong").write_text("Wrong-horse-8")
    identity = ("--wallet-path", str(wallets), "-w", "validator", "-H", "locked")

    done = dendrite("ping", axons[0], *identity, "--password-file", str(tmp_path / "wrong"), "-vv")

    assert done.returncode == 3
    assert "Wrong-horse-8" not in done.stdout + done.stderr


def test_the_coldkey_is_never_opened(axons, wallets):
    """The coldkey is a pipe nobody writes to: whoever opened it to read would wait for ever."""
    import os

    coldkey = wallets / "validator" / "coldkey"
    coldkey.unlink()
    os.mkfifo(coldkey)

    done = dendrite("ping", axons[0], "--wallet-path", str(wallets), "-w", "validator", timeout=20)

    assert done.returncode == 0


BROKEN = """
import sys
from dendrite_cli.engine import run
def broken(*_, **__):
    raise RuntimeError("injected")
run.in_flight = broken
from dendrite_cli.cli.app import main
sys.exit(main(sys.argv[1:]))
"""


def files_in(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("locked", [False, True])
def test_nothing_that_is_kept_holds_a_secret(axons, wallets, password_file, tmp_path, locked):
    """The history with what axons echoed, streams and all, and whatever is cached."""
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    identity = ["--wallet-path", str(wallets), "-w", "validator"]
    identity += ["-H", "locked", "--password-file", str(password_file)] if locked else []
    targets = [part for axon in axons for part in ("-a", axon)]
    dendrite("query", "-s", ECHO, "text=hi", *targets, *identity, env=env)
    dendrite("stream", "-s", ECHO, "text=hi", *targets, *identity, env=env)
    dendrite("ping", "--proto", "auto", "--identity", *axons, *identity, env=env)
    dendrite("query", "--proto", "epistula", "--path", "/x", "text=hi", *targets, *identity, env=env)

    kept = files_in(tmp_path / "state") + files_in(tmp_path / "cache")
    assert "[our signature]" in kept
    assert secrets_in(kept, wallets) == []


def test_the_traceback_of_a_bug_and_what_is_said_beside_curl_hold_no_secret(axons, wallets):
    identity = ("--wallet-path", str(wallets), "-w", "validator")
    command = [sys.executable, "-P", "-c", BROKEN, "ping", *axons, *identity, "-vv"]
    broken = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    curl = dendrite("query", "-s", ECHO, "text=hi", "-a", axons[0], *identity, "--curl")

    assert (broken.returncode, "Traceback" in broken.stderr) == (70, True)
    assert secrets_in(broken.stdout + broken.stderr, wallets) == []
    assert len(SIGNATURE.findall(curl.stdout)) >= 1
    assert secrets_in(curl.stderr, wallets) == []
    assert [secret for secret in secrets_in(curl.stdout, wallets) if not SIGNATURE.fullmatch(secret)] == []
