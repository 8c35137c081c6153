"""What can stand for a value: names of wallets, networks, neurons, classes and runs, as this machine knows them.

Nothing here imports what is slow, asks a network, or fails.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Offers: TypeAlias = list[tuple[str, str]]
"""Values and what is said of them."""

NETWORKS = ("finney", "test", "local", "archive")
_VARIABLES = {
    "wallet": ("DENDRITE_WALLET", "BT_WALLET_NAME", "BT_WALLET"),
    "wallet-path": ("DENDRITE_WALLET_PATH", "BT_WALLET_PATH"),
    "network": ("DENDRITE_NETWORK", "BT_NETWORK", "BT_SUBTENSOR_NETWORK"),
    "netuid": ("DENDRITE_NETUID",),
}
_DEFAULTS = {"wallet": "default", "wallet-path": "~/.bittensor/wallets", "network": "finney"}


@dataclass(frozen=True)
class Asked:
    """What is being typed, and what stands before it."""

    word: str
    given: Mapping[str, str] = field(default_factory=dict)
    """Values of the options before, by their long names."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def value(self, name: str) -> str:
        """Return what an option is: as given, as the environment says, or as it is without."""
        told = (self.environment.get(variable) for variable in _VARIABLES.get(name, ()))
        return self.given.get(name) or next(filter(None, told), "") or _DEFAULTS.get(name, "")


def offers(source: str, asked: Asked) -> Offers:
    """Return what a source has for a word; what cannot be shown on a line is left out."""
    found = _SOURCES[source](asked) if source in _SOURCES else []
    return [(value, about) for value, about in found if value.startswith(asked.word) and value.isprintable()]


def _wallets(asked: Asked) -> Offers:
    folder = os.path.expanduser(asked.value("wallet-path"))  # noqa: PTH111 - pathlib is not loaded
    return _plain(name for name in _names(folder) if os.path.isdir(f"{folder}/{name}/hotkeys"))  # noqa: PTH112


def _hotkeys(asked: Asked) -> Offers:
    folder = os.path.expanduser(f"{asked.value('wallet-path')}/{asked.value('wallet')}/hotkeys")  # noqa: PTH111
    return _plain(name for name in _names(folder) if not name.endswith("pub.txt"))


def _networks(asked: Asked) -> Offers:  # noqa: ARG001 - as all of them
    return _plain(NETWORKS)


def _netuids(asked: Asked) -> Offers:
    from dendrite_cli.axons.glance import netuids

    return _plain(str(netuid) for netuid in netuids(_cache(asked), asked.value("network")))


def _uids(asked: Asked) -> Offers:
    before, comma, _ = asked.word.rpartition(",")
    return [(f"{before}{comma}{uid}", hotkey) for uid, hotkey in _neurons(asked)]


def _addresses(asked: Asked) -> Offers:
    return [(hotkey, f"uid {uid}") for uid, hotkey in _neurons(asked)]


def _excluded(asked: Asked) -> Offers:
    return _uids(asked) + _addresses(asked)


def _classes(asked: Asked) -> Offers:
    from dendrite_cli.synapse.discover import classes

    return _plain(classes(as_file=asked.word.startswith(".")))


def _runs(asked: Asked) -> Offers:
    from dendrite_cli.history.glance import latest

    return [("last", "the latest run"), *latest(asked.environment)]


def _axons(asked: Asked) -> Offers:
    """Return lists of axons, once an @ says that one is meant."""
    if not asked.word.startswith("@"):
        return []
    folder, slash, _ = asked.word[1:].rpartition("/")
    place = os.path.expanduser(folder or (slash and "/") or ".")  # noqa: PTH111
    names = (f"{name}/" if os.path.isdir(f"{place}/{name}") else name for name in _names(place))  # noqa: PTH112
    return _plain(f"@{folder}{slash}{name}" for name in names)


_SOURCES: dict[str, Callable[[Asked], Offers]] = {
    "wallets": _wallets,
    "hotkeys": _hotkeys,
    "networks": _networks,
    "netuids": _netuids,
    "uids": _uids,
    "addresses": _addresses,
    "excluded": _excluded,
    "classes": _classes,
    "runs": _runs,
    "axons": _axons,
}


def _neurons(asked: Asked) -> list[tuple[int, str]]:
    from dendrite_cli.axons.glance import neurons

    netuid = asked.value("netuid")
    return neurons(_cache(asked), asked.value("network"), int(netuid)) if netuid.isdecimal() else []


def _cache(asked: Asked) -> str:
    named = asked.environment.get("XDG_CACHE_HOME", "")
    return f"{named}/dendrite" if named.startswith("/") else f"{asked.environment.get('HOME', '')}/.cache/dendrite"


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208
    except OSError:
        return []


def _plain(values: Iterable[str]) -> Offers:
    return [(value, "") for value in values]
