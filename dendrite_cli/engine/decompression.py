"""The body of a response, decoded piece by piece and never beyond its limit: a megabyte of gzip may be a gigabyte."""

import zlib
from collections.abc import Iterator
from typing import Protocol

ACCEPT_ENCODING = "gzip, deflate"


class TooLargeError(Exception):
    """What arrives is more than we take."""


class UndecodableError(ValueError):
    """The body is not what its content-encoding says."""


_GZIP = b"\x1f\x8b"
_STEP = 256 * 1024
"""Bytes that are decompressed at once: zlib holds them twice before it gives them away."""
_MOST_MEMBERS = 1024
"""Gzips in a row that are one body: each costs time to begin, and may be empty."""


class Decoder(Protocol):
    """Turns pieces as sent into pieces of the body."""

    expands: bool
    """Whether these can be much larger."""

    def decode(self, piece: bytes, room: int) -> Iterator[bytes]:
        """Yield what `piece` stands for, at most `room` bytes of it, and never much at once."""

    def finish(self) -> None:
        """Raise UndecodableError if something is missing at the end."""


def decoder(encoding: str) -> Decoder:
    """Return what decodes a content-encoding; raise UndecodableError for one that was not asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return _IDENTITY
        case "gzip" | "x-gzip":
            return _Inflate(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflate(None)
        case other:
            raise UndecodableError(f"content-encoding {other[:16]!r} was not asked for")


class _Identity:
    expands = False

    def decode(self, piece: bytes, room: int) -> Iterator[bytes]:
        yield piece if len(piece) <= room else piece[:room]

    def finish(self) -> None:
        """Nothing is missing: the parser has checked the length."""


_IDENTITY = _Identity()


class _Inflate:
    """gzip, zlib and raw deflate; never yields more than there is room for."""

    expands = True

    def __init__(self, wbits: int | None) -> None:
        self._stream = None if wbits is None else zlib.decompressobj(wbits)
        self._more = 0 if wbits is None else _MOST_MEMBERS
        """Further gzips that may follow."""
        self._held = b""
        """Half of what would begin another gzip."""

    def decode(self, piece: bytes, room: int) -> Iterator[bytes]:
        if self._stream is None:
            # "deflate" means zlib to the RFC and a raw stream to some servers; zlib's first byte has method 8
            zlib_header = piece[:1] and piece[0] & 0x0F == 8  # noqa: PLR2004
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        is_full = False
        while room > 0:
            if self._stream.eof:
                piece, is_full = self._next_member(self._held + piece), False
            # a decompressor that was stopped may have more to say without hearing more
            if not piece and not is_full:
                break
            most = min(room, _STEP)
            decoded = self._inflate(piece, most)
            room -= len(decoded)
            is_full = len(decoded) == most
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            yield decoded

    def _next_member(self, rest: bytes) -> bytes:
        """Begin another gzip if `rest` is one (RFC 1952: they are one body), else return nothing: it is nobody's."""
        self._held = rest if self._more and rest == _GZIP[:1] else b""
        if self._held or not rest:
            return b""
        if not self._more or not rest.startswith(_GZIP):
            self._more = 0
            return b""
        self._more -= 1
        if not self._more:
            raise UndecodableError(f"more than {_MOST_MEMBERS:,} gzips in a row")
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return rest

    def _inflate(self, piece: bytes, room: int) -> bytes:
        if self._stream is None:
            return b""
        try:
            return self._stream.decompress(piece, room)
        except zlib.error as problem:
            raise UndecodableError(f"broken compression: {problem}") from problem

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise UndecodableError("the compressed body ends early")
