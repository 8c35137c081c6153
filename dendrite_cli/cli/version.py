"""`dendrite --version`: this program, what it stands on, and the protocols that it speaks."""

import platform
from importlib.metadata import PackageNotFoundError, version

from dendrite_cli import __version__

_BESIDE = ("bittensor", "bittensor-wallet", "aiohttp")
WIRES = ("synapse (bittensor 10.5.0)", "btauth/1", "epistula/2")
"""Each by the version in which it is spoken."""


def versions() -> str:
    """Return a line on the program, one on what is installed beside it, and one on the wire."""
    beside = [f"{name} {_installed(name)}" for name in _BESIDE]
    return "\n".join(
        (
            f"dendrite {__version__}",
            ", ".join([*beside, f"Python {platform.python_version()}"]),
            f"speaks {', '.join(WIRES)}",
        )
    )


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
