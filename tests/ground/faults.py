"""What axons, networks and attackers do to a request: each fault a small server, and the outcomes that it may have."""

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dendrite_cli.model import Verdict

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Serve = Callable[[Reader, Writer], Awaitable[None]]
End = Literal["close", "hang", "reset"]
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail us."""

    name: str
    serve: Serve
    outcomes: frozenset[Verdict]
    """Any of which is right."""

    def __str__(self) -> str:
        return self.name


async def _request(reader: Reader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


async def _end(writer: Writer, end: End) -> None:
    await writer.drain()
    if end == "hang":
        await asyncio.sleep(60)
    if end == "reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()


def saying(*pieces: bytes, end: End = "close", hears: bool = True) -> Serve:
    """Say these bytes, each in a packet of its own, after the request or without hearing it."""

    async def serve(reader: Reader, writer: Writer) -> None:
        if hears:
            await _request(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await _end(writer, end)

    return serve


def dripping(start: bytes, drops: bytes, seconds: float) -> Serve:
    """Say the start, and then one byte after another for ever, or until the drops are over."""

    async def serve(reader: Reader, writer: Writer) -> None:
        await _request(reader)
        writer.write(start)
        while True:
            for drop in drops:
                writer.write(bytes([drop]))
                await writer.drain()
                await asyncio.sleep(seconds)

    return serve


def pouring(start: bytes, piece: bytes) -> Serve:
    """Say the start, and then the piece for ever, as fast as it is taken."""

    async def serve(reader: Reader, writer: Writer) -> None:
        await _request(reader)
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()

    return serve


def answer(content: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """Return a response with a length, right or wrong."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content) if length is None else length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + content


