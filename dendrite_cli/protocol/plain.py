"""What an answer to a plain HTTP request means: btauth/1 and Epistula leave that to HTTP."""

from dendrite_cli.model import Call, Verdict
from dendrite_cli.protocol import Message, Reading, Reply
from dendrite_cli.protocol.reading import reason, refusal, without
from dendrite_cli.protocol.status import v10_code, verdict_of


def read_plain(call: Call, message: Message, reply: Reply) -> Reading:
    """Understand a reply: any 2xx is a success, and the server's own words are taken from a refusal. Never raises."""
    if reply.status // 100 == 2:  # noqa: PLR2004 - HTTP's successes
        reading = _success(call, reply)
    else:
        body, truncated = refusal(reply.content, message.signatures)
        text = reason(body) or reply.reason
        reading = Reading(verdict_of(reply.status), reply.status, text, body=body, truncated=truncated)
    return without(message.signatures, reading, reply.content)


def _success(call: Call, reply: Reply) -> Reading:
    try:
        answer = call.read(reply.content) if reply.content else None
    except ValueError as problem:
        code = v10_code(Verdict.BAD_RESPONSE)
        return Reading(Verdict.BAD_RESPONSE, code, f"Failed to parse response: {problem}")
    return Reading(Verdict.OK, reply.status, reply.reason or "OK", body=answer and answer.fields)
