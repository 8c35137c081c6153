"""What all protocols do alike with a reply: why it refuses, and that nothing of our signatures is shown of it."""

from collections.abc import Sequence
from functools import reduce

from dendrite_cli import encoding
from dendrite_cli.model import Content
from dendrite_cli.protocol import Reading
from dendrite_cli.protocol.signing import echoes, elide, trimmed

TEXT_LIMIT = 4096
"""Characters that are kept of what is said in a status message, or as a text that is no JSON."""
_ENOUGH = 4 * (TEXT_LIMIT + 128)
"""Bytes that hold so many characters and a signature, whatever they are."""
_SAID = ("message", "detail", "error")
"""Where servers say why, in the order in which it is looked for."""


def refusal(content: Content, signatures: Sequence[str]) -> tuple[object, bool]:
    """Return a refusal's JSON, else the beginning of its text; and whether that is not all of it."""
    try:
        return encoding.parse(content), False
    except ValueError:
        text = content[:_ENOUGH].decode("utf-8", "replace")
        return trimmed(text, signatures, TEXT_LIMIT) or None, len(text) > TEXT_LIMIT


def reason(body: object) -> str | None:
    """Return why a server refuses, from its refusal's JSON."""
    if not isinstance(body, dict):
        return None
    return next((body[key] for key in _SAID if isinstance(body.get(key), str)), None)


def without(signatures: Sequence[str], reading: Reading, content: Content, left_out: int = 0) -> Reading:
    """Take our signatures out of what is shown of `content`; `left_out` of their echoes are not."""
    message = trimmed(reading.status_message, signatures, TEXT_LIMIT)
    echoed = [signature for signature in signatures if echoes(content, signature) > left_out]
    if message == reading.status_message and not echoed:
        return reading
    return reading._replace(status_message=message, body=reduce(elide, echoed, reading.body))
