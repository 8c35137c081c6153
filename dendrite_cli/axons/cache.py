"""The metagraphs of the last minutes, one file per network and netuid, so that a second run asks no chain.

A cache never fails a run: what cannot be read or written is a reason for a note. Two names of one chain have two
files, although the hash of its first block would tell that they are one: a node can claim any hash, and what a
stranger's node says must not be taken for what the user's own network says.
"""

import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dendrite_cli import networks
from dendrite_cli.axons import snapshot
from dendrite_cli.model import Metagraph

FRESH = 300.0
"""Seconds for which a metagraph need not be asked for again."""
MOST_FILES = 64

_OURS = re.compile(r"metagraph-.+\.json|\.dendrite-[0-9a-f]{16}\.tmp")
_WORD = re.compile(r"[a-z0-9]{1,32}")


@dataclass(frozen=True, slots=True)
class Cached:
    """A metagraph that was kept."""

    metagraph: Metagraph
    age: float
    """Seconds since the chain was asked, to the millisecond; negative when our clock has gone backwards since."""

    @property
    def fresh(self) -> bool:
        """Whether it is recent enough not to be asked for again: what comes from the future is not."""
        return 0 <= self.age < FRESH


class Cache:
    """The files of one folder."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is kept."""
        self._folder = folder

    def load(self, network: str, netuid: int, now: float) -> tuple[Cached | None, str | None]:
        """Return what is kept of a subnet, however old, and else why a file that is there cannot be used.

        `now` is Unix time. The metagraph's network is the one that was asked for, as it was named.
        """
        if self._folder is None:
            return None, None
        path = self._folder / _name(network, netuid)
        try:
            metagraph = _metagraph(path, network, netuid)
        except (FileNotFoundError, NotADirectoryError):
            return None, None
        except OSError as problem:
            return None, f"cannot read the cached metagraph {str(path)!r}: {_said(problem)}"
        except ValueError as problem:
            return None, f"the cached metagraph {str(path)!r} is of no use: {problem}"
        return Cached(metagraph, round(now - metagraph.fetched_at, 3)), None

    def store(self, metagraph: Metagraph) -> str | None:
        """Keep a metagraph in place of the one before; return why it could not be, None if it is."""
        if self._folder is None:
            return "cannot cache the metagraph: neither XDG_CACHE_HOME nor HOME names a folder"
        try:
            data = snapshot.encode(metagraph)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            snapshot.write_whole(self._folder / _name(metagraph.network, metagraph.netuid), data, 0o600)
        except OSError as problem:
            return f"cannot cache the metagraph in {str(self._folder)!r}: {_said(problem)}"
        except ValueError as problem:
            return f"cannot cache the metagraph: {problem}"
        with suppress(OSError):
            _prune(self._folder)
        return None


def folder_of(environment: Mapping[str, str]) -> Path | None:
    """Return where the environment's owner wants caches, by the XDG rules; None where it says nothing of use."""
    named, home = Path(environment.get("XDG_CACHE_HOME", "")), Path(environment.get("HOME", ""))
    if named.is_absolute():
        return named / "dendrite"
    return home / ".cache" / "dendrite" if home.is_absolute() else None


def _metagraph(path: Path, network: str, netuid: int) -> Metagraph:
    metagraph = snapshot.decode(_read(path))
    if metagraph.netuid != netuid or metagraph.network != networks.shown(network):
        raise ValueError("it is of another subnet")
    return replace(metagraph, network=network)


def _name(network: str, netuid: int) -> str:
    """Return the file's name: nothing of a URL is in it that could be a path, or a secret to be read."""
    origin, path = networks.parts_of(network)
    if _WORD.fullmatch(origin) and not path:
        return f"metagraph-{origin}-{netuid}.json"
    from hashlib import sha256

    # the path can tell two chains of one provider apart
    digest = sha256(f"{origin}{path}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"metagraph-url-{digest[:32]}-{netuid}.json"


def _read(path: Path) -> bytes:
    """Return a file's bytes; raise ValueError for one that somebody else put there, which could send us anywhere."""
    # not blocking, or a pipe of that name would hold us for ever
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    status = os.fstat(descriptor)
    strange = not stat.S_ISREG(status.st_mode)
    if strange or status.st_uid != os.geteuid():
        os.close(descriptor)
        raise ValueError("it is not a file" if strange else "it belongs to another user")
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(snapshot.MOST + 1)


def _prune(folder: Path) -> None:
    """Remove all but the newest of our files, among them what a killed process left behind."""
    found = []
    for entry in folder.iterdir():
        if _OURS.fullmatch(entry.name):
            with suppress(OSError):  # another process was quicker
                found.append((entry.lstat().st_mtime_ns, entry))
    for _, entry in sorted(found, reverse=True)[MOST_FILES:]:
        with suppress(OSError):
            entry.unlink()


def _said(problem: OSError) -> str:
    return (problem.strerror or "the system does not say why").lower()
