"""What an address is, and from which of ours it would be reached; nobody is asked."""

import socket
from functools import lru_cache
from ipaddress import ip_address

from dendrite_cli.model import Axon


def is_numeric(host: str) -> bool:
    """Whether `host` is an IP address rather than a name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host.partition("%")[0])
    except (OSError, ValueError):
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


def is_ours(address: str) -> bool:
    """Whether the IP address is one of this machine."""
    try:
        asked = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    source = source_for(address)
    return asked.is_loopback or (source is not None and ip_address(source.partition("%")[0]) == asked)


def host_of(axon: Axon) -> str:
    """Return what a Host header says: no zone, which means nothing elsewhere, and not HTTP's own port."""
    host, zone, port = axon.endpoint.partition("%")
    endpoint = f"{host}]{port.partition(']')[2]}" if zone else host
    return endpoint.removesuffix(":443" if axon.tls else ":80")
