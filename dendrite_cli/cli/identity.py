"""Who asks: from the identity options to a signer."""

from dendrite_cli import wallet
from dendrite_cli.cli.groups import Identity
from dendrite_cli.cli.sending import Sender
from dendrite_cli.errors import UsageError


def check(identity: Identity) -> None:
    """Raise UsageError for options that contradict each other, before anything is read."""
    if ":" in identity.wallet_hotkey:
        raise UsageError(
            f"-H names the hotkey that signs, and {identity.wallet_hotkey!r} looks like an HTTP header",
            help="a header is given with --header K:V",
        )
    if identity.unsigned and identity.ephemeral:
        raise UsageError("--unsigned and --ephemeral contradict each other", help="give one of them")
    if identity.password_file and (identity.unsigned or identity.ephemeral):
        raise UsageError("--password-file is for a wallet's hotkey, and none is used", help="leave it out")


def sender(identity: Identity) -> Sender:
    """Return who signs; nobody for an unsigned run. Raises WalletError."""
    if identity.unsigned:
        return Sender()
    if identity.ephemeral:
        return Sender(wallet.ephemeral(), "an ephemeral key")
    file = wallet.HotkeyFile(identity.wallet, identity.wallet_hotkey, identity.wallet_path)
    hotkey = wallet.load(file, password_file=identity.password_file, may_ask=not identity.no_input)
    return Sender(hotkey, f"{file.wallet}/{file.hotkey}")
