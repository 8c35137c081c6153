"""What one axon has said so far: its text, bounded, and how it goes."""

from io import StringIO

from dendrite_cli import encoding
from dendrite_cli.model import Axon, Chunk, Outcome
from dendrite_cli.output import safe
from dendrite_cli.output.wrapped import Wrapped

STALLED = 3.0
"""Seconds of silence after which a stream is called stalled."""
_RECENT = 16_384
"""Characters of its end that are laid out: more than a screen holds."""
_MOST, _ALL, _LEAST = 200_000, 4_000_000, 4_000
"""Characters of its beginning that are kept: of one axon, of all together, and of one of very many."""
_LINES = 5000
"""Of its beginning that are written: nobody's scrollback is to be flooded."""


class Said:
    """One axon's stream. The text is kept as it came, and made safe where it is read."""

    def __init__(self, index: int, axon: Axon, selected: int, now: float) -> None:
        """`selected` is the number of axons that share the room; `now`, as all moments here, is our own clock's."""
        self.index = index
        self.axon = axon
        self.outcome: Outcome | None = None
        self.chunks = 0
        self.first: float | None = None
        """Seconds from dispatch to the first chunk."""
        self._lost = 0
        """Characters that came after those that are kept."""
        self._last = 0.0
        self._heard = now
        self._limit = min(_MOST, max(_ALL // max(selected, 1), _LEAST))
        self._kept = StringIO()
        self._fresh: list[str] = []
        """What came since it was drawn."""
        self._fresh_size = 0
        self._recent = ""
        self._wrapped: Wrapped | None = None

    def hear(self, chunk: Chunk, now: float) -> None:
        """Remember a chunk; nothing is laid out yet."""
        text = chunk.text if chunk.text is not None else encoding.dumps(chunk.data) + "\n"
        self.first = chunk.at if self.first is None else self.first
        self._last, self._heard = chunk.at, now
        self.chunks += 1
        room = max(self._limit - self._kept.tell(), 0)
        self._kept.write(text[:room])
        self._lost += max(len(text) - room, 0)
        self._fresh.append(text[-_RECENT:])
        self._fresh_size += len(self._fresh[-1])
        if self._fresh_size > 4 * _RECENT:
            self._fresh = ["".join(self._fresh)[-_RECENT:]]
            self._fresh_size = len(self._fresh[0])

    def silence(self, now: float) -> float:
        """Return the seconds since anything came, or since it was asked."""
        return now - self._heard

    @property
    def rate(self) -> float | None:
        """Chunks per second since the first; None below two."""
        if self.first is None or self.chunks < 2 or self._last <= self.first:  # noqa: PLR2004 - a span has two ends
            return None
        return (self.chunks - 1) / (self._last - self.first)

    def whole(self) -> tuple[str, int]:
        """Return what is kept of it, safe, and how many characters after that are not."""
        kept = self._kept.getvalue()
        *first, rest = kept.split("\n", _LINES)
        if len(first) < _LINES:
            return safe.stream(kept), self._lost
        return safe.stream("\n".join(first)), self._lost + len(rest)

    def rows(self, width: int, count: int) -> list[str]:
        """Return the last rows, at most so many, word-wrapped to `width` cells."""
        fresh = self._absorb()
        if self._wrapped is None or self._wrapped.width != width:
            self._wrapped = Wrapped(width)
            self._wrapped.feed(self._recent)
        elif fresh:
            self._wrapped.feed(fresh)
        return self._wrapped.last(count)

    def last_words(self, characters: int) -> str:
        """Return the end of what it said, on one line, of so many characters."""
        fresh = self._absorb()
        if self._wrapped is not None:
            self._wrapped.feed(fresh)
        return safe.text(self._recent[-characters:])

    def _absorb(self) -> str:
        """Take what came since the last time into what is laid out; return it."""
        if not self._fresh:
            return ""
        text = safe.stream("".join(self._fresh))
        self._fresh, self._fresh_size = [], 0
        self._recent = (self._recent + text)[-_RECENT:]
        return text[-_RECENT:]
