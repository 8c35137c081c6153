"""What a stream's bytes become: text, the data of server-sent events, or bytes; and when it is enough."""

import asyncio
import re
from codecs import getincrementaldecoder
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
"""With its end; Python's own way of splitting takes other characters for ends of lines, too."""
_AT_ONCE = 16 * 1024
"""Characters that are parted into lines without a pause."""
_WINDOW = 65_536
"""Characters of the latest text in which what ends a stream is looked for."""


class Reader(Protocol):
    """Reads one axon's stream."""

    def pieces(self, response: "ClientResponse") -> AsyncIterator[object]:
        """Yield text, bytes or any JSON, as it arrives."""

    def body(self, response: "ClientResponse") -> object:
        """Return what all that was read amounts to."""


class Text:
    """UTF-8: characters that arrive in two pieces stay whole."""

    def __init__(self) -> None:
        self._said: list[str] = []

    async def pieces(self, response: "ClientResponse") -> AsyncGenerator[str, None]:
        """Yield text."""
        async with aclosing(_text_of(response)) as pieces:
            async for said in pieces:
                self._said.append(said)
                yield said

    def body(self, response: "ClientResponse") -> object:  # noqa: ARG002 - the Reader interface
        """Return the whole text."""
        return "".join(self._said)


class Told:
    """What the answer says that it is: server-sent events, else text."""

    def __init__(self) -> None:
        self._reader: Text | Sse = Text()

    def pieces(self, response: "ClientResponse") -> AsyncIterator[object]:
        """Yield text, or the data of events."""
        if response.content_type == "text/event-stream":
            self._reader = Sse()
        return self._reader.pieces(response)

    def body(self, response: "ClientResponse") -> object:
        """Return the whole text."""
        return self._reader.body(response)


class Raw:
    """Bytes as they came."""

    def __init__(self) -> None:
        self._said: list[bytes] = []

    async def pieces(self, response: "ClientResponse") -> AsyncGenerator[bytes, None]:
        """Yield bytes."""
        async for piece in response.content.iter_any():
            self._said.append(piece)
            yield piece

    def body(self, response: "ClientResponse") -> object:  # noqa: ARG002 - the Reader interface
        """Return all bytes."""
        return b"".join(self._said)


class Sse:
    """Server-sent events (WHATWG HTML, 9.2): the data of each, whatever its name."""

    def __init__(self) -> None:
        self._said: list[str] = []

    async def pieces(self, response: "ClientResponse") -> AsyncGenerator[str, None]:
        """Yield the data of events; one that the end cuts off is none."""
        data: list[str] = []
        async for line in _lines(response):
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
            elif not line and data:
                self._said.append("\n".join(data))
                data = []
                yield self._said[-1]

    def body(self, response: "ClientResponse") -> object:  # noqa: ARG002 - the Reader interface
        """Return the data of all events."""
        return self._said


class Enough:
    """Another reader, until there were so many pieces or its text matched."""

    def __init__(self, reader: Reader, most: int | None, stop_on: re.Pattern[str] | None) -> None:
        self._reader = reader
        self._most = most
        self._stop_on = stop_on

    async def pieces(self, response: "ClientResponse") -> AsyncGenerator[object, None]:
        """Yield what the other yields, the last included."""
        number, latest = 0, ""
        made = self._reader.pieces(response)
        try:
            async for piece in made:
                yield piece
                number += 1
                latest = (latest + _text(piece))[-_WINDOW:]
                if number == self._most or (self._stop_on and self._stop_on.search(latest)):
                    return
        finally:
            if isinstance(made, AsyncGenerator):
                await made.aclose()

    def body(self, response: "ClientResponse") -> object:
        """Return what the other makes of it."""
        return self._reader.body(response)


async def _lines(response: "ClientResponse") -> AsyncGenerator[str, None]:
    """Yield whole lines without their ends, which are any of CR, LF and both; no byte order mark is part of them."""
    begun: list[str] = []
    before = "\ufeff"
    async with aclosing(_text_of(response)) as pieces:
        async for piece in pieces:
            for at in range(0, len(piece), _AT_ONCE):
                some = piece[at : at + _AT_ONCE]
                # the other half of a line's end, which was one without it
                new = some.removeprefix(before)
                before = "\n" if some.endswith("\r") else ""
                for part in _LINE.findall(new):
                    begun.append(part)
                    if part.endswith(("\r", "\n")):
                        yield "".join(begun).rstrip("\r\n")
                        begun.clear()
                if at:
                    await asyncio.sleep(0)  # a few packed bytes may be millions of lines


async def _text_of(response: "ClientResponse") -> AsyncGenerator[str, None]:
    """Yield text as it arrives; what is no UTF-8 is replaced."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    async for piece in response.content.iter_any():
        if said := decode(piece):
            yield said
    if rest := decode(b"", final=True):
        yield rest


def _text(piece: object) -> str:
    if isinstance(piece, bytes):
        return piece.decode("utf-8", "replace")
    return piece if isinstance(piece, str) else ""
