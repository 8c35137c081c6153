"""Which announced axons are dialled: a chain entry must not point us into our user's own network.

Anybody may announce any address on a chain. So what came from a metagraph is dialled only where it leads out into
the Internet. The tables are our own: Python's `is_global` changed between the versions that we run on, and knows
neither 6to4 nor NAT64. IPv6 is an allow-list, since only 2000::/3 has been handed out.
"""

import re
from collections.abc import Hashable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from dendrite_cli.model import Axon, Verdict

PUBLIC_GENESES = frozenset(
    {
        "2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03",  # finney, as in bittensor 11's settings
        "8f9cf856bf558a14440e75569c9e58594757048d7b3a84b5d25f6bd978263105",  # test
    }
)
"""The first blocks of the chains that anybody can write to."""

_HASH = re.compile(r"[0-9a-f]{64}")
_LOW_32 = 0xFFFF_FFFF
_Range = tuple[int, int]
"""A network as its first address and its mask: a metagraph is a thousand look-ups in each of these."""


def _ranges(*texts: str) -> tuple[_Range, ...]:
    return tuple((int(network.network_address), int(network.netmask)) for network in map(ip_network, texts))


_CLOSED_V4 = _ranges(
    "0.0.0.0/8",  # this host, this network
    "10.0.0.0/8",
    "100.64.0.0/10",  # behind a carrier's NAT; VPNs and clouds use it too
    "127.0.0.0/8",
    "168.63.129.16/32",  # an Azure host, from inside its machines; nowhere else
    "169.254.0.0/16",  # link-local, and where clouds hand out credentials
    "172.16.0.0/12",
    "192.0.0.0/24",  # IETF protocols
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # once the nearest 6to4 relay
    "192.168.0.0/16",
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
)
_GLOBAL_V6 = _ranges("2000::/3")
_CLOSED_V6 = _ranges(
    "2001::/23",  # IETF protocols, benchmarks, ORCHID; Teredo is unwrapped first
    "2001:db8::/32",  # documentation
    "3fff::/20",  # documentation
)
_MAPPED = _ranges("::ffff:0:0/96")
_LAST_32 = _ranges("::/96", "::ffff:0:0/96", "64:ff9b::/96")
"""IPv4-compatible, IPv4-mapped, and NAT64, which all end in an IPv4 address.

NAT64 of local use, 64:ff9b:1::/48, is not among them: it leads into some network's own translator, which alone knows
where in the address it looks, so it stays outside of the allow-list whatever it ends in.
"""
_6TO4 = _ranges("2002::/16")
_TEREDO = _ranges("2001::/32")


def verdict(axon: Axon, *, allow_private: bool, local_network: bool) -> Verdict | None:
    """Return why `axon` is not dialled, NOT_SERVING or PRIVATE_ADDR; None when it is.

    What the user typed is always dialled. All else is held to the rule, whatever source it names. A host that is
    no plain IP address is PRIVATE_ADDR: a chain holds addresses only, so a name was put there by somebody else,
    and a name, like `127.1` or `0x7f.1`, can lead anywhere once the system reads it.
    """
    if axon.source == "literal":
        return None
    if not serves(axon):
        return Verdict.NOT_SERVING
    if allow_private or local_network or is_global(axon.host):
        return None
    return Verdict.PRIVATE_ADDR


def serves(axon: Axon) -> bool:
    """Whether the axon announces an endpoint at all; address 0 counts as none in every spelling."""
    if not axon.is_serving or axon.host == "0":
        return False
    address = address_of(axon.host)
    return address is None or int(address) != 0


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that `host` writes out, an IPv4-mapped one as IPv4; None for anything else."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.scope_id is None and _within(int(address), _MAPPED):
        return IPv4Address(int(address) & _LOW_32)
    return address


def host_key(host: str) -> Hashable:
    """Return what all spellings of a host have in common: two hosts are one if their keys are equal."""
    return address_of(host) or host.lower().removesuffix(".")


def is_global(host: str) -> bool:
    """Whether `host` is an IP address that leads out into the Internet, also once what it wraps is unwrapped."""
    address = address_of(host)
    if address is None:
        return False
    if isinstance(address, IPv4Address):
        return not _within(int(address), _CLOSED_V4)
    if address.scope_id is not None:
        return False  # a scope is one of our own links
    wrapped = _wrapped(int(address))
    if wrapped:
        return not any(_within(inner, _CLOSED_V4) for inner in wrapped)
    return _within(int(address), _GLOBAL_V6) and not _within(int(address), _CLOSED_V6)


def is_local(url_host: str, genesis: str | None) -> bool:
    """Whether a node is its user's own chain: on a loopback address, and not of a public network.

    `url_host` is the host of the node's URL, `genesis` the hash of its first block. A validator's own finney node is
    no local network, and neither is one whose first block is not known.
    """
    first = (genesis or "").lower().removeprefix("0x")
    return bool(_HASH.fullmatch(first)) and first not in PUBLIC_GENESES and _is_loopback(url_host)


def _is_loopback(host: str) -> bool:
    bare = host.removeprefix("[").removesuffix("]").lower()
    address = address_of(bare)
    return bare == "localhost" if address is None else address.is_loopback


def _wrapped(address: int) -> tuple[int, ...]:
    """Return the IPv4 addresses to which an IPv6 address leads; none if it leads nowhere else."""
    if _within(address, _LAST_32):
        return (address & _LOW_32,)
    if _within(address, _6TO4):
        return (address >> 80 & _LOW_32,)
    if _within(address, _TEREDO):  # its server, and its client with every bit turned over
        return (address >> 64 & _LOW_32, ~address & _LOW_32)
    return ()


def _within(address: int, ranges: tuple[_Range, ...]) -> bool:
    return any(address & mask == first for first, mask in ranges)
