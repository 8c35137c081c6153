"""One HTTP response as it arrives: parsed by llhttp (httptools), decoded, and cut off at its limits."""

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import TypeVar, overload

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from dendrite_cli.engine.decompression import Decoder, TooLargeError, UndecodableError, decoder
from dendrite_cli.engine.reserve import Reserve
from dendrite_cli.protocol import Reply

FRAMING = 64 * 1024
"""Bytes in a row that are no body: status lines, headers, chunk sizes and trailers."""
_EACH = 32
"""What every header counts beside its name and value, as in HTTP/2: many small ones cost as much as a large one."""
_ROOM = 256 * 1024
"""Bytes set aside for a large body when there is no reserve."""
_INTERIM, _FINAL, _SWITCHING = 100, 200, 101
T = TypeVar("T")


class NotHttpError(ValueError):
    """What arrives is not an HTTP response."""


class CutOffError(ConnectionResetError):
    """The connection was closed before the response was whole."""


def _overheaded() -> TooLargeError:
    return TooLargeError(f"more than {FRAMING:,} bytes of headers")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


class Headers(Mapping[str, str]):
    """Names in lower case; of several headers of one name, the first. Decoded only where somebody asks."""

    __slots__ = ("_raw",)

    def __init__(self, raw: dict[bytes, bytes]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return _text(self._raw[name.encode("latin-1", "replace")])

    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str | T, /) -> str | T: ...
    def get(self, name: str, default: object = None, /) -> object:
        """Return a value; without the exception of a Mapping's own for each that is missing."""
        value = self._raw.get(name.encode("latin-1", "replace"))
        return default if value is None else _text(value)

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)


_NONE = Headers({})


