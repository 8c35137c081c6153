"""aiohttp's response over our own connection: the classes that read streams reach into it.

They read `content` in pieces or lines, `raw_headers`, and its private attribute of that name. So what they are given
is an instance of aiohttp's class whose fields are ours; its methods (`json`, `text`, `headers`) work on them. The
connection is not aiohttp's, which drops a malformed piece without a word and leaves its reader waiting.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any

from dendrite_cli.engine.content import Content
from dendrite_cli.protocol import Reply

if TYPE_CHECKING:
    from aiohttp import ClientResponse

RawHeaders = tuple[tuple[bytes, bytes], ...]


def client_response(method: str, url: str, head: Reply, raw_headers: RawHeaders, content: Content) -> "ClientResponse":
    """Return a response of aiohttp's class with that head, read from `content`."""
    return _lookalike()(method, url, head, raw_headers, content)  # type: ignore[no-any-return]


def prepare() -> None:
    """Load aiohttp now: it takes a while, and the first chunk should not wait for it."""
    _lookalike()


@cache
def _lookalike() -> Any:  # noqa: ANN401 - a class made when aiohttp is first needed
    from aiohttp import ClientResponse, HttpVersion11, RequestInfo
    from multidict import CIMultiDict, CIMultiDictProxy
    from yarl import URL

    class Lookalike(ClientResponse):
        """Has the fields that aiohttp's `start` would have filled in."""

        def __init__(self, method: str, url: str, head: Reply, raw_headers: RawHeaders, content: Any) -> None:  # noqa: ANN401 - to aiohttp it is a StreamReader
            # not aiohttp's own: its arguments are the parts of its own client, and change with its versions
            target = URL(url, encoded=True)
            decoded = [(_text(name), _text(value)) for name, value in raw_headers]
            self.method = method
            self.status, self.reason, self.version = head.status, head.reason, HttpVersion11
            self.content = content
            self._headers = CIMultiDictProxy(CIMultiDict(decoded))
            self._raw_headers = raw_headers
            self._url = self._real_url = target
            self._request_info = RequestInfo(target, method, CIMultiDictProxy(CIMultiDict()), target)
            self._loop = asyncio.get_running_loop()
            self._cache: dict[str, Any] = {}
            self._body = None
            self._history = ()
            self._traces = []
            self._connection = None
            self._closed = True
            self._resolve_charset = lambda *_: "utf-8"

    return Lookalike


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
