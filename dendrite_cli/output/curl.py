"""One request as a line of curl that any POSIX shell runs as it stands, and that sends what we would send.

Not a byte of the body is curl's to interpret, and whatever curl would add of its own accord is taken away: its
configuration file, proxies, globbing, `Expect`. Redirects it follows only when told to, as we do never.
"""

import re
from collections.abc import Iterator, Mapping
from shlex import quote

_CURL = ("-q", "-sS", "-g", "--noproxy", "*")
"""No ~/.curlrc, which curl heeds only as its first argument; errors and no progress; no globbing; no proxy."""
_LONGEST = 100_000
"""Bytes of a body that travels as an argument: Linux takes 131,071 in one, the BSDs 256 KiB or more in all."""
_ENDING = re.compile(rb"[\n\r\0]")
"""What no line can hold."""
_ESCAPED = re.compile(rb"[\\'\n\r\0]")


def line(  # noqa: PLR0913 - a request has these parts
    method: str, url: str, headers: Mapping[str, str], body: bytes, *, total: float, connect: float
) -> bytes:
    """Return the line, without its end.

    `headers` are those beside `Host`, `Accept` and `Content-Length`, which curl makes as we do. `total` and `connect`
    are the longest waits in seconds. A body that is too long for an argument, or that no line can hold, goes through
    a pipe: `printf` is the shell's own and has no limit.
    """
    words = ["curl", *_CURL, "--connect-timeout", _number(connect), "--max-time", _number(total)]
    words += ["--path-as-is"] if "/." in url else []
    words += [*_method(method, body), url]
    for header in _headers(headers, body):
        words += ["-H", header]
    command = b" ".join(_quoted(word.encode()) for word in words)
    if not body:
        return command
    if len(body) > _LONGEST or body.startswith(b"@") or _ENDING.search(body):
        return _printed(body) + b" | " + command + b" --data-binary @-"
    return command + b" --data-binary " + _quoted(body)


def _method(method: str, body: bytes) -> tuple[str, ...]:
    if method == ("POST" if body else "GET"):
        return ()
    # for any other word curl would wait for the body that an answer to HEAD never has
    return ("-I",) if method == "HEAD" and not body else ("-X", method)


def _headers(headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    given = {name.lower() for name in headers}
    # a semicolon is how curl is told of a header without a value
    yield from (f"{name}: {value}" if value else f"{name};" for name, value in headers.items())
    # a colon with nothing behind it takes curl's own header away
    own = ("User-Agent", "Content-Type", "Expect") if body else ("User-Agent",)
    yield from (f"{name}:" for name in own if name.lower() not in given)


def _printed(body: bytes) -> bytes:
    """Return the command that prints the body: without a quote in it, for bash takes seconds to undo 100,000."""
    return b"printf %b '" + _ESCAPED.sub(lambda found: b"\\0%03o" % found[0][0], body) + b"'"


def _quoted(word: bytes) -> bytes:
    return quote(word.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _number(seconds: float) -> str:
    """Return a number as curl reads it: no exponent, and milliseconds at most."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
