"""What went wrong between us and a node, in one word and a few of the SDK's.

The SDKs lose most of it on the way: 10 raises an empty ConnectionError, 11 puts every failure to connect in one
sentence. So a connection that failed is looked at again, by the standard library.
"""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from dendrite_cli.networks import endpoint_of

PROBE = 5.0
"""Longest look at an endpoint, in seconds; the parent's deadline is over it."""
_NOT_FOR_TLS = 400
"""What web servers say to a request without TLS where they speak it."""
_ANSWERED = "SubstrateRequestException"
"""What both SDKs' transports call an error of the node's own; 11 makes a failure to connect of it while connecting."""


class CutError(Exception):
    """No connection, or one that was cut and could not be had again."""


class NodeError(Exception):
    """The node answered that it will not."""


class Kind(StrEnum):
    """The ways in which a fetch fails."""

    NAME = "name"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    PLAIN = "plain"
    """The node speaks TLS, and was asked without."""
    UNTRUSTED = "untrusted"
    """The node's certificate is not good for it."""
    PROXY = "proxy"
    HTTP = "http"
    SILENT = "silent"
    CUT = "cut"
    ANSWER = "answer"
    """An error, from the node itself."""
    GARBAGE = "garbage"
    MISSING = "missing"
    UNSUPPORTED = "unsupported"


SEEN: dict[type[OSError], Kind] = {
    socket.gaierror: Kind.NAME,
    ConnectionRefusedError: Kind.REFUSED,
    TimeoutError: Kind.SILENT,
    ConnectionError: Kind.CUT,
}
"""What the system says of an endpoint; the first that fits."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no metagraph."""

    kind: Kind
    words: str = ""
    """The SDK's or the system's own, as they are: whoever shows them takes the URL's secrets out."""


def trouble(problem: BaseException, url: str) -> Trouble:
    """Say what an exception out of an SDK means; may look at the endpoint itself."""
    chain = list(_chain(problem))
    words = next((str(each) for each in chain if str(each)), type(problem).__name__)
    for each in chain:
        if isinstance(each, InvalidStatus):
            status = each.response.status_code
            plain = status == _NOT_FOR_TLS and _expects_tls(url)
            return Trouble(Kind.PLAIN) if plain else Trouble(Kind.HTTP, str(status))
    if any(isinstance(each, NodeError) or type(each).__name__ == _ANSWERED for each in chain):
        return Trouble(Kind.ANSWER, words)
    if not any(isinstance(each, (CutError, OSError, EOFError, WebSocketException, RecursionError)) for each in chain):
        return Trouble(Kind.GARBAGE, words)
    if any(isinstance(each, ConnectionClosed) for each in chain):
        return Trouble(Kind.CUT, words)
    if _is_proxied(url):
        return Trouble(Kind.PROXY, words)
    return _look(url) or Trouble(Kind.SILENT if _timed_out(chain) else Kind.CUT, words)


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__


def _timed_out(chain: list[BaseException]) -> bool:
    return any(isinstance(each, TimeoutError) or "no response" in str(each) for each in chain)


def _is_proxied(url: str) -> bool:
    """Tell whether the SDKs ask this URL through a proxy of the environment, as websockets does since its 15."""
    from urllib.request import getproxies, proxy_bypass

    host, port, secure = endpoint_of(url)
    kinds = {"wss", "socks", "https"} if secure else {"ws", "socks", "https", "http"}
    return bool(kinds & getproxies().keys()) and not proxy_bypass(f"{host}:{port}")


def _look(url: str) -> Trouble | None:
    """Return what keeps a connection from the endpoint; None if nothing does."""
    host, port, secure = endpoint_of(url)
    try:
        with socket.create_connection((host, port), PROBE) as plain:
            if secure:
                ssl.create_default_context().wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as problem:
        return Trouble(Kind.UNTRUSTED, _lower(problem.verify_message))
    except ssl.SSLError as problem:
        return Trouble(Kind.TLS, _lower(problem.reason))
    except OSError as problem:
        kind = next((kind for error, kind in SEEN.items() if isinstance(problem, error)), Kind.UNREACHABLE)
        return Trouble(kind, _lower(problem.strerror) if kind in {Kind.NAME, Kind.UNREACHABLE} else "")
    return Trouble(Kind.PLAIN) if not secure and _expects_tls(url) else None


def _expects_tls(url: str) -> bool:
    """Tell whether TLS is spoken where a URL expects none, whoever it is that speaks it."""
    host, port, secure = endpoint_of(url)
    if secure:
        return False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), PROBE) as plain:
            context.wrap_socket(plain).close()
    except OSError:
        return False
    return True


def _lower(reason: str | None) -> str:
    return (reason or "").replace("_", " ").lower()
