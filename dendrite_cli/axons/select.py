"""Which neurons of a metagraph are asked: named, narrowed, ranked, drawn.

In whatever order the options were typed, they apply in this one, each to what the one before has left:

1. `--uid`, `--hotkey`: the neurons that either names; all of them where none is named
2. `--coldkey`, `--role`, `--min-stake`: those that fit
3. `--exclude`: all but these
4. `--unique`: one of each ip, coldkey or endpoint: the best by `--top`'s rank, without it the first
5. `--top`: the best, ties by uid
6. `--sample`: so many of those, drawn
7. `--limit`: the first of those

So `--unique ip --top 10` is the ten best behind ten ips, and `--top 50 --sample 5` is five of the fifty best. The
axons stay in the order that they came in, which is that of uids in a metagraph; with `--top` they are in that of rank.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from dendrite_cli.axons.criteria import Criteria, Top
from dendrite_cli.axons.reach import host_key, serves
from dendrite_cli.axons.terms import Role, Unique
from dendrite_cli.errors import TargetError, UsageError
from dendrite_cli.model import Axon, Metagraph, Standing

_MANY = 5
"""Hotkeys, or ranges of uids, that one message names."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The neurons of a run, in the order in which they are asked."""

    axons: tuple[Axon, ...]
    named: bool
    """Whether all were named by uid or hotkey: then one that is not dialled counts as a failure."""
    unmatched: tuple[str, ...] = ()
    """Coldkeys and exclusions that fit nobody, as they were written: misspelt, or of neurons that have left."""


def select(axons: Iterable[Axon], criteria: Criteria) -> Selection:
    """Return who of a subnet's neurons is asked.

    Raises TargetError for a uid or hotkey that is not there, and where nobody is left; UsageError where neurons
    are to be compared by what only a metagraph tells, and none was asked about them.
    """
    everybody = chosen = list(axons)
    _check_named(everybody, criteria)
    for option, narrow in _STEPS:
        left = narrow(chosen, criteria)
        if not left:
            why = f"{option} leaves none of {len(chosen)}" if chosen else "there is none to choose from"
            raise TargetError(f"no axon is selected: {why}")
        chosen = left
    return Selection(tuple(chosen), criteria.names_neurons, _unmatched(everybody, criteria))


def by_endpoint(metagraph: Metagraph, host: str, port: int) -> list[Axon]:
    """Return the neurons that announce an endpoint, in the order of uids: none, one, or several that share it."""
    wanted = (host_key(host), port)
    return [axon for axon in metagraph.axons if _shared(axon, Unique.ENDPOINT) == wanted]


def shared(axons: Iterable[Axon]) -> list[tuple[Axon, ...]]:
    """Return the neurons of each endpoint that several hotkeys announce: most first, then in the order they came in."""
    groups: dict[Hashable, list[Axon]] = {}
    for axon in axons:
        groups.setdefault(_shared(axon, Unique.ENDPOINT), []).append(axon)
    groups.pop(None, None)
    several = [tuple(group) for group in groups.values() if len({axon.hotkey for axon in group} - {None}) > 1]
    return sorted(several, key=len, reverse=True)


def _marks(axon: Axon) -> set[Hashable]:
    return {axon.uid, axon.hotkey, host_key(axon.host)} - {None}


def _check_named(axons: Sequence[Axon], criteria: Criteria) -> None:
    uids = {axon.uid for axon in axons if axon.uid is not None}
    hotkeys = {axon.hotkey for axon in axons}
    subnet = f"netuid {axons[0].netuid}" if axons and axons[0].netuid is not None else "the subnet"
    there = f"uids there: {_listed(uids)}" if uids else "nobody is there"
    if strangers := criteria.uids - uids:
        raise TargetError(f"{subnet} has no uid {_listed(strangers)}; {there}")
    if missing := [hotkey for hotkey in criteria.hotkeys if hotkey not in hotkeys]:
        raise TargetError(
            f"{subnet} has no hotkey {', '.join(missing[:_MANY])}{_more(len(missing) - _MANY)}; {there}",
            help="a hotkey that was deregistered or swapped is gone, and its uid may be somebody else's by now",
        )


