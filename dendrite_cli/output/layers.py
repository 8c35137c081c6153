"""One ping, layer by layer: how far it came, what each layer said, and what to do where it ended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dendrite_cli.advice import expected_hotkey
from dendrite_cli.output import safe, talk
from dendrite_cli.output.columns import COLUMNS, Record, path
from dendrite_cli.output.symbols import UNICODE
from dendrite_cli.output.terminal import Terminal

_LAYERS = ("name", "tcp", "tls", "http", "route", "access", "key", "signature", "answer")
"""In the order in which a bittensor 10 axon looks at a request."""
_CHALLENGED = ("name", "tcp", "tls", "http", "route", "key", "access", "signature", "answer")
"""Where the key was asked for first, and nothing signed if it was another."""
_PLAIN = ("name", "tcp", "tls", "http", "route", "key", "signature", "access", "answer")
"""In btauth and Epistula who asks is known by the signature, and only then let in or not."""
_DEEPEST = {"tcp": "tcp", "http": "http"}
"""By protocol: the last layer that is asked for."""
_ENDS_AT = {
    "not_serving": "name",
    "private_addr": "name",
    "dns": "name",
    "connect_refused": "tcp",
    "connect_timeout": "tcp",
    "unreachable": "tcp",
    "tls": "tls",
    "first_byte_timeout": "http",
    "redirect": "http",
    "identity_mismatch": "key",
    "not_found": "route",
    "forbidden": "access",
    "rate_limited": "access",
    "unauthorized": "signature",
}
"""The layer that an outcome ended at; any other ended at the answer, or before there was one."""
_SIGNED_FIRST = frozenset({"btauth", "epistula"})
_LONGEST, _LABEL, _AROUND = 200, 9, 6


@dataclass(frozen=True, slots=True)
class Layer:
    """What became of one layer."""

    name: str
    passed: bool | None
    """None where it was not reached or not asked."""
    said: str
    advice: str | None = None


def layers(record: Record) -> Iterator[Layer]:
    """Yield the layers of a ping, down to the one that it ended at and those that it did not reach."""
    outcome, deepest = str(record["outcome"]), _DEEPEST.get(str(record["protocol"]), "answer")
    end = None if record["ok"] else _end(record)
    hint = record["hint"] if isinstance(record["hint"], str) else None
    reached, asked = outcome != "cancelled", True
    for name in _order(record):
        if name == "tls" and end != "tls" and _of(record, "timing", "tls_ms") is None:
            continue
        if not asked:
            yield Layer("further", None, _further(record))
            return
        if not reached:
            yield Layer(name, None, "not reached")
        elif name == end:
            yield Layer(name, passed=False, said=_failure(record), advice=hint)
            reached = False
        else:
            passed, said = _PASSED[name](record)
            yield Layer(name, passed, said)
        asked = asked and name != deepest


def say(terminal: Terminal, record: Record, *, is_ours: Callable[[str], bool]) -> None:
    """Say what became of each layer, and whether the axon is on this machine."""
    room = (terminal.err.width or _LONGEST) - _LABEL - _AROUND
    signs = {True: ("ok", "green"), False: ("failed", "red"), None: ("silent", "dim")}
    terminal.say(str(COLUMNS["endpoint"].cell(record, terminal.symbols)))
    for layer in layers(record):
        sign, style = signs[layer.passed]
        mark = terminal.paint(getattr(terminal.symbols, sign), style, stderr=True)
        said = safe.text(layer.said, limit=room, ellipsis=terminal.symbols.ellipsis)
        terminal.say(f" {mark} {layer.name.ljust(_LABEL)}  {said}")
        if layer.advice:
            terminal.say(f"   {' ' * _LABEL}  {safe.text(layer.advice, ellipsis=terminal.symbols.ellipsis)}")
    for line in talk.figures(record, terminal.symbols):
        terminal.say(line.replace("  ", f"   {' ' * _LABEL}  ", 1))
    address = _address(record)
    if address is not None and is_ours(address):
        terminal.note(f"{address} is this machine: what answers here need not be reachable for others")


def _order(record: Record) -> tuple[str, ...]:
    if record["protocol"] in _SIGNED_FIRST:
        return _PLAIN
    return _LAYERS if _of(record, "trust", "identity") == "not_checked" else _CHALLENGED


def _further(record: Record) -> str:
    if _of(record, "axon", "hotkey") is None:
        return "not asked: HOTKEY@HOST:PORT is sent a signed request"
    return "not asked: a signed request is sent by --layer synapse, or to a --path"


def _end(record: Record) -> str:
    outcome = str(record["outcome"])
    named = expected_hotkey(str(record["status_message"] or "")) if outcome == "unauthorized" else None
    if named is not None and named != _of(record, "axon", "hotkey"):
        return "key"
    if outcome in _ENDS_AT:
        return _ENDS_AT[outcome]
    if record["http_status"] is not None:
        return "answer"
    # cut off, or out of time: before the connection was there, or after
    return "http" if _of(record, "timing", "connect_ms") is not None or outcome == "bad_response" else "tcp"


def _failure(record: Record) -> str:
    status = COLUMNS["status"].value(record)
    message = record["status_message"]
    return f"{status}: {message}" if isinstance(message, str) and message else str(status)


def _name(record: Record) -> tuple[bool | None, str]:
    host, address = _of(record, "axon", "host"), _of(record, "axon", "address")
    if address is None or address == host:
        return True, f"{host} is an address, there is nothing to look up"
    took = _of(record, "timing", "dns_ms")
    return True, f"{host} is {address}{_in(took)}"


def _tcp(record: Record) -> tuple[bool | None, str]:
    return True, f"port {_of(record, 'axon', 'port')} accepts connections{_in(_of(record, 'timing', 'connect_ms'))}"


def _tls(record: Record) -> tuple[bool | None, str]:
    return True, f"encrypted{_in(_of(record, 'timing', 'tls_ms'))}"


def _http(record: Record) -> tuple[bool | None, str]:
    version = COLUMNS["version"]
    known = version.value(record)
    claims = f"; it says it is bittensor {version.text(known, UNICODE)}" if known is not None else ""
    return True, f"answers {record['http_status']}{_in(_of(record, 'timing', 'ttfb_ms'))}{claims}"


def _key(record: Record) -> tuple[bool | None, str]:
    asked, claimed = _of(record, "axon", "hotkey"), _of(record, "claimed", "hotkey")
    identity = str(_of(record, "trust", "identity") or "").replace("_", " ")
    if asked is None:
        return None, "nobody was named: write HOTKEY@HOST:PORT to ask for somebody"
    if identity == "proven":
        return True, f"{COLUMNS['key'].value(record)}: it signed a random text"
    if identity != "not checked":
        return None, f"{identity}: it answers no challenge, as what is no bittensor 10 axon"
    if claimed is None:
        return None, f"not checked, and it does not say whether it is {safe.shorten_hotkey(str(asked))}"
    if claimed == asked:
        return None, f"not checked; it says it is {safe.shorten_hotkey(str(asked))}, as asked"
    return False, f"it says it is {claimed}, and {asked} was asked for"


def _route(record: Record) -> tuple[bool | None, str]:
    if record["outcome"] == "unauthorized" and record["protocol"] in _SIGNED_FIRST:
        return None, "not told: the signature may have been looked at before the path"
    return True, f"{record['synapse'] or 'the path'} is served"


def _access(_record: Record) -> tuple[bool | None, str]:
    return True, "the hotkey that signs is let in"


def _signature(record: Record) -> tuple[bool | None, str]:
    if not _of(record, "trust", "request_signed"):
        return None, "none was sent"
    covered = "covers the body" if _of(record, "trust", "body_covered") else "does not cover the body"
    return True, f"accepted; it {covered}"


def _answer(record: Record) -> tuple[bool | None, str]:
    took = _of(record, "claimed", "process_ms")
    return True, f"complete{_in(_of(record, 'timing', 'total_ms'))}" + (f", {_ms(took)} of it its own" if took else "")


_PASSED: dict[str, Callable[[Record], tuple[bool | None, str]]] = {
    "name": _name,
    "tcp": _tcp,
    "tls": _tls,
    "http": _http,
    "key": _key,
    "route": _route,
    "access": _access,
    "signature": _signature,
    "answer": _answer,
}


def _address(record: Record) -> str | None:
    found = _of(record, "axon", "address") or _of(record, "axon", "host")
    return None if found is None else str(found)


def _of(record: Record, *keys: str) -> object:
    return path(*keys)(record)


def _in(took: object) -> str:
    return f" in {_ms(took)}" if took is not None else ""


def _ms(took: object) -> str:
    return f"{took:.0f} ms" if isinstance(took, (int, float)) and took >= 1 else "less than 1 ms"