class Response:
    """Fed with what the socket brings, until `complete`; the methods named `on_` are the parser's."""

    __slots__ = (
        "_ahead",
        "_body",
        "_decoder",
        "_encoded",
        "_failure",
        "_filled",
        "_framing",
        "_has_body",
        "_has_headers",
        "_heard",
        "_length",
        "_max_bytes",
        "_parser",
        "_raw",
        "_reason",
        "_reserve",
        "_size",
        "_whole",
        "complete",
        "headers",
        "on_header",
        "reusable",
        "status",
    )

    def __init__(self, max_bytes: int, reserve: Reserve | None = None, *, has_body: bool = True) -> None:
        """`reserve` is shared by the responses of a run. Without a body, as after HEAD, it ends with its headers."""
        self.status: int | None = None
        self._raw: dict[bytes, bytes] = {}
        self.headers = _NONE
        self.complete = False
        self.reusable = False
        """Whether the connection can carry another exchange."""
        self.on_header = self._collector()
        self._parser = HttpResponseParser(self)
        self._max_bytes = max_bytes
        self._has_body = has_body
        self._reason = b""
        self._heard = False
        self._length = 0
        self._reserve = reserve or Reserve()
        self._ahead = False
        self._decoder: Decoder | None = None
        self._body = BytesIO()  # grows without keeping its pieces, and gives its bytes away without a copy
        self._encoded = 0
        self._size = 0
        self._whole: bytearray | None = None
        self._filled = 0
        self._framing = 0
        self._has_headers = False
        self._failure: Exception | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Take what arrived; raise NotHttpError, TooLargeError or UndecodableError."""
        if self.complete:
            self.reusable = False  # nobody asked for more
            return
        self._heard = True
        self._framing += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.complete, self.reusable = True, False
        except HttpParserError as problem:
            # what follows a whole response is not part of it
            if not self.complete:
                self._raw.clear()
                raise NotHttpError(str(problem) or "not HTTP") from problem
            self.reusable = False
        if self._failure is not None:
            raise self._failure
        if self._framing > FRAMING and not self.complete:
            self._raw.clear()
            raise _overheaded()

    @property
    def is_filling(self) -> bool:
        """Whether the rest is the body, and belongs into `room`."""
        return self._whole is not None and not self.complete

    @property
    def is_headed(self) -> bool:
        """Whether the headers are whole."""
        return self._has_headers

    @property
    def is_compressed(self) -> bool:
        """Whether few bytes may be many, and `feed` then takes long: it may be called beside the event loop."""
        return self._decoder is not None and self._decoder.expands

    def room(self) -> memoryview | None:
        """Return where more of a large body of known length belongs; None where the parser has to see it.

        Where the reserve is used up, there is as much room again as has arrived.
        """
        if self._whole is None or self.complete:
            return None
        if self._filled == len(self._whole):
            self._whole.extend(bytes(min(self._filled, self._length - self._filled)))
        return memoryview(self._whole)[self._filled :]

    def fill(self, size: int) -> None:
        """Take note of what was read into `room`."""
        self._filled += size
        if self._filled == self._length:
            self.complete = True
            self.reusable = self._parser.should_keep_alive()

    def make_room(self) -> None:
        """Let a large body of known length be read to where it stays: copied there, it would cost twice as much.

        To be called when all that was read has been fed.
        """
        if not self._has_headers or self.complete or self._whole is not None:
            return
        length = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or self.headers.get("content-encoding") or not length.isdigit():
            return
        if FRAMING < int(length) <= self._max_bytes:
            self._length = int(length)
            self._ahead = self._reserve.take(self._length)
            self._whole = bytearray(self._length if self._ahead else min(self._length, _ROOM))
            self._filled = self._size
            self._whole[: self._size] = self._body.getbuffer()

    def end(self) -> None:
        """Take the end of the connection; raise CutOffError if the response was to be longer."""
        lengthless = "content-length" not in self.headers and "transfer-encoding" not in self.headers
        if self.complete:
            return
        if not (self._has_headers and lengthless):
            raise CutOffError("closed before the whole answer" if self.status else "closed without an answer")
        self.on_message_complete()
        if self._failure is not None:
            raise self._failure

    @property
    def is_untouched(self) -> bool:
        """Whether nothing at all has arrived."""
        return not self._heard

    def reply(self) -> Reply:
        """Return the whole response."""
        content = self._body.getvalue() if self._whole is None else self._whole
        return Reply(self.status or 0, _text(self._reason), self.headers, content)

    def release(self) -> None:
        """Let go of the parser, which holds on to us, and of the reserve: nothing more will be fed."""
        self._failure = None  # its traceback leads back to us, and large bodies would stay until garbage is looked for
        if self._ahead:
            self._ahead = False
            self._reserve.give_back(self._length)
        del self._parser, self.on_header

    def on_message_begin(self) -> None:
        """A response begins; one that nobody asked for spoils the connection."""
        if self.complete:
            self.reusable = False
        else:
            self._reason = b""

    def on_status(self, reason: bytes) -> None:
        """The rest of the status line, or a part of it."""
        if not self.complete:
            self._reason += reason

    def _collector(self) -> Callable[[bytes, bytes], object]:
        """Return what the parser calls with every header: of many small steps, the one that there are most of.

        So it is a dict's own, and what is to be thought about them is thought when they are whole. What comes later
        is a trailer, which says nothing we would believe.
        """
        return self._raw.setdefault

    def on_headers_complete(self) -> None:
        """The headers are whole."""
        if self.complete:
            return
        status = self._parser.get_status_code()
        if status < _INTERIM:
            self._failure = NotHttpError(f"{status:03} is no status")
        if status < _FINAL and status != _SWITCHING:
            return
        self.status = status
        self._has_headers = True
        self.headers = self._known()
        length = self.headers.get("content-length", "")
        if self._has_body and length.isdigit() and int(length[:20]) > self._max_bytes:
            self._failure = self._too_large()
        elif sum(map(len, self._raw)) + sum(map(len, self._raw.values())) + _EACH * len(self._raw) > FRAMING:
            self._failure = _overheaded()
        self._raw.clear()
        if not self._has_body:
            self.complete = True  # and of no use any more: the parser waits for what was announced
            return
        try:
            self._decoder = decoder(self.headers.get("content-encoding", ""))
        except UndecodableError as problem:
            self._failure = problem

    def _known(self) -> Headers:
        known: dict[bytes, bytes] = {}
        for name, value in self._raw.items():
            known.setdefault(name.lower(), value)
        return Headers(known)

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        self._framing = 0
        self._encoded += len(piece)
        if self._failure is not None or self._decoder is None or self.complete:
            return
        try:
            for decoded in self._decoder.decode(piece, self._max_bytes + 1 - self._size):
                self._size += len(decoded)
                self._body.write(decoded)
        except UndecodableError as problem:
            self._failure = problem
            return
        # what decodes to nothing, or follows the end of a gzip, is as long as the connection if nobody counts it
        if self._size > self._max_bytes or self._encoded > self._most_encoded():
            self._failure = self._too_large()

    def check_size(self, encoded: int) -> None:
        """Raise TooLargeError for so many bytes that have not been fed yet."""
        if encoded > self._most_encoded():
            raise self._too_large()

    def _most_encoded(self) -> int:
        return self._max_bytes + self._max_bytes // 64 + FRAMING

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"more than {self._max_bytes:,} bytes")

    def on_message_complete(self) -> None:
        """The response is whole; an interim one (1xx) only announces another."""
        if self.complete:
            return
        if not self._has_headers:
            self._raw.clear()
            return
        if self._failure is None and self._decoder is not None:
            try:
                self._decoder.finish()
            except UndecodableError as problem:
                self._failure = problem
        self.complete = True
        self.reusable = self._parser.should_keep_alive()