def _listed(uids: Iterable[int]) -> str:
    """Return `1, 5-9`; no more than fits one line."""
    spans: list[list[int]] = []
    for uid in sorted(uids):
        if spans and spans[-1][-1] == uid - 1:
            spans[-1][1:] = [uid]
        else:
            spans.append([uid])
    rest = sum(span[-1] - span[0] + 1 for span in spans[_MANY:])
    return ", ".join("-".join(map(str, span)) for span in spans[:_MANY]) + _more(rest)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""


def _unmatched(axons: Sequence[Axon], criteria: Criteria) -> tuple[str, ...]:
    coldkeys = {axon.coldkey for axon in axons}
    marks = set[Hashable]().union(*map(_marks, axons)) if criteria.exclude else set[Hashable]()
    return (
        *(coldkey for coldkey in criteria.coldkeys if coldkey not in coldkeys),
        *(exclusion.text for exclusion in criteria.exclude if marks.isdisjoint(exclusion.marks)),
    )


def _by_name(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    if not criteria.names_neurons:
        return axons
    hotkeys = frozenset(criteria.hotkeys)
    return [axon for axon in axons if axon.uid in criteria.uids or axon.hotkey in hotkeys]


def _by_coldkey(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    coldkeys = frozenset(criteria.coldkeys)
    return [axon for axon in axons if axon.coldkey in coldkeys] if coldkeys else axons


def _by_role(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    if criteria.role is Role.ALL:
        return axons
    permit = criteria.role is Role.VALIDATOR
    return [axon for axon in axons if _standing(axon, "--role").validator_permit == permit]


def _by_stake(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    least = criteria.min_stake
    return axons if least is None else [axon for axon in axons if _standing(axon, "--min-stake").stake >= least]


def _not_excluded(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    out = frozenset[Hashable]().union(*(exclusion.marks for exclusion in criteria.exclude))
    return [axon for axon in axons if out.isdisjoint(_marks(axon))] if out else axons


def _unique(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    if criteria.unique is None:
        return axons
    first: dict[Hashable, Axon] = {}
    for axon in _ranked(axons, criteria.top) if criteria.top else axons:
        what = _shared(axon, criteria.unique)
        first.setdefault(object() if what is None else what, axon)
    chosen = {id(axon) for axon in first.values()}
    return [axon for axon in axons if id(axon) in chosen]


def _top(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    return axons if criteria.top is None else _ranked(axons, criteria.top)[: criteria.top.size]


def _sampled(axons: list[Axon], criteria: Criteria) -> list[Axon]:
    """Draw by uid, whatever the rank, and leave those drawn in the order that they had."""
    if criteria.sample is None:
        return axons
    from random import Random

    canonical = sorted(enumerate(axons), key=lambda item: (*_place(item[1]), item[1].hotkey or "", item[1].endpoint))
    size = min(criteria.sample.size, len(axons))
    drawn = Random(criteria.sample.seed).sample(canonical, size)  # noqa: S311 - to be repeated, not to be secret
    return [axons[index] for index in sorted(index for index, _ in drawn)]


_STEPS: tuple[tuple[str, Callable[[list[Axon], Criteria], list[Axon]]], ...] = (
    ("--uid", _by_name),
    ("--coldkey", _by_coldkey),
    ("--role", _by_role),
    ("--min-stake", _by_stake),
    ("--exclude", _not_excluded),
    ("--unique", _unique),
    ("--top", _top),
    ("--sample", _sampled),
    ("--limit", lambda axons, criteria: axons[: criteria.limit]),
)
"""The options in the order in which they apply."""


def _ranked(axons: Iterable[Axon], top: Top) -> list[Axon]:
    """Return the best first, equals by uid."""
    return sorted(axons, key=lambda axon: (-float(getattr(_standing(axon, "--top"), top.by)), _place(axon)))


def _standing(axon: Axon, option: str) -> Standing:
    if axon.standing is None:
        raise UsageError(f"{option} needs a metagraph, and none was asked about {axon.endpoint}", help="add --netuid N")
    return axon.standing


def _shared(axon: Axon, unique: Unique) -> Hashable:
    """Return what an axon may share with others; None where it has nothing to share, as one that does not serve."""
    if unique is Unique.COLDKEY:
        return axon.coldkey
    if not serves(axon):
        return None
    return (host_key(axon.host), axon.port) if unique is Unique.ENDPOINT else host_key(axon.host)


def _place(axon: Axon) -> tuple[bool, int, int]:
    """Return an axon's place by uid; those without one follow."""
    return (axon.uid is None, axon.netuid or 0, axon.uid or 0)
