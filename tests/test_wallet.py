import os
import subprocess
import sys

import pytest
from bittensor_wallet import Keypair

from dendrite_cli import wallet
from dendrite_cli.errors import WalletError
from dendrite_cli.wallet import HotkeyFile


def test_a_plain_hotkey_signs(wallets):
    signer = wallet.load(HotkeyFile("validator", "default", wallets))

    assert Keypair(ss58_address=signer.ss58_address).verify(b"text", signer.sign(b"text"))


def test_an_encrypted_hotkey_opens_with_the_first_line_of_a_password_file(wallets, password_file):
    signer = wallet.load(HotkeyFile("validator", "locked", wallets), password_file=password_file)

    assert Keypair(ss58_address=signer.ss58_address).verify(b"text", signer.sign(b"text"))


def test_a_wrong_password_is_said_and_not_repeated(wallets, password_file):
    password_file.write_text("not-the-password")

    with pytest.raises(WalletError, match="wrong password for hotkey 'locked' of wallet 'validator'") as raised:
        wallet.load(HotkeyFile("validator", "locked", wallets), password_file=password_file)

    assert "not-the-password" not in f"{raised.value.message}{raised.value.details}{raised.value.help}"


def test_an_encrypted_hotkey_without_a_terminal_is_locked_and_stdin_is_not_asked(wallets):
    program = (
        "import sys; from pathlib import Path; from dendrite_cli import wallet, errors\n"
        "try: wallet.load(wallet.HotkeyFile('validator', 'locked', Path(sys.argv[1])))\n"
        "except errors.WalletError as problem: print(problem.message, '|', problem.help)"
    )

    child = subprocess.run(
        [sys.executable, "-c", program, str(wallets)],
        input="Correct-horse-9",
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
        check=True,
    )

    assert "is encrypted and there is no terminal to ask on | give --password-file FILE" in child.stdout
    assert child.stderr == ""


def test_a_missing_hotkey_names_those_that_exist_and_the_next_command(wallets):
    with pytest.raises(WalletError) as raised:
        wallet.load(HotkeyFile("validator", "main", wallets))

    assert raised.value.message == "wallet 'validator' has no hotkey 'main'; hotkeys there: corrupt, default, locked"
    assert "btcli wallet new-hotkey" in str(raised.value.help)


def test_a_missing_wallet_names_those_that_exist_and_the_next_command(wallets):
    with pytest.raises(WalletError) as raised:
        wallet.load(HotkeyFile("miner", "default", wallets))

    assert "no wallet 'miner'" in raised.value.message
    assert "wallets there: validator" in raised.value.message
    assert "--ephemeral or --unsigned" in str(raised.value.help)


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"{}", b'{"ss58Address":"x"}', b"$NACL", b"$NACLshort", b"\xff\xfe", b'{"secretSeed":"0x12"}'],
)
def test_a_broken_hotkey_file_is_an_error_and_prints_nothing(content, wallets, password_file, capfd):
    (wallets / "validator" / "hotkeys" / "broken").write_bytes(content)

    with pytest.raises(WalletError, match="hotkey 'broken' of wallet 'validator'"):
        wallet.load(HotkeyFile("validator", "broken", wallets), password_file=password_file)

    assert capfd.readouterr() == ("", "")


def test_a_hotkey_that_holds_no_private_key_is_not_usable(wallets):
    with pytest.raises(WalletError, match="is not a usable key"):
        wallet.load(HotkeyFile("validator", "defaultpub.txt", wallets))


@pytest.mark.parametrize("name", ["../coldkey", "..", "a/b", ""])
def test_a_hotkey_name_cannot_lead_out_of_the_hotkeys(name, wallets):
    with pytest.raises(WalletError, match="is not the name of a hotkey"):
        wallet.load(HotkeyFile("validator", name, wallets))


def test_a_directory_in_place_of_a_hotkey_is_an_error(wallets):
    (wallets / "validator" / "hotkeys" / "folder").mkdir()

    with pytest.raises(WalletError, match="cannot read hotkey 'folder' of wallet 'validator': is a directory"):
        wallet.load(HotkeyFile("validator", "folder", wallets))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_hotkey_is_an_error(wallets):
    (wallets / "validator" / "hotkeys" / "default").chmod(0)

    with pytest.raises(WalletError, match="permission denied"):
        wallet.load(HotkeyFile("validator", "default", wallets))


def test_a_missing_password_file_is_an_error(wallets, tmp_path):
    with pytest.raises(WalletError, match="cannot read the password file"):
        wallet.load(HotkeyFile("validator", "locked", wallets), password_file=tmp_path / "missing")


def test_every_ephemeral_key_is_a_new_one():
    assert wallet.ephemeral().ss58_address != wallet.ephemeral().ss58_address
