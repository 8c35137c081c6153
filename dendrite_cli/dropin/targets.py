"""Whom a program asks: anything with an address, a port and a hotkey, whatever package made it."""

from collections.abc import Iterable
from typing import Any

from dendrite_cli.model import Axon


def target_of(given: Any) -> Axon:
    """Return whom `given` stands for; raise TypeError for what is no axon.

    It may be an axon of ours, bittensor 10's AxonInfo or Axon, a neuron of SDK 11's metagraph, or anything with `ip`,
    `port` and `hotkey`. Who announces no address stays an axon: it is not dialled, and its result says so.
    """
    if isinstance(given, Axon):
        return given
    if callable(getattr(given, "info", None)):
        given = given.info()  # a bittensor 10 Axon, which listens elsewhere than it announces
    try:
        host, port = _place(given)
        return Axon(host, port, given.hotkey, coldkey=getattr(given, "coldkey", None))
    except (AttributeError, TypeError, ValueError) as problem:
        raise TypeError(
            f"a {type(given).__name__} is no axon: it needs ip, port and hotkey, as an AxonInfo has them ({problem})"
        ) from problem


def targets_of(given: Any) -> tuple[list[Any], bool]:
    """Return one axon or several as a list, and whether they were several."""
    is_one = isinstance(given, Axon) or hasattr(given, "hotkey") or not isinstance(given, Iterable)
    return ([given], False) if is_one else (list(given), True)


def _place(given: Any) -> tuple[str, int]:
    if not hasattr(given, "ip") and hasattr(given, "axon"):
        if given.axon is None:
            return "", 0
        host, _, port = given.axon.rpartition(":")
    else:
        host, port = str(given.ip), given.port
    return host.removeprefix("[").removesuffix("]"), int(port)
