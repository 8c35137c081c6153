"""Whether a request was signed by its sender, for this axon, just now and for the first time.

The checks, their order and their words are those of bittensor 10.5.0's `Axon.default_verify`. Only the memory
differs: the SDK's axon never forgets a nonce, this one forgets the sender that was silent longest.
"""

from collections import OrderedDict
from typing import Any

from pydantic import BaseModel

from dendrite_cli.protocol.signing import signed_text

_SECOND = 1_000_000_000
_WINDOW = 4 * _SECOND
_FRESHNESS_SINCE = 7_002_000
"""Senders below 7.2.0 have nonces that are no times."""


class UnverifiedError(Exception):
    """The request is not what its sender signed, or comes too late."""


class Nonces:
    """The last nonce of every (hotkey, uuid)."""

    def __init__(self, most: int = 10_000) -> None:
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._most = most

    def last(self, sender: tuple[str, str]) -> int | None:
        """Return the last nonce accepted from `sender`."""
        return self._last.get(sender)

    def accept(self, sender: tuple[str, str], nonce: int) -> None:
        """Remember `nonce`; beyond the most senders, forget the one that was silent longest."""
        self._last[sender] = nonce
        self._last.move_to_end(sender)
        if len(self._last) > self._most:
            self._last.popitem(last=False)


def verify(synapse: BaseModel, hotkey: str, nonces: Nonces, now: int) -> None:
    """Accept the nonce of `synapse`, built from a request's headers, or raise UnverifiedError.

    `hotkey` is the axon's own, `now` its clock in nanoseconds of Unix time.
    """
    from bittensor_wallet import Keypair

    # the envelope of a class that is known only at run time
    said: Any = synapse
    dendrite = said.dendrite
    try:
        keypair = Keypair(ss58_address=dendrite.hotkey)
        text = signed_text(dendrite.nonce, dendrite.hotkey, hotkey, dendrite.uuid, said.computed_body_hash)
        sender = (dendrite.hotkey, str(dendrite.uuid))
        _check_nonce(dendrite, nonces.last(sender), now, said.timeout or 0)
        if not dendrite.signature:
            raise UnverifiedError("Missing Signature")
        verified = keypair.verify(text.encode(), dendrite.signature)
    except ValueError as problem:  # an address or a signature that is none
        raise UnverifiedError(str(problem)) from problem
    if not verified:
        raise UnverifiedError(f"Signature mismatch with {text} and {dendrite.signature}")
    nonces.accept(sender, dendrite.nonce)


def _check_nonce(dendrite: Any, last: int | None, now: int, timeout: float) -> None:  # noqa: ANN401 - see verify
    if dendrite.nonce is None:
        raise UnverifiedError("Missing Nonce")
    if last is not None:
        if dendrite.nonce <= last:
            raise UnverifiedError("Nonce is too old, a newer one was last processed")
        return
    window = _WINDOW + timeout * _SECOND
    if (dendrite.version or 0) >= _FRESHNESS_SINCE and dendrite.nonce <= now - window:
        age = (now - dendrite.nonce) / _SECOND
        raise UnverifiedError(
            f"Nonce is too old: acceptable delta is {window / _SECOND:.2f} seconds "
            f"but request was {age:.2f} seconds old"
        )
