"""The body of a response, read in pieces and never beyond its limit.

aiohttp's own decompression is switched off, because it expands a piece before anyone can count it: a megabyte of
gzip may be a gigabyte.
"""

import zlib
from typing import Protocol

from aiohttp import ClientResponse

from dendrite_cli.engine.watch import Watch

ACCEPT_ENCODING = "gzip, deflate"
_PIECE = 64 * 1024


class TooLargeError(Exception):
    """The body is larger than `max_bytes` after decompression."""


class UndecodableError(ValueError):
    """The body is not what its content-encoding says."""


class _Decoder(Protocol):
    def decode(self, piece: bytes, room: int) -> bytes: ...
    def finish(self) -> None: ...


async def read_body(response: ClientResponse, watch: Watch, max_bytes: int) -> bytes:
    """Return the whole decoded body; raise TooLargeError, UndecodableError or what aiohttp raises."""
    decoder = _decoder(response.headers.get("Content-Encoding", ""))
    body = bytearray()
    async for piece in response.content.iter_any():
        watch.piece()
        body += decoder.decode(piece, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            raise TooLargeError(f"more than {max_bytes:,} bytes")
    decoder.finish()
    return bytes(body)


def _decoder(encoding: str) -> _Decoder:
    match encoding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return _Inflate(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Inflate(None)
        case other:
            raise UndecodableError(f"content-encoding {other[:40]!r} was not asked for")


class _Identity:
    def decode(self, piece: bytes, room: int) -> bytes:
        return piece[:room]

    def finish(self) -> None:
        """Nothing is missing: aiohttp has checked the length."""


class _Inflate:
    """gzip, zlib and raw deflate; never yields more than there is room for."""

    def __init__(self, wbits: int | None) -> None:
        self._stream = None if wbits is None else zlib.decompressobj(wbits)

    def decode(self, piece: bytes, room: int) -> bytes:
        if self._stream is None:
            # "deflate" means zlib to the RFC and a raw stream to some servers; zlib's first byte has method 8
            zlib_header = piece[:1] and piece[0] & 0x0F == 8  # noqa: PLR2004
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
        if self._stream.eof or room <= 0:
            return b""
        try:
            return self._stream.decompress(piece, room)
        except zlib.error as problem:
            raise UndecodableError(f"broken compression: {problem}") from problem

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise UndecodableError("the compressed body ends early")
