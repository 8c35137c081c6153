"""One request as HTTP writes it, for people to read before it is sent."""

import json

from dendrite_cli.model import Draft
from dendrite_cli.output import safe

LONGEST = 8_192
"""Characters of a body that are shown."""


def text(draft: Draft, *, ellipsis: str = "…") -> tuple[str, bool]:
    """Return the request line, the headers, an empty line and the body, indented; and whether the body is cut."""
    target = draft.url.partition("://")[2]
    head = [f"{draft.method} {target[target.find('/') :]} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in draft.headers.items()]
    shown = "\n".join(safe.text(line) for line in head) + "\n"
    body = safe.lines(_indented(draft.body))
    if not body:
        return shown, False
    if len(body) <= LONGEST:
        return f"{shown}\n{body}\n", False
    return f"{shown}\n{body[:LONGEST]}{ellipsis}\n", True


def _indented(body: bytes) -> str:
    """Return the body laid out, its values as they are: numbers beyond 2^53 are sent as numbers."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
