"""By which way axons are reached."""

import socket
from dataclasses import dataclass

from dendrite_cli.engine.proxy import Route, direct


@dataclass(frozen=True, slots=True)
class Way:
    """By which IP version, through which proxies, and how many connections are kept for another time."""

    family: socket.AddressFamily = socket.AF_UNSPEC
    """AF_INET or AF_INET6 for one of them only."""
    route: Route = direct
    keep: int = 0
    """Idle connections, at most."""
