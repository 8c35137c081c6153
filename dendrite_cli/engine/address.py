"""What an address is, and from which of ours it would be reached; nobody is asked."""

import socket
from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=4096)
def is_numeric(host: str) -> bool:
    """Say whether a host is an IP address, which needs no looking up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def source_for(address: str) -> str | None:
    """Return the IP address we send from to `address`; nothing is sent to find it out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
