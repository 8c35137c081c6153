"""Hotkeys, read by bittensor-wallet; coldkeys are never touched.

The library prints on stdout, asks stdin when it wants a password, panics on some broken files and raises errors
that no module exports. All of that ends here: what leaves this room is a signer or a WalletError.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from getpass import getpass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from dendrite_cli import files
from dendrite_cli.errors import WalletError

if TYPE_CHECKING:
    from bittensor_wallet import Keyfile, Keypair

_OWN_BTCLI = 11
"""The first major of bittensor with a btcli of its own; that of bittensor-cli, for 10, calls its options otherwise."""


@dataclass(frozen=True, slots=True)
class HotkeyFile:
    """Where a hotkey lies: `<path>/<wallet>/hotkeys/<hotkey>`."""

    wallet: str = "default"
    hotkey: str = "default"
    directory: Path = Path("~/.bittensor/wallets")

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.hotkeys / self.hotkey

    @property
    def hotkeys(self) -> Path:
        """The directory of this wallet's hotkeys."""
        return self.directory.expanduser() / self.wallet / "hotkeys"


def load(file: HotkeyFile, *, password_file: Path | None = None, may_ask: bool = True) -> "Keypair":
    """Return the hotkey in `file`; raise WalletError when it is missing, locked or broken.

    An encrypted one is opened with `password_file`'s first line, else by asking on the terminal if `may_ask`.
    """
    _check_names(file)
    _check_readable(file)
    from bittensor_wallet import Keyfile

    with _silenced():
        keyfile = Keyfile(str(file.path), file.hotkey)
    password = _password(keyfile, file, password_file, may_ask=may_ask) if _encrypted(file) else None
    return _open(keyfile, file, password)


def ephemeral() -> "Keypair":
    """Return a fresh key that is written nowhere."""
    from bittensor_wallet import Keypair

    return Keypair.create_from_seed(f"0x{os.urandom(32).hex()}")  # type: ignore[arg-type]  # its stub says bytes


def _check_names(file: HotkeyFile) -> None:
    """Keep the path inside `hotkeys/`: `-H ../coldkey` must not open a coldkey."""
    for kind, name in (("wallet", file.wallet), ("hotkey", file.hotkey)):
        if not name or "/" in name or name in {".", ".."} or "\0" in name:
            raise WalletError(f"{name!r} is not the name of a {kind}", help="names have no '/'; see --wallet-path")


def _check_readable(file: HotkeyFile) -> None:
    try:
        with file.path.open("rb") as stream:
            empty = not stream.read(1)
    except FileNotFoundError:
        raise _missing(file) from None
    except OSError as problem:
        reason = (problem.strerror or "not readable").lower()
        raise WalletError(
            f"cannot read hotkey {file.hotkey!r} of wallet {file.wallet!r}: {reason}", details=(f"file: {file.path}",)
        ) from None
    if empty:
        raise _broken(file, "the file is empty")


def _missing(file: HotkeyFile) -> WalletError:
    """Say what there is instead, and the next command to run."""
    if not (file.directory.expanduser() / file.wallet).is_dir():
        there = _names(file.directory.expanduser(), files=False)
        return WalletError(
            f"no wallet {file.wallet!r} in {file.directory}"
            + (f"; wallets there: {', '.join(there)}" if there else ""),
            help="choose another with -w and -H, use --ephemeral or --unsigned, "
            f"or create it: {_btcli('create', file)}",
        )
    there = _names(file.hotkeys, files=True)
    return WalletError(
        f"wallet {file.wallet!r} has no hotkey {file.hotkey!r}; "
        + (f"hotkeys there: {', '.join(there)}" if there else "it has none"),
        help=f"choose one with -H, or create it: {_btcli('new-hotkey', file)}",
    )


