"""Axons asked through a proxy: only where somebody wants it."""

import asyncio

import pytest
from ground.asking import HOTKEY, answering, ask, serving

from dendrite_cli.engine.proxy import direct, parse, route
from dendrite_cli.engine.way import Way
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Axon, Verdict

FAR = Axon("axon.example", 8091, HOTKEY)


class Proxying:
    """A proxy that answers in the axon's place, and remembers what it was told."""

    def __init__(self) -> None:
        self.heads: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        length = next(line for line in head.split("\r\n") if line.startswith("Content-Length: "))
        await reader.readexactly(int(length.removeprefix("Content-Length: ")))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


async def test_a_proxy_is_told_the_whole_url_and_looks_the_name_up_itself():
    proxying = Proxying()
    async with serving(proxying) as proxy:
        (outcome,) = await ask([FAR], way=Way(route=route(f"http://127.0.0.1:{proxy.port}")))

    assert outcome.verdict is Verdict.OK
    assert proxying.heads[0].startswith("POST http://axon.example:8091/Echo HTTP/1.1\r\nHost: axon.example:8091\r\n")
    assert "Proxy-Authorization" not in proxying.heads[0]


async def test_a_proxy_is_told_the_password_of_its_url():
    proxying = Proxying()
    async with serving(proxying) as proxy:
        await ask([FAR], way=Way(route=route(f"http://me:a%40b@127.0.0.1:{proxy.port}")))

    assert "Proxy-Authorization: Basic bWU6YUBi\r\n" in proxying.heads[0]


async def test_a_proxy_that_is_not_there_is_named_as_what_failed():
    async with serving(answering(b"")) as gone:
        pass

    (outcome,) = await ask([FAR], way=Way(route=route(f"http://127.0.0.1:{gone.port}")))

    assert outcome.verdict is Verdict.CONNECT_REFUSED
    assert outcome.status_message.startswith(f"Service unavailable at the proxy 127.0.0.1:{gone.port}: ")


async def test_the_environment_names_a_proxy_and_whom_it_is_not_for(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")

    from_environment = route("env")

    assert (from_environment(FAR).host, from_environment(FAR).port) == ("proxy.example", 3128)
    assert from_environment(Axon("127.0.0.1", 8091)) is None


def test_without_the_option_no_proxy_is_asked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")

    assert route(None) is direct
    assert direct(FAR) is None


def test_an_environment_without_a_proxy_is_no_error(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    assert route("env") is direct


@pytest.mark.parametrize(
    "url", ["socks5://me:secret@127.0.0.1:1080", "https://me:secret@proxy:1", "http://", "http://a:x"]
)
def test_what_is_no_http_proxy_is_a_usage_error_that_keeps_its_password(url):
    with pytest.raises(UsageError) as caught:
        parse(url, "--proxy")

    assert "secret" not in f"{caught.value.message} {caught.value.help}"


def test_a_proxy_shows_no_password():
    assert "c2VjcmV0" not in repr(parse("http://u:secret@h:1", "--proxy"))
    assert "secret" not in repr(parse("http://u:secret@h:1", "--proxy"))