def chunked(*parts: bytes) -> bytes:
    """Return a response that is said to be chunked."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(parts)


def _packed(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = gzip.compress(content, 9)
    return content


_BOMB = _packed(b"[" + b"0," * (32 * MIB) + b"0]")
_ZEROS = b"\0" * (64 * MIB)
_GOOD = b'{"text":"hi"}'
_DEEP = b'{"text":' * 100_000 + b"0" + b"}" * 100_000
_HUGE_INTEGER = b'{"text":' + b"9" * 100_000 + b"}"
_TOO_MUCH = frozenset({Verdict.TOO_LARGE})
_BAD = frozenset({Verdict.BAD_RESPONSE})
_RESET = frozenset({Verdict.RESET})
_LATE = frozenset({Verdict.TIMEOUT, Verdict.FIRST_BYTE_TIMEOUT, Verdict.IDLE_TIMEOUT})
_OK = frozenset({Verdict.OK})
_FAILED = frozenset(Verdict) - {Verdict.OK, Verdict.INTERNAL, Verdict.CANCELLED}


def _connections() -> Iterator[Fault]:
    yield Fault("accepts and never answers", saying(end="hang"), _LATE)
    yield Fault("never even reads", saying(end="hang", hears=False), _LATE)
    yield Fault("closes at once", saying(hears=False), _RESET)
    yield Fault("closes after the request", saying(), _RESET)
    yield Fault("resets at once", saying(hears=False, end="reset"), _RESET)
    yield Fault("resets after the request", saying(end="reset"), _RESET)
    yield Fault("resets in the status line", saying(b"HTTP/1.1 20", end="reset"), _RESET)
    yield Fault("resets in the headers", saying(b"HTTP/1.1 200 OK\r\nX: y\r\n", end="reset"), _RESET)
    yield Fault("resets in the body", saying(answer(b"{", length=100), end="reset"), _RESET)
    yield Fault("closes in the status line", saying(b"HTTP/1.1 20"), _RESET | _BAD)
    yield Fault("closes in the headers", saying(b"HTTP/1.1 200 OK\r\nX: y\r\n"), _RESET)
    yield Fault("closes in the body", saying(answer(b"{", length=100)), _RESET)
    yield Fault("closes in a chunk", saying(chunked(b"64\r\n{")), _RESET)
    yield Fault("closes between chunks", saying(chunked(b"1\r\n{\r\n")), _RESET)
    yield Fault("hangs in the headers", saying(b"HTTP/1.1 200 OK\r\nX: y\r\n", end="hang"), _LATE)
    yield Fault("hangs in the body", saying(answer(b"{", length=100), end="hang"), _LATE)
    yield Fault("drips headers", dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.01), _LATE)
    yield Fault("drips the body", dripping(answer(b"", length=10**6), b" ", 0.01), _LATE)
    yield Fault("drips chunks", dripping(chunked(), b"1\r\n \r\n", 0.01), _LATE)


def _framing() -> Iterator[Fault]:
    yield Fault("two lengths", saying(answer(_GOOD, "200 OK", "Content-Length: 3")), _BAD)
    yield Fault("a list of lengths", saying(answer(_GOOD, "200 OK", "Content-Length: 13, 3")), _BAD)
    yield Fault("a negative length", saying(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"), _BAD)
    yield Fault("a length of words", saying(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"), _BAD)
    yield Fault("a length beyond 64 bits", saying(answer(b"{}", length=2**70)), _BAD | _TOO_MUCH)
    yield Fault("a huge length and nothing", saying(answer(b"", length=2**40), end="hang"), _TOO_MUCH | _LATE)
    yield Fault(
        "length and chunks", saying(answer(b"2\r\n{}\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked")), _BAD
    )
    yield Fault("a chunk size that is none", saying(chunked(b"zz\r\n{}\r\n0\r\n\r\n")), _BAD)
    yield Fault("a chunk longer than it says", saying(chunked(b"1\r\n{}\r\n0\r\n\r\n")), _BAD)
    yield Fault("a chunk size of 100 digits", saying(chunked(b"1" * 100 + b"\r\n{}")), _BAD | _TOO_MUCH)
    yield Fault("an endless chunk extension", pouring(chunked(b"1;"), b"x" * 4096), _TOO_MUCH | _BAD)
    yield Fault("endless trailers", pouring(chunked(b"2\r\n{}\r\n0\r\n"), b"X: y\r\n" * 100), _TOO_MUCH | _BAD)
    yield Fault("endless headers", pouring(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100), _TOO_MUCH)
    yield Fault("an endless header", pouring(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 4096), _TOO_MUCH | _BAD)
    yield Fault("an endless status line", pouring(b"HTTP/1.1 200 ", b"y" * 4096), _TOO_MUCH | _BAD)
    yield Fault("a flood of 100s", pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), _TOO_MUCH)
    yield Fault("a flood of 103s", pouring(b"", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 50), _TOO_MUCH)
    yield Fault("a switch to another protocol", saying(b"HTTP/1.1 101 Switching\r\nUpgrade: ws\r\n\r\n"), _FAILED)
    yield Fault("a second response smuggled", saying(answer(_GOOD) + answer(b'{"text":"smuggled"}')), _OK)
    yield Fault("garbage behind the body", saying(answer(_GOOD) + b"\0\xff junk" * 100), _OK)
    yield Fault(
        "a line break inside a header",
        saying(answer(_GOOD, "200 OK", "X: a\rb")),
        frozenset({Verdict.OK, Verdict.BAD_RESPONSE}),
    )
    yield Fault(
        "a folded header", saying(answer(_GOOD, "200 OK", "X: a", " b")), frozenset({Verdict.OK, Verdict.BAD_RESPONSE})
    )
    yield Fault("a header without a name", saying(answer(_GOOD, "200 OK", ": x")), _BAD)
    yield Fault("HTTP/0.9", saying(b"<html>hello</html>"), _BAD)
    yield Fault("HTTP/2", saying(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18), _BAD)
    yield Fault("HTTP/3.0 in the status line", saying(b"HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"), _BAD | _OK)
    yield Fault("SSH", saying(b"SSH-2.0-OpenSSH_9.6\r\n", hears=False), _BAD)
    yield Fault("TLS", saying(b"\x15\3\3\0\2\2\x28", hears=False), _BAD)
    yield Fault("zeros", pouring(b"", b"\0" * 4096), _BAD)


def _bodies() -> Iterator[Fault]:
    yield Fault("a gigantic body", pouring(answer(b"", length=2**34), b" " * 65536), _TOO_MUCH)
    yield Fault("an endless body", pouring(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536), _TOO_MUCH)
    yield Fault("endless chunks", pouring(chunked(), b"1000\r\n" + b" " * 4096 + b"\r\n"), _TOO_MUCH)
    yield Fault("a gzip bomb", saying(answer(_BOMB, "200 OK", "Content-Encoding: gzip")), _TOO_MUCH)
    yield Fault(
        "a gzip bomb in a gzip", saying(answer(_packed(_ZEROS, 2), "200 OK", "Content-Encoding: gzip, gzip")), _BAD
    )
    yield Fault("a gzip bomb unannounced", saying(answer(_packed(_ZEROS))), _BAD)
    yield Fault(
        "a deflate bomb", saying(answer(zlib.compress(_ZEROS), "200 OK", "Content-Encoding: deflate")), _TOO_MUCH
    )
    for encoding in ("br", "zstd", "compress", "x" * 1000):
        yield Fault(
            f"in {encoding[:8]}", saying(answer(b"\x28\xb5\x2f\xfd", "200 OK", f"Content-Encoding: {encoding}")), _BAD
        )
    yield Fault("gzip that is none", saying(answer(_GOOD, "200 OK", "Content-Encoding: gzip")), _BAD)
    yield Fault("gzip cut off", saying(answer(_packed(_GOOD)[:-4], "200 OK", "Content-Encoding: gzip")), _BAD)
    texts = {
        "nothing": b"", "HTML": b"<html><body>It works!</body></html>", "a list": b"[1]", "null": b"null",
        "text": b'"hi"',
        "invalid UTF-8": b'{"text":"\xff\xfe"}', "half an object": b'{"text":', "two objects": b"{}{}",
        "JSON 100,000 deep": _DEEP, "an unpaired surrogate": b'{"text":"\\ud800"}',
        "UTF-16": '{"text":"hi"}'.encode("utf-16"),
    }  # fmt: skip
    for name, content in texts.items():
        yield Fault(f"a body of {name}", saying(answer(content)), _BAD)
    kept = {
        "duplicate keys": b'{"text":"a","text":"b"}', "NaN": b'{"text":NaN}', "infinity": b'{"text":-Infinity}',
        "a huge integer": _HUGE_INTEGER, "escape sequences": b'{"text":"\\u001b[2J\\u001b]0;x\\u0007"}',
        "a null envelope": b'{"dendrite":null,"axon":null,"timeout":null,"name":null,"text":"hi"}',
        "another's identity": b'{"dendrite":{"hotkey":"5X","status_code":200},"axon":{"hotkey":"5Y"},"text":"hi"}',
    }  # fmt: skip
    for name, content in kept.items():
        yield Fault(f"a body with {name}", saying(answer(content)), _OK | _BAD)


_STATUSES = {
    400: Verdict.CLIENT_ERROR,
    401: Verdict.UNAUTHORIZED,
    403: Verdict.FORBIDDEN,
    404: Verdict.NOT_FOUND,
    408: Verdict.TIMEOUT,
    413: Verdict.CLIENT_ERROR,
    422: Verdict.CLIENT_ERROR,
    429: Verdict.RATE_LIMITED,
    500: Verdict.SERVER_ERROR,
    502: Verdict.SERVER_ERROR,
    503: Verdict.SERVER_ERROR,
    504: Verdict.SERVER_ERROR,
    599: Verdict.SERVER_ERROR,
    201: Verdict.CLIENT_ERROR,
    204: Verdict.CLIENT_ERROR,
    206: Verdict.CLIENT_ERROR,
}


def _statuses() -> Iterator[Fault]:
    for status, verdict in _STATUSES.items():
        length = "" if status == 204 else "Content-Length: 2\r\n"
        plain = f"HTTP/1.1 {status} Reason\r\n{length}\r\n".encode() + (b"{}" if length else b"")
        yield Fault(f"{status}", saying(plain), frozenset({verdict}))
    for status in (401, 403, 429, 500):
        said = answer(
            b'{"message":"\x1b[31mno"}', f"{status} No", "bt_header_axon_status_code: 200", "Retry-After: 99999"
        )
        yield Fault(f"{status} that claims 200", saying(said), frozenset({_STATUSES[status]}))
    yield Fault("200 that claims 500", saying(answer(_GOOD, "200 OK", "bt_header_axon_status_code: 500")), _OK)
    for status in (300, 301, 302, 303, 307, 308):
        said = answer(b"", f"{status} Elsewhere", "Location: http://192.0.2.1:1/")
        yield Fault(f"{status} to another host", saying(said), frozenset({Verdict.REDIRECT}))
    for where in ("https://127.0.0.1/", "//127.0.0.1:1/", "/loop", "file:///etc/passwd", "\x1b[2J", ""):
        name = ascii(where)
        yield Fault(
            f"302 to {name}",
            saying(answer(b"", "302 Found", f"Location: {where}")),
            frozenset({Verdict.REDIRECT, Verdict.BAD_RESPONSE}),
        )
    for status in ("000", "099", "999", "1000", "-1", "2OO", ""):
        said = f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        expected = frozenset({Verdict.BAD_RESPONSE}) if status in {"000", "099"} else _FAILED
        yield Fault(f"the status {status!r}", saying(said), expected)
    yield Fault("cookies", saying(answer(_GOOD, "200 OK", "Set-Cookie: a=b; Domain=.example; Path=/")), _OK)
    yield Fault(
        "a header of every byte", saying(answer(_GOOD, "200 OK", "X: " + "".join(map(chr, range(128, 256))))), _OK
    )


FAULTS = tuple(fault for kind in (_connections, _framing, _bodies, _statuses) for fault in kind())
