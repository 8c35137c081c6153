"""The names of networks, the nodes behind them, and how a node is shown.

Both SDKs have the same addresses for these names, but let the environment move `local`, and 10 takes some URLs for
a named network when a part of them looks like it. A URL that was typed is asked as it stands.
"""

import re
from urllib.parse import SplitResult, unquote, urlsplit

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
_LONGEST_HOST, _LONGEST_LABEL = 253, 63
"""Letters of a host's name and of what is between two of its dots, in DNS."""
_USER = re.compile(r"//[^/\s]*@")
_SHORTEST_SECRET = 4
"""Letters; what is shorter is no secret, and is found in every sentence."""
LONGEST = 200
FORMS = f"give {', '.join(NETWORKS)}, ws://HOST:PORT or wss://HOST:PORT"


def url_of(network: str) -> str:
    """Return the URL of a network's node; raise UsageError for what is neither a name nor a ws:// or wss:// URL."""
    if network in NETWORKS:
        return NETWORKS[network]
    parts = _split(network)
    if parts is not None and parts.scheme in PORTS and _is_host(parts.hostname or "") and not parts.fragment:
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


def discreet(words: str, url: str) -> str:
    """Return what others said about a node: one line of at most `LONGEST` letters, without its URL's secrets."""
    found = words.replace(url, shown(url))
    for secret in sorted(_secrets(url), key=len, reverse=True):
        found = found.replace(secret, "…")
    line = " ".join(_USER.sub("//", found).split())
    return "".join(letter for letter in line if letter.isprintable())[:LONGEST].rstrip(". ")


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


def _is_host(host: str) -> bool:
    """Tell whether a name server, or nobody, could be asked for it: what is not raises UnicodeError later."""
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return False
    labels = host.removesuffix(".").split(".")
    return len(host) <= _LONGEST_HOST and all(0 < len(label) <= _LONGEST_LABEL for label in labels)


def _secrets(url: str) -> set[str]:
    """Return what is nobody else's business in a URL: user, password, path and query, in all their spellings."""
    from base64 import b64encode

    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    found = {parts.username or "", parts.password or "", b64encode(f"{user}:{password}".encode()).decode()}
    found |= {parts.path, parts.query, *parts.path.split("/"), *re.split("[&=]", parts.query)}
    return {secret for part in found for secret in (part, unquote(part)) if len(secret) >= _SHORTEST_SECRET}


def _nearest(network: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(network.lower(), NETWORKS, n=1)
    return f"; did you mean {near[0]}?" if near else ""
