"""By which way axons are reached."""

import socket
from dataclasses import dataclass
from ssl import SSLContext

from dendrite_cli.engine.proxy import Route, direct


@dataclass(frozen=True, slots=True)
class Way:
    """By which IP version, through which proxies, and how many connections are kept for another time."""

    family: socket.AddressFamily = socket.AF_UNSPEC
    """AF_INET or AF_INET6 for one of them only."""
    route: Route = direct
    keep: int = 0
    """Idle connections, at most."""
    tls: SSLContext | None = None
    """Who is believed to be who; None where no axon is asked by HTTPS."""
