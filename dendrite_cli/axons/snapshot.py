"""A metagraph in a file: one JSON document, for the cache and for runs that can be repeated without a chain.

The file may come from anybody. Whatever is in it, reading gives a metagraph whose every value is of its kind and
within its range, or ValueError with one line of reason; nothing of it reaches a header or a terminal unchecked.
pydantic would cost more to import than all of this takes.
"""

import json
import os
import re
from contextlib import suppress
from math import inf
from operator import attrgetter
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_pton
from types import ModuleType
from typing import NoReturn

from dendrite_cli.errors import TargetError, UsageError
from dendrite_cli.model import Axon, Metagraph, Standing
from dendrite_cli.networks import shown

SCHEMA = "dendrite.metagraph/1"
_OF_AXON = ("uid", "hotkey", "coldkey", "host", "port")
_OF_STANDING = ("stake", "incentive", "emission", "validator_permit", "active")
COLUMNS = _OF_AXON + _OF_STANDING
"""What the values of an axon's row are, in their order."""
MOST = 2**24
"""Bytes of the longest document that is read: 65,536 neurons, all that uids can count, are about 13 MB."""

_HELP = "write one with 'dendrite snapshot save FILE --netuid N'"
_FAMILY = SCHEMA.partition("/")[0]
_MOST_LISTS = 2**16 + 2**8
_MOST_XZ_MEMORY = 2**27
_LONGEST_NAME = 255
_of_axon, _of_standing = attrgetter(*_OF_AXON), attrgetter(*_OF_STANDING)
_encoder = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\0"
_SS58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46,50}")
_HASH = re.compile(r"0x[0-9a-f]{64}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


def save(metagraph: Metagraph, path: Path) -> None:
    """Write a metagraph where the user wants it, compressed if the name ends in .gz or .xz; raise UsageError.

    A file that was there is replaced at once, or left as it was.
    """
    try:
        place = path.expanduser()
        # what a link leads to is replaced, not the link; /dev/stdout is one that leads nowhere
        data = packed(encode(metagraph), path.name)
        if place.exists() and not place.is_file():
            place.write_bytes(data)  # a terminal, a pipe: nothing to be replaced
        else:
            write_whole(place.resolve() if place.is_file() else place, data)
    except OSError as problem:
        raise UsageError(f"cannot write {str(path)!r}: {_said(problem)}") from None
    except (ValueError, RuntimeError) as problem:  # RuntimeError: a '~' that is nobody's home
        raise UsageError(f"cannot write {str(path)!r}: {problem}") from None


def load(path: Path) -> Metagraph:
    """Return the metagraph of a file, compressed or not; raise TargetError that names the file."""
    try:
        with path.expanduser().open("rb") as stream:
            data = stream.read(MOST + 1)
    except OSError as problem:
        raise TargetError(f"cannot read {str(path)!r}: {_said(problem)}", help=_HELP) from None
    except (ValueError, RuntimeError) as problem:
        raise TargetError(f"cannot read {str(path)!r}: {problem}", help=_HELP) from None
    try:
        return decode(data)
    except ValueError as problem:
        raise TargetError(f"{str(path)!r} is no usable snapshot: {problem}", help=_HELP) from None


def encode(metagraph: Metagraph) -> bytes:
    """Return the document of a metagraph, one axon a line; raise ValueError for one that could not be read back.

    Of a URL only the scheme, host and port are written, see `networks.shown`.
    """
    head = {
        "schema": SCHEMA,
        "type": "metagraph",
        "network": shown(metagraph.network),
        "netuid": metagraph.netuid,
        "block": metagraph.block,
        "fetched_at": _instant(metagraph.fetched_at),
        "genesis": metagraph.genesis and metagraph.genesis.lower(),
        "columns": COLUMNS,
    }
    rows = ",\n".join(_dump(_row(axon)) for axon in metagraph.axons)
    data = f'{_dump(head)[:-1]},"axons":[\n{rows}\n]}}\n'.encode()
    decode(data)
    return data


def decode(data: bytes) -> Metagraph:
    """Return the metagraph of a document, which may be packed by gzip or xz; raise ValueError."""
    document = _document(unpacked(data))
    netuid = _whole(document, "netuid", 2**16)
    block = _whole(document, "block", 2**53)
    rows = document.get("axons")
    if not isinstance(rows, list):
        raise ValueError("its axons are no list")  # noqa: TRY004 - a broken file, not a broken call
    axons: list[Axon] = []
    for number, row in enumerate(rows):
        try:
            axons.append(_axon(row, netuid, block, axons[-1].uid if axons else None))
        except ValueError as problem:
            raise ValueError(f"axon {number} of the list: {problem}") from None
    return Metagraph(
        _network(document.get("network")),
        netuid,
        block,
        _unix(document.get("fetched_at")),
        _genesis(document.get("genesis")),
        tuple(axons),
    )


def packed(data: bytes, name: str) -> bytes:
    """Return what a file of that name holds: the same bytes for the same document, whenever it is written."""
    if name.lower().endswith(".gz"):
        import gzip

        return gzip.compress(data, mtime=0)
    if name.lower().endswith(".xz"):
        return bytes(_lzma().compress(data))
    return data


def unpacked(data: bytes) -> bytes:
    """Return a document without its compression, told by its first bytes; raise ValueError beyond `MOST` bytes."""
    if data.startswith(_GZIP) and len(data) <= MOST:
        data = _ungzipped(data)
    elif data.startswith(_XZ) and len(data) <= MOST:
        data = _unxzed(data)
    if len(data) > MOST:
        raise ValueError(f"it is larger than {MOST >> 20} MiB")
    return data


def write_whole(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Put a file in its place at once, so that no reader ever sees a part of it; raise OSError."""
    # short, since the file's own name may be as long as names can be
    temporary = path.with_name(f".dendrite-{os.urandom(8).hex()}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(data)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _said(problem: OSError) -> str:
    return (problem.strerror or "the system does not say why").lower()


def _dump(value: object) -> str:
    try:
        return _encoder.encode(value)
    except TypeError as problem:
        raise ValueError(str(problem)) from None


def _row(axon: Axon) -> tuple[object, ...]:
    if axon.standing is None:
        raise ValueError(f"uid {axon.uid} has no standing")
    return (*_of_axon(axon), *_of_standing(axon.standing))


def _instant(unix: float) -> str:
    """Return RFC 3339 in UTC, to the microsecond."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(unix, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (OSError, OverflowError, TypeError, ValueError):
        raise ValueError("the time at which it was fetched is no time") from None


def _ungzipped(data: bytes) -> bytes:
    import zlib

    unpacker = zlib.decompressobj(wbits=31)
    try:
        return _ended(unpacker.decompress(data, MOST + 1), ended=unpacker.eof and not unpacker.unused_data)
    except zlib.error:
        raise ValueError("its gzip compression is broken") from None


def _unxzed(data: bytes) -> bytes:
    lzma = _lzma()
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_XZ_MEMORY)
    try:
        return _ended(unpacker.decompress(data, MOST + 1), ended=unpacker.eof and not unpacker.unused_data)
    except lzma.LZMAError:
        raise ValueError("its xz compression is broken") from None


def _lzma() -> ModuleType:
    try:
        import lzma
    except ImportError:
        raise ValueError("this Python was built without xz") from None
    return lzma


def _ended(found: bytes, *, ended: bool) -> bytes:
    if not ended and len(found) <= MOST:
        raise ValueError("its compressed data do not end where they should")
    return found


def _document(data: bytes) -> dict[str, object]:
    """Return the JSON object, if it is one of ours."""
    if data.count(b"[") + data.count(b"{") > _MOST_LISTS:
        raise ValueError("it holds more lists than a subnet has neurons")  # each takes 20 times its two bytes
    try:
        document = json.loads(data.decode(), parse_constant=_no_number)
    except json.JSONDecodeError as problem:
        raise ValueError(f"it is not JSON, or not all of it: line {problem.lineno}, {problem.msg.lower()}") from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("its JSON is too deep") from None
    except ValueError:
        raise ValueError("it holds a number that is none") from None
    if not isinstance(document, dict):
        raise ValueError(f"it is no {_FAMILY} document")  # noqa: TRY004 - a broken file, not a broken call
    schema = document.get("schema")
    if not isinstance(schema, str) or not schema.startswith(f"{_FAMILY}/"):
        raise ValueError(f"it is no {_FAMILY} document")
    if schema != SCHEMA:
        raise ValueError(f"it is of another version than {SCHEMA}, which is all that this dendrite reads")
    if document.get("columns") != list(COLUMNS):
        raise ValueError(f"its columns are not those of {SCHEMA}")
    return document


def _no_number(_: str) -> NoReturn:
    raise ValueError


def _axon(row: object, netuid: int, block: int, previous: int | None) -> Axon:
    if type(row) is not list or len(row) != len(COLUMNS):
        raise ValueError(f"not a list of {len(COLUMNS)} values")
    uid, hotkey, coldkey, host, port, stake, incentive, emission, permit, active = row
    if type(uid) is not int or not 0 <= uid < 2**16:
        raise ValueError("its uid is not a whole number below 65,536")
    if previous is not None and uid <= previous:
        raise ValueError("its uid is not above the one before")
    if type(hotkey) is not str or not _SS58.fullmatch(hotkey):
        raise ValueError("its hotkey is no ss58 address")
    if coldkey is not None and (type(coldkey) is not str or not _SS58.fullmatch(coldkey)):
        raise ValueError("its coldkey is no ss58 address")
    if type(host) is not str or not _is_address(host):
        raise ValueError("its host is no IP address")
    if type(port) is not int or not 0 <= port < 2**16:
        raise ValueError("its port is not a whole number below 65,536")
    if type(permit) is not bool or type(active) is not bool:
        raise ValueError("its validator_permit or active is neither true nor false")
    standing = Standing(
        _amount(stake, "stake"), _amount(incentive, "incentive", 1), _amount(emission, "emission"), permit, active
    )
    return Axon(host, port, hotkey, netuid, uid, coldkey, block, "metagraph", None, standing)


def _is_address(host: str) -> bool:
    """Tell whether a neuron can have announced it; one that never announced any may have an empty host."""
    try:
        inet_pton(AF_INET6 if ":" in host else AF_INET, host or "0.0.0.0")  # noqa: S104 - nobody binds
    except (OSError, ValueError):
        return False
    return True


def _amount(value: object, name: str, most: float = inf) -> float:
    # jq writes 1000.0 as 1000; NaN is in no range, and a whole number can be too long for a float
    if type(value) is float or (type(value) is int and 0 <= value < 2**64):
        amount = float(value)
        if 0 <= amount <= most and amount < inf:
            return amount
    raise ValueError(f"its {name} is not a number {'from 0' if most == inf else f'from 0 to {most}'}")


def _whole(document: dict[str, object], name: str, beyond: int) -> int:
    value = document.get(name)
    if type(value) is not int or not 0 <= value < beyond:
        raise ValueError(f"its {name} is not a whole number below {beyond:,}")
    return value


def _network(value: object) -> str:
    if type(value) is not str or not 0 < len(value) <= _LONGEST_NAME or not value.isprintable():
        raise ValueError("its network is not a name")
    if value != shown(value):
        raise ValueError("its network is not a name, nor only a URL's scheme, host and port")
    return value


def _genesis(value: object) -> str | None:
    if value is not None and (type(value) is not str or not _HASH.fullmatch(value)):
        raise ValueError("its genesis is not the hash of a block")
    return value


def _unix(value: object) -> float:
    from datetime import datetime

    if type(value) is str and _INSTANT.fullmatch(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value).timestamp()
    raise ValueError("its fetched_at is no instant such as 2026-11-22T18:30:18.412000Z")
