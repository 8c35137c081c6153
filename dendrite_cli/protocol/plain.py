"""What an answer to a plain HTTP request means: btauth/1 and Epistula leave that to HTTP."""

from functools import reduce

from dendrite_cli import encoding
from dendrite_cli.model import Call, Content, Verdict
from dendrite_cli.protocol import Message, Reading, Reply
from dendrite_cli.protocol.signing import echoes, elide
from dendrite_cli.protocol.status import v10_code, verdict_of

_TEXT_LIMIT = 4096
_SAID = ("message", "detail", "error")
"""Where servers say why, in the order in which it is looked for."""


def read_plain(call: Call, message: Message, reply: Reply) -> Reading:
    """Understand a reply: any 2xx is a success, and the server's own words are taken from a refusal. Never raises."""
    if reply.status // 100 == 2:  # noqa: PLR2004 - HTTP's successes
        reading = _success(call, reply)
    else:
        body, truncated = _refusal(reply.content)
        text = (_said(body) or reply.reason)[:_TEXT_LIMIT]
        reading = Reading(verdict_of(reply.status), reply.status, text, body=body, truncated=truncated)
    return reduce(lambda read, signature: _elided(read, signature, reply.content), message.signatures, reading)


def _success(call: Call, reply: Reply) -> Reading:
    try:
        answer = call.read(reply.content) if reply.content else None
    except ValueError as problem:
        code = v10_code(Verdict.BAD_RESPONSE)
        return Reading(Verdict.BAD_RESPONSE, code, f"Failed to parse response: {problem}"[:_TEXT_LIMIT])
    return Reading(Verdict.OK, reply.status, reply.reason or "OK", body=answer and answer.fields)


def _refusal(content: Content) -> tuple[object, bool]:
    """Return a refusal's JSON, else the beginning of its text; and whether that is not all of it."""
    try:
        return encoding.parse(content), False
    except ValueError:
        text = content[:_TEXT_LIMIT].decode("utf-8", "replace")
        return text or None, len(content) > _TEXT_LIMIT


def _said(body: object) -> str | None:
    if not isinstance(body, dict):
        return None
    return next((body[key] for key in _SAID if isinstance(body.get(key), str)), None)


def _elided(reading: Reading, signature: str, content: Content) -> Reading:
    """Take our signature out of what is shown."""
    message = str(elide(reading.status_message, signature))
    if echoes(content, signature):
        return reading._replace(status_message=message, body=elide(reading.body, signature))
    return reading if message == reading.status_message else reading._replace(status_message=message)
