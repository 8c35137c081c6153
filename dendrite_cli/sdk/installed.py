"""Which bittensor is installed, and how it is asked."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from dendrite_cli.sdk.columns import Answer

Ask = Callable[[str, int], tuple[Answer | None, str | None]]


def installed() -> str | None:
    """Return the version of bittensor; None without one."""
    try:
        return version("bittensor")
    except PackageNotFoundError:
        return None


def ask_of(version: str | None) -> Ask | Literal["missing", "unsupported"]:
    """Return the function that asks this version, or why there is none; raise ImportError for a broken SDK."""
    if version is None:
        return "missing"
    major = version.split(".", 1)[0]
    if major == "10":
        from dendrite_cli.sdk.v10 import ask as ask10

        return ask10
    if major == "11":
        from dendrite_cli.sdk.v11 import ask as ask11

        return ask11
    return "unsupported"
