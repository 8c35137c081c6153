"""Our signature, key and password appear nowhere, but in the raw bytes of an axon that echoes them."""

import json
import re
from pathlib import Path

import pytest
from bittensor_wallet import Keypair
from ground.cli import dendrite
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
