"""Makes a wallet's hotkey for the start-up figures: `hotkey.py WALLETS` writes WALLETS/bench/hotkeys/default.

Run by the engine's interpreter, because the one that runs the benchmarks needs no bittensor-wallet.
"""

import sys
from pathlib import Path

from bittensor_wallet import Keyfile, Keypair


def main(wallets: Path) -> None:
    """Write an unencrypted key that is worth nothing."""
    hotkeys = wallets / "bench" / "hotkeys"
    hotkeys.mkdir(parents=True)
    keypair = Keypair.create_from_uri("//BenchDendrite")
    Keyfile(str(hotkeys / "default"), "default").set_keypair(keypair, encrypt=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
