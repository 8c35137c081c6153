"""`fetch`: one subnet's metagraph, from the chain, within a time."""

import time
from typing import Any

from dendrite_cli.errors import ChainError, TargetError
from dendrite_cli.model import Metagraph
from dendrite_cli.networks import discreet, shown, url_of
from dendrite_cli.sdk import child
from dendrite_cli.sdk.columns import metagraph

ELSE = "--snapshot FILE takes a saved metagraph, without the chain"
SUPPORTED = "bittensor>=10,<12"
NETUIDS = 2**16
_CUT = "cut"


def fetch(network: str, netuid: int, timeout: float) -> Metagraph:
    """Return the metagraph of `netuid` on `network`, a name or a ws:// or wss:// URL, in at most `timeout` seconds.

    Raises UsageError for a network that is none, TargetError for a subnet that is none, and ChainError for everything
    that keeps the chain from answering. A connection that was cut is tried once more.
    """
    url = url_of(network)
    if not 0 <= netuid < NETUIDS:
        raise _no_subnet(network, netuid)
    deadline = time.monotonic() + timeout
    fetched_at = time.time()
    document = child.ask(url, netuid, timeout)
    if isinstance(document, dict) and document.get("trouble") == _CUT and time.monotonic() < deadline:
        again = time.time()
        # a connection that was cut tells more than one that was not made again in the time that was left
        if second := child.ask(url, netuid, deadline - time.monotonic()):
            document, fetched_at = second, again
    if document is None:
        raise _error(
            f"{shown(url)} did not tell netuid {netuid} within {timeout:g} s",
            "wait longer (--chain-timeout), or ask another node; ",
        )
    return _read(document, network, netuid, fetched_at)


def _read(document: dict[str, Any] | child.Ended, network: str, netuid: int, fetched_at: float) -> Metagraph:
    url = url_of(network)
    if isinstance(document, child.Ended):
        words = discreet(document.last_words, url)
        how = f"code {document.code}" if document.code >= 0 else f"signal {-document.code}"
        raise _error(f"the SDK ended without an answer ({how})", details=(f"its last words: {words}",) if words else ())
    sdk = document.get("sdk")
    if kind := document.get("trouble"):
        raise _failure(kind, discreet(document.get("words", ""), url), shown(url), sdk)
    if document["answer"] is None:
        raise _no_subnet(network, netuid)
    try:
        return metagraph(
            document["answer"],
            network=shown(network),
            netuid=netuid,
            genesis=document["genesis"],
            fetched_at=fetched_at,
        )
    except ValueError as problem:
        raise _failure("garbage", discreet(str(problem), url), shown(url), sdk) from None


def _no_subnet(network: str, netuid: int) -> TargetError:
    return TargetError(f"there is no netuid {netuid} on {shown(network)}", help="check --netuid and -n/--network")


def _failure(kind: str, words: str, node: str, sdk: str | None) -> ChainError:
    """Say what happened, to which node, and what to do next."""
    said = f": {words}" if words else ""
    name = node.partition("://")[2]
    messages = {
        "name": (f"the name of {node} was not found{said}", "check -n/--network and the connection; "),
        "refused": (f"nothing listens at {node}", "start the node, or choose another with -n/--network; "),
        "unreachable": (f"{node} cannot be reached{said}", "check the connection; "),
        "tls": (f"no TLS with {node}{said}", f"a node without TLS is ws://{name}; "),
        "plain": (f"{node} expects TLS", f"ask wss://{name}; "),
        "untrusted": (
            f"the certificate of {node} cannot be trusted{said}",
            "ask it by the name in its certificate; SSL_CERT_FILE names one of your own authority; ",
        ),
        "proxy": (
            f"{node} cannot be reached through the proxy of the environment{said}",
            "check https_proxy, or exempt the node by no_proxy; ",
        ),
        "http": (
            f"{node} refused the connection with HTTP {words}",
            "wait a while, or ask another node; " if words == "429" else "ask another node with -n/--network; ",
        ),
        "silent": (f"{node} did not answer{said}", "wait longer (--chain-timeout), or ask another node; "),
        "cut": (f"{node} cut the connection{said}", "ask again, or another node; "),
        "answer": (f"{node} answered with an error{said}", "ask again, or another node; "),
        "garbage": (f"bittensor {sdk} cannot read the answer of {node}{said}", "ask another node; "),
        "missing": ("bittensor is not installed", f"pip install '{SUPPORTED}'; "),
        "unsupported": (f"bittensor {sdk} cannot be used to ask the chain{said}", f"pip install '{SUPPORTED}'; "),
    }
    return _error(*messages[kind])


def _error(message: str, first: str = "", details: tuple[str, ...] = ()) -> ChainError:
    return ChainError(message, details=details, help=first + ELSE)
