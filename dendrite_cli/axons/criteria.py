"""Who of a subnet is asked, as values, and how they are written."""

import re
from collections.abc import Hashable
from dataclasses import dataclass

from dendrite_cli.axons.reach import address_of, host_key
from dendrite_cli.axons.terms import By, Role, Unique
from dendrite_cli.errors import TargetError, UsageError

_MAX_UID = 65_535
_UIDS = re.compile(r"[0-9\s-]+")
_KEY = re.compile(r"[1-9A-HJ-NP-Za-km-z]{40,}")
_NAME = re.compile(r"(?=.*[a-z])[a-z0-9_][a-z0-9_.-]{0,252}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Top:
    """So many of the best, at least 1."""

    size: int
    by: By = By.INCENTIVE


@dataclass(frozen=True, slots=True)
class Sample:
    """So many, at least 1, by a seed, at least 0: of the same neurons it draws the same on every machine."""

    size: int
    seed: int


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who is left out."""

    text: str
    """As it was written."""
    marks: frozenset[Hashable]
    """Uids, a hotkey or a host: a neuron that bears one of them is left out."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Who is asked; without any, everybody."""

    uids: frozenset[int] = frozenset()
    hotkeys: tuple[str, ...] = ()
    coldkeys: tuple[str, ...] = ()
    role: Role = Role.ALL
    min_stake: float | None = None
    exclude: tuple[Exclusion, ...] = ()
    unique: Unique | None = None
    top: Top | None = None
    sample: Sample | None = None
    limit: int | None = None

    @property
    def names_neurons(self) -> bool:
        """Whether neurons are named one by one, rather than swept in by a filter."""
        return bool(self.uids or self.hotkeys)


def parse_uids(*texts: str) -> frozenset[int]:
    """Return the uids that `1,5-9` names; raise UsageError that says which part is wrong."""
    return frozenset(uid for text in texts for part in text.split(",") for uid in _range(part.strip()))


def parse_keys(*texts: str, kind: str = "hotkey") -> tuple[str, ...]:
    """Return ss58 addresses, each once; raise TargetError for one that is none. `kind` is what a message calls it."""
    return tuple(dict.fromkeys(_key(part.strip(), kind) for text in texts for part in text.split(",")))


def parse_exclusions(*texts: str) -> tuple[Exclusion, ...]:
    """Return who UIDs, ranges of them, HOTKEYs and HOSTs leave out; raise UsageError or TargetError."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    return tuple(Exclusion(part, _marks_of(part)) for part in parts)


def _range(text: str) -> range:
    first, dash, last = (part.strip() for part in text.partition("-"))
    low = _uid(first, text)
    high = _uid(last, text) if dash else low
    if low > high:
        raise UsageError(f"the uids {text!r} run backwards", help=f"write {high}-{low}")
    return range(low, high + 1)


def _uid(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        problem = f"{text!r} is neither a uid nor a range of uids" if text else "a uid is missing"
        raise UsageError(problem, help="write uids as 1,5-9")
    uid = int(digits.lstrip("0")[:6] or 0)
    if uid > _MAX_UID:
        raise UsageError(f"{text!r} is beyond the last uid that a subnet can have, {_MAX_UID}")
    return uid


def _key(text: str, kind: str) -> str:
    from bittensor_wallet.utils import is_valid_ss58_address

    if not text:
        raise TargetError(f"a {kind} is missing")
    if not is_valid_ss58_address(text):
        raise TargetError(
            f"{text!r} is no {kind}: its checksum is wrong",
            help=f"a {kind} is written as its ss58 address: 5F… and 46 characters more, none left out",
        )
    return text


def _marks_of(text: str) -> frozenset[Hashable]:
    if _UIDS.fullmatch(text):
        return frozenset(_range(text))
    if _KEY.fullmatch(text):
        return frozenset({_key(text, "hotkey")})
    host = text.removeprefix("[").removesuffix("]")
    if address_of(host) is None and not _NAME.fullmatch(host):
        raise UsageError(
            f"cannot exclude {text!r}: it is neither a uid, a hotkey nor a host" if text else "an exclusion is missing",
            help="exclude a UID, a range such as 5-9, a whole HOTKEY, or a HOST without a port",
        )
    return frozenset({host_key(host)})