def _btcli(command: str, file: HotkeyFile) -> str:
    """Return the command line of the btcli that belongs to the installed bittensor."""
    import shlex
    from importlib.metadata import PackageNotFoundError, version

    try:
        named = "-w" if int(version("bittensor").partition(".")[0]) >= _OWN_BTCLI else "--wallet-name"
    except (PackageNotFoundError, ValueError):
        named = "--wallet-name"
    words = ["btcli", "wallet", command, named, file.wallet, "-H", file.hotkey]
    elsewhere = [] if file.directory == HotkeyFile().directory else ["--wallet-path", str(file.directory)]
    return shlex.join(words + elsewhere)


def _names(directory: Path, *, files: bool, most: int = 8) -> list[str]:
    """Return the names of the keys or wallets in `directory`; public halves are not keys."""
    try:
        found = sorted(entry.name for entry in directory.iterdir() if entry.is_file() == files)
    except OSError:
        return []
    found = [name for name in found if not name.endswith("pub.txt") and not name.startswith(".")]
    return found[:most] + ["..."] * (len(found) > most)


def _encrypted(file: HotkeyFile) -> bool:
    from bittensor_wallet.keyfile import keyfile_data_is_encrypted

    try:
        with _silenced():
            return bool(keyfile_data_is_encrypted(file.path.read_bytes()))
    except Exception:  # noqa: BLE001 - a broken file is found out when it is opened
        return False


def _password(keyfile: "Keyfile", file: HotkeyFile, password_file: Path | None, *, may_ask: bool) -> str | None:
    """Return the password; None when bittensor-wallet finds it in its own environment variable."""
    if password_file is not None:
        return _first_line(password_file)
    if keyfile.env_var_name() in os.environ:
        return None
    if may_ask and _has_terminal():
        try:
            return getpass(f"password for hotkey {file.hotkey!r} of wallet {file.wallet!r}: ")
        except KeyboardInterrupt:
            with suppress(OSError), Path("/dev/tty").open("w") as terminal:
                terminal.write("\n")  # the shell's prompt does not belong on this line
            raise
    raise WalletError(
        f"hotkey {file.hotkey!r} of wallet {file.wallet!r} is encrypted and there is no terminal to ask on",
        help="give --password-file FILE",
    )


def _has_terminal() -> bool:
    """Whether there is a terminal of our own to ask on; stdin is never asked."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _first_line(password_file: Path) -> str:
    try:
        text = files.read(password_file).decode()
    except (OSError, UnicodeError) as problem:
        reason = getattr(problem, "strerror", None) or "not text"
        raise WalletError(f"cannot read the password file {password_file}: {reason.lower()}") from None
    return text.split("\n", 1)[0].rstrip("\r")


def _open(keyfile: "Keyfile", file: HotkeyFile, password: str | None) -> "Keypair":
    try:
        with _silenced():
            keypair = keyfile.get_keypair(password=password)
            keypair.sign(b"")
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # noqa: BLE001 - a short encrypted file makes the library panic, below Exception
        if "password" in str(problem).lower():
            raise WalletError(
                f"wrong password for hotkey {file.hotkey!r} of wallet {file.wallet!r}",
                help="it is this hotkey's own; --password-file FILE has it in its first line",
            ) from None
        raise _broken(file, _first_words(problem)) from None
    return keypair


def _broken(file: HotkeyFile, reason: str) -> WalletError:
    return WalletError(
        f"hotkey {file.hotkey!r} of wallet {file.wallet!r} is not a usable key: {reason}",
        details=(f"file: {file.path}",),
        help="restore it with 'btcli wallet regen-hotkey'",
    )


def _first_words(problem: BaseException) -> str:
    words = str(problem).split("\n", 1)[0].split(": ", 1)[-1]
    return words[:1].lower() + words[1:].rstrip(".") if words else type(problem).__name__


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep what the library prints, by Python's streams and below them, out of ours."""
    saved = []
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        for number in (1, 2):
            try:
                saved.append((number, os.dup(number)))
            except OSError:  # the stream is closed
                continue
            os.dup2(nowhere, number)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            yield
    finally:
        for number, original in saved:
            os.dup2(original, number)
            os.close(original)
        os.close(nowhere)
