"""What of a request's headers may be shown: all but what would let others speak in our name."""

import re
from collections.abc import Mapping

from dendrite_cli.protocol.signing import elide

WITHHELD = "[withheld]"
_SECRET = re.compile(r"authorization|cookie|key|token|secret", re.IGNORECASE)
_PUBLIC = frozenset({"bt_header_axon_hotkey", "bt_header_dendrite_hotkey", "x-bittensor-hotkey"})
"""Addresses: they only sound like keys, and who asks whom is what a reader wants to know."""


def shown(headers: Mapping[str, str], signature: str | None) -> dict[str, str]:
    """Return the headers without our `signature` (hex, without `0x`) and without the values of those that are secret.

    A field's stand-in (`bt_header_input_obj_api_key`) is judged by its name like any other header.
    """
    return {name: _value(name, value, signature) for name, value in headers.items()}


def _value(name: str, value: str, signature: str | None) -> str:
    if _SECRET.search(name) and name.lower() not in _PUBLIC:
        return WITHHELD
    return str(elide(value, signature)) if signature else value
