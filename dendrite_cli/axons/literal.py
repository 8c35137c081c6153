"""Axons that the user typed: `[SCHEME://][HOTKEY@]HOST:PORT[/PATH]`, `@FILE` and `-`.

A list holds one axon per line, or JSON records with host, port and hotkey: what `dendrite axons` and `dendrite
ping` print can be fed back, also after jq has spread a record over several lines.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from dendrite_cli import files
from dendrite_cli.axons.terms import PROTOCOLS
from dendrite_cli.errors import TargetError
from dendrite_cli.model import NOWHERE, Axon

FORM = "write [HOTKEY@]HOST:PORT, for example 5F…@192.0.2.17:8091 or [2001:db8::1]:8091"
SCHEMED = "write btauth://, epistula://, synapse://, https:// or both as in btauth+https://, before HOTKEY@HOST:PORT"
_SECURE, _PLAIN = "https", "http"
_HTTPS_PORT = "443"
_TARGET = re.compile(r"/[!-~]*")
_MAX_PORT = 65_535
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?", re.IGNORECASE)
_NUMERIC = re.compile(r"[0-9.]+")
_COMMENT = re.compile(r"(^|\s)#.*")


@dataclass(frozen=True, slots=True)
class Selection:
    """The axons of a run in the order in which they were named, each once."""

    axons: tuple[Axon, ...] = ()
    duplicates: tuple[Axon, ...] = field(default=())
    """Those that were named again, and are not asked again."""


def select(targets: Sequence[str], read_stdin: Callable[[], str]) -> Selection:
    """Return the axons of the command line; raise TargetError that says which target or line is wrong."""
    chosen: dict[tuple[str | int | None, ...], Axon] = {}
    duplicates = []
    for axon in _named(targets, read_stdin):
        key = (axon.host, axon.port, axon.hotkey, axon.scheme, axon.path)
        if key in chosen:
            duplicates.append(axon)
        else:
            chosen[key] = axon
    return Selection(tuple(chosen.values()), tuple(duplicates))


def parse(text: str) -> Axon:
    """Return the axon that `[SCHEME://][HOTKEY@]HOST:PORT[/PATH]` names; HTTPS has a port of its own, 443."""
    scheme, colons, rest = text.partition("://")
    protocol, tls = _scheme(scheme, text) if colons else (None, False)
    named, path = _path(rest, protocol, text) if colons else (text, None)
    hotkey, at, endpoint = named.rpartition("@")
    if tls and _portless(endpoint):
        endpoint = f"{endpoint}:{_HTTPS_PORT}"
    host, colon, port = endpoint.rpartition(":")
    if at and not hotkey:
        raise TargetError(f"{text!r} has no hotkey before the '@'", help=FORM)
    if not colon or not host:
        raise TargetError(f"{text!r} has no port" if endpoint else "an axon is missing", help=FORM)
    known = _hotkey(hotkey, text) if at else None
    return Axon(_host(host, text), _port(port, text), known, protocol=protocol, tls=tls, path=path)


def _scheme(scheme: str, shown: str) -> tuple[str | None, bool]:
    """Return the protocol that a scheme names, and whether it is by HTTPS."""
    words = scheme.lower().split("+")
    carriers = [word for word in words if word in {_SECURE, _PLAIN}]
    protocols = [word for word in words if word in PROTOCOLS]
    if len(carriers) + len(protocols) != len(words) or len(carriers) > 1 or len(protocols) > 1:
        raise TargetError(f"{shown!r} has a protocol in front that is not spoken: {scheme!r}", help=SCHEMED)
    return (protocols[0] if protocols else None), _SECURE in carriers


def _path(rest: str, protocol: str | None, shown: str) -> tuple[str, str | None]:
    """Return what stands before the path, and the path; None without one."""
    named, slash, path = rest.partition("/")
    if not slash or not path:
        return named, None
    if protocol == "synapse":
        raise TargetError(f"{shown!r} has a path", help="a synapse's path is its class: leave the path out")
    if not _TARGET.fullmatch(slash + path) or "#" in path:
        raise TargetError(f"{shown!r} has no usable path", help="escape it as URLs are: %20 for a space")
    return named, slash + path


def _portless(endpoint: str) -> bool:
    return bool(endpoint) and (endpoint.endswith("]") or ":" not in endpoint)


def _named(targets: Sequence[str], read_stdin: Callable[[], str]) -> Iterator[Axon]:
    for target in targets:
        if target == "-":
            yield from _listed(read_stdin(), "stdin")
        elif target.startswith("@"):
            yield from _listed(_read(target[1:]), target[1:])
        else:
            yield parse(target.strip())


def _read(name: str) -> str:
    try:
        return files.read(Path(name)).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as problem:
        reason = (problem.strerror or "not readable").lower()
        raise TargetError(f"cannot read {name!r}: {reason}", help=_near(Path(name))) from None
    except UnicodeError:
        raise TargetError(f"cannot read {name!r}: not UTF-8 text") from None


def _near(path: Path) -> str | None:
    """Return which file may have been meant."""
    from difflib import get_close_matches

    try:
        there = [entry.name for entry in path.expanduser().parent.iterdir()]
    except (OSError, RuntimeError):
        return None
    close = get_close_matches(path.name, there, n=1)
    return f"there is {close[0]}" if close else None


def _listed(text: str, name: str) -> Iterator[Axon]:
    """Yield the axons of a list; an error says where it is."""
    decoder = json.JSONDecoder()
    at, size = 0, len(text)
    while at < size:
        line_end = text.find("\n", at)
        end = size if line_end < 0 else line_end
        line = text[at:end].strip()
        try:
            if line.startswith("{"):
                record, end = decoder.raw_decode(text, text.index("{", at))
                yield _from_record(record)
            elif entry := _COMMENT.sub("", line).strip(" \t,"):
                yield parse(entry)
        except (ValueError, RecursionError) as problem:
            raise _located(TargetError(f"broken JSON: {problem}"), name, text, at) from None
        except TargetError as problem:
            raise _located(problem, name, text, at) from None
        at = end + 1


def _located(problem: TargetError, name: str, text: str, at: int) -> TargetError:
    number = text.count("\n", 0, at) + 1
    return TargetError(f"{name}, line {number}: {problem.message}", help=problem.help)


def _from_record(record: object) -> Axon:
    """Return the axon of a record: one of ours, or any object with host, port and perhaps hotkey."""
    if isinstance(record, dict) and isinstance(record.get("axon"), dict):
        record = record["axon"]
    if isinstance(record, dict) and record.get("source") == "metagraph" and record.get("host") is None:
        return _unserved(record)
    if not isinstance(record, dict) or not isinstance(record.get("host"), str):
        raise TargetError("the record has no host", help="it needs host, port and perhaps hotkey")
    shown = f"{record['host']}:{record.get('port')}"
    hotkey = record.get("hotkey")
    protocol, tls = _scheme(record["scheme"], shown) if isinstance(record.get("scheme"), str) else (None, False)
    path = record.get("path")
    return Axon(
        _host(f"[{record['host']}]" if ":" in record["host"] else record["host"], shown),
        _port(str(record.get("port")), shown),
        None if hotkey is None else _hotkey(str(hotkey), shown),
        netuid=_whole(record.get("netuid")),
        uid=_whole(record.get("uid")),
        coldkey=_text(record.get("coldkey")),
        block=_whole(record.get("block")),
        source=_text(record.get("source")) or "literal",
        protocol=protocol,
        tls=tls,
        path=_path(f"{shown}{path}", protocol, shown)[1] if isinstance(path, str) else None,
    )


def _unserved(record: dict[str, object]) -> Axon:
    """Return the neuron of a record that announces no axon: it is not dialled, and has its outcome."""
    hotkey = _hotkey(str(record.get("hotkey")), f"uid {record.get('uid')}")
    netuid, uid, block = (_whole(record.get(key)) for key in ("netuid", "uid", "block"))
    return Axon(NOWHERE, 0, hotkey, netuid, uid, _text(record.get("coldkey")), block, "metagraph")


def _host(host: str, shown: str) -> str:
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1], shown)
    if ":" in host:
        raise TargetError(f"{shown!r} is ambiguous", help="write an IPv6 address in brackets: [2001:db8::1]:8091")
    if _NUMERIC.fullmatch(host):
        return _ipv4(host, shown)
    if not _NAME.fullmatch(host):
        raise TargetError(f"{shown!r} has no usable host name: {host!r}", help=FORM)
    return host.lower()


def _ipv6(host: str, shown: str) -> str:
    try:
        return str(IPv6Address(host))
    except ValueError:
        raise TargetError(f"{shown!r} has no valid IPv6 address in its brackets", help=FORM) from None


def _ipv4(host: str, shown: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise TargetError(f"{shown!r} has no valid IPv4 address", help=FORM) from None


def _port(port: str, shown: str) -> int:
    if not port:
        raise TargetError(f"{shown!r} has no port", help=FORM)
    if not (port.isascii() and port.isdigit()) or not 1 <= int(port[:6]) <= _MAX_PORT:
        path = "a path needs its protocol before it: btauth://HOTKEY@HOST:PORT/PATH" if "/" in port else FORM
        raise TargetError(f"{shown!r} has no valid port: {port!r} is not 1-65535", help=path)
    return int(port)


def _hotkey(hotkey: str, shown: str) -> str:
    from bittensor_wallet.utils import is_valid_ss58_address

    if not is_valid_ss58_address(hotkey):
        raise TargetError(f"{shown!r} has no valid hotkey: the checksum of {hotkey!r} is wrong", help=FORM)
    return hotkey


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
