"""An answer that is handed on while it arrives, and the clock for it."""

from collections.abc import Callable

from dendrite_cli.engine.content import Content
from dendrite_cli.engine.response import Response
from dendrite_cli.engine.watch import Watch


class StreamWatch(Watch):
    """Waits for the first piece of the body as long as for a first byte: a head alone is nothing to read."""

    __slots__ = ("_flows",)

    _flows: bool

    def received(self) -> None:
        """Something of the response arrived."""
        if getattr(self, "_flows", False):
            super().received()
        elif self._ttfb is None:
            self._ttfb = self._lap()

    def flowing(self) -> None:
        """A piece of the body is there: from now on, silence is measured from piece to piece."""
        self._flows = True
        super().received()


class Piecemeal(Response):
    """A response whose body goes into a Content, if its head says that it is a stream."""

    __slots__ = ("_content", "_is_stream", "_judge", "_now", "_on_piece", "raw_headers")

    def __init__(
        self,
        max_bytes: int,
        content: Content,
        judge: Callable[["Piecemeal"], bool],
        on_piece: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        """`judge` is shown the head, and says whether it is a stream's; `now` is the time that `content` is told."""
        self.raw_headers: list[tuple[bytes, bytes]] = []
        """As they came, all of them."""
        super().__init__(max_bytes)
        self._content = content
        self._judge = judge
        self._on_piece = on_piece
        self._now = now
        self._is_stream = False

    def _collector(self) -> Callable[[bytes, bytes], object]:
        first = super()._collector()

        def collect(name: bytes, value: bytes) -> None:
            first(name, value)
            if not self._has_headers:
                self.raw_headers.append((name, value))

        return collect

    def on_headers_complete(self) -> None:
        """The headers are whole; those of an interim response (1xx) only announce others."""
        super().on_headers_complete()
        if not self._has_headers:
            self.raw_headers.clear()
        elif not self.complete:
            self._is_stream = self._failure is None and self._judge(self)

    def on_body(self, piece: bytes) -> None:
        """A piece of the body: handed on at once, so that nothing of a stream is kept here."""
        self._on_piece()
        super().on_body(piece)
        if self._is_stream and self._failure is None:
            self._content.feed(self._body.getvalue(), self._now())
            self._body.seek(0)
            self._body.truncate()

    @property
    def is_compressed(self) -> bool:
        """Say no: whoever listens does so in the event loop."""
        return False

    def release(self) -> None:
        """Let go of the parser and of whoever listened: nothing more will be fed."""
        super().release()
        del self._judge, self._on_piece, self._now

    def make_room(self) -> None:
        """Do without: the parser has to see every piece."""
