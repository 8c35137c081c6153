"""Who signs a program's requests."""

import os
from pathlib import Path
from typing import Any

from dendrite_cli.protocol import Signer
from dendrite_cli.wallet import HotkeyFile, load


def signer_of(wallet: Any = None) -> Signer:
    """Return a wallet's hotkey, a keypair itself, or the default wallet's hotkey; raise WalletError, TypeError.

    The default is what the command line takes: `BT_WALLET_NAME`, `BT_WALLET_HOTKEY` and `BT_WALLET_PATH`, else
    wallet `default` and hotkey `default`.
    """
    if wallet is None:
        file = HotkeyFile()
        path = os.environ.get("BT_WALLET_PATH")
        return load(
            HotkeyFile(
                os.environ.get("BT_WALLET_NAME", file.wallet),
                os.environ.get("BT_WALLET_HOTKEY", file.hotkey),
                Path(path) if path else file.directory,
            )
        )
    key: Any = wallet if hasattr(wallet, "sign") else getattr(wallet, "hotkey", None)
    if not (hasattr(key, "sign") and hasattr(key, "ss58_address")):
        raise TypeError(f"a {type(wallet).__name__} cannot sign: give a wallet, a keypair, or nothing")
    return key  # type: ignore[no-any-return]
