"""Whether an axon is asked through an HTTP proxy, and what the proxy is told."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from dendrite_cli.errors import UsageError
from dendrite_cli.model import Axon

_FORM = "write http://HOST:PORT, or env for the environment's http_proxy and no_proxy"
_DEFAULT_PORT = 80


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that takes requests in absolute form."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)
    """Value of a Proxy-Authorization header; a secret."""


Route = Callable[[Axon], Proxy | None]
"""Which proxy an axon is asked through; None for none."""


def direct(_axon: Axon) -> None:
    """Ask no proxy."""


def route(wanted: str | None) -> Route:
    """Return the route that `--proxy` names: none, one URL for all, or what the environment says; raise UsageError."""
    if wanted is None:
        return direct
    if wanted != "env":
        proxy = parse(wanted, "--proxy")
        return lambda _: proxy
    # takes HTTP and e-mail along, which a run without a proxy never needs
    from urllib.request import getproxies_environment, proxy_bypass

    named = getproxies_environment()
    url = named.get("http") or named.get("all")
    if url is None:
        return direct
    proxy = parse(url, "the environment's http_proxy")
    return lambda axon: None if proxy_bypass(axon.endpoint) else proxy


def parse(url: str, name: str) -> Proxy:
    """Return the proxy of a URL; raise UsageError, which does not repeat the URL: a password may be in it."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or _DEFAULT_PORT
    except ValueError as problem:
        raise UsageError(f"{name} is not the URL of a proxy: {problem}", help=_FORM) from None
    if not host:
        raise UsageError(f"{name} is not the URL of a proxy: it has no host", help=_FORM)
    if parts.scheme.lower() != "http":
        raise UsageError(f"{name} names a proxy of the kind {parts.scheme!r}; only http is spoken", help=_FORM)
    if parts.username is None:
        return Proxy(host, port)
    words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Proxy(host, port, f"Basic {b64encode(words.encode()).decode()}")
