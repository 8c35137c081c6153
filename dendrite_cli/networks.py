"""The names of networks, the nodes behind them, and how a node is shown.

Both SDKs have the same addresses for these names, but let the environment move `local`, and 10 takes some URLs for
a named network when a part of them looks like it. A URL that was typed is asked as it stands.
"""

import re
from urllib.parse import SplitResult, urlsplit

from dendrite_cli.errors import UsageError

NETWORKS = {
    "finney": "wss://entrypoint-finney.opentensor.ai:443",
    "test": "wss://test.finney.opentensor.ai:443",
    "local": "ws://127.0.0.1:9944",
    "archive": "wss://archive.chain.opentensor.ai:443",
}
PORTS = {"ws": 80, "wss": 443}
_USUAL = {scheme: f":{port}" for scheme, port in PORTS.items()}
_END_OF_HOST = re.compile("[/?#]")
FORMS = f"give {', '.join(NETWORKS)}, ws://HOST:PORT or wss://HOST:PORT"


def url_of(network: str) -> str:
    """Return the URL of a network's node; raise UsageError for what is neither a name nor a ws:// or wss:// URL."""
    if network in NETWORKS:
        return NETWORKS[network]
    parts = _split(network)
    if parts is not None and parts.scheme in PORTS and parts.hostname and not parts.fragment:
        return f"{parts.scheme}{network[len(parts.scheme) :]}"
    if "/" in network or ":" in network or "@" in network:
        raise UsageError(f"{shown(network)!r} is not the URL of a node", help=FORMS)
    raise UsageError(f"no network {network!r}{_nearest(network)}", help=FORMS)


def shown(network: str) -> str:
    """Return how a network may be shown and stored: of a URL its scheme, host and port.

    Users and passwords stand before a URL's host; providers of nodes put their customers' keys into path and query.
    """
    return parts_of(network)[0]


def parts_of(network: str) -> tuple[str, str]:
    """Return a name, or a URL's scheme, host and port; and the URL's path and query, which can hold a secret."""
    scheme, mark, rest = network.strip().partition("://")
    if not mark:
        scheme, rest = "", scheme
    place = _END_OF_HOST.split(rest, maxsplit=1)[0]
    path = rest[len(place) :].partition("#")[0]
    origin = f"{scheme}{mark}{place.rpartition('@')[2]}".lower()
    return origin.removesuffix(_USUAL.get(scheme.lower(), "")), path.rstrip("/")


def endpoint_of(url: str) -> tuple[str, int, bool]:
    """Return a URL's host, port, and whether it is spoken to by TLS."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORTS[parts.scheme], parts.scheme == "wss"


def _split(network: str) -> SplitResult | None:
    if not network.isprintable() or " " in network:
        return None
    try:
        parts = urlsplit(network)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _nearest(network: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(network.lower(), NETWORKS, n=1)
    return f"; did you mean {near[0]}?" if near else ""
