"""From the options of whom to ask to the axons of a run, and why some of them are not dialled."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dendrite_cli.axons import criteria, literal, reach
from dendrite_cli.axons.select import by_endpoint, select
from dendrite_cli.axons.terms import Role
from dendrite_cli.cli import stdin
from dendrite_cli.cli.groups import Subnet
from dendrite_cli.cli.subnets import Found, find
from dendrite_cli.errors import TargetError, UsageError
from dendrite_cli.model import Axon, Verdict
from dendrite_cli.output.terminal import Terminal

_SEED_BITS = 32
_MANY = 10
"""Neurons that one message names."""
_SELECTORS = ("uid", "hotkey", "coldkey", "min_stake", "exclude", "unique", "top", "sample", "limit")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a run asks."""

    axons: tuple[Axon, ...]
    named: bool = True
    """Whether the user named them, so that one that is not dialled counts as a failure."""
    barred: Mapping[int, Verdict] = field(default_factory=dict)
    """Why some of them are not dialled, by index."""
    found: Found | None = None
    """The metagraph that was asked about them."""
    selection: Mapping[str, object] | None = None
    """How they were selected, so that it can be done again."""

    @property
    def dialled(self) -> list[tuple[int, Axon]]:
        """Those that are dialled, with their indices."""
        return [(index, axon) for index, axon in enumerate(self.axons) if index not in self.barred]


def choose(targets: Sequence[str], subnet: Subnet, terminal: Terminal, *, undecided: bool = False) -> Chosen:
    """Return the axons that the command line names; raise UsageError, TargetError or ChainError.

    Typed and listed axons are those that the selectors narrow down, and the metagraph tells what it knows of them;
    without any, it is the neurons of the metagraph. With `undecided`, which of several hotkeys at an
    endpoint is meant may be found out later.
    """
    stdin.check_readers(targets)
    wanted, recorded = _criteria(subnet)
    _check(targets, subnet)
    typed = _typed(targets, terminal)
    found = None if subnet.netuid is None and subnet.snapshot is None else find(subnet, terminal)
    if found is None:
        axons = typed
    else:
        axons = tuple(_known(axon, found, undecided=undecided) for axon in typed) if targets else found.metagraph.axons
    if not axons:
        lists = " and ".join(target[1:] if target.startswith("@") else "stdin" for target in targets)
        where = f"{lists} names none" if found is None or targets else f"netuid {found.metagraph.netuid} has no neurons"
        raise TargetError(f"no axon is selected: {where}")
    chosen = select(axons, wanted)
    for text in chosen.unmatched:
        terminal.note(f"{text} fits none of the {len(axons)} axons")
    local = found is not None and found.is_local
    verdicts = (reach.verdict(axon, allow_private=subnet.allow_private, local_network=local) for axon in chosen.axons)
    barred = {index: verdict for index, verdict in enumerate(verdicts) if verdict}
    return Chosen(chosen.axons, bool(targets) or chosen.named, barred, found, recorded)


def _check(targets: Sequence[str], subnet: Subnet) -> None:
    if subnet.netuid is None and subnet.snapshot is None:
        if not targets:
            raise TargetError("no axon is selected", help=f"add --netuid N, or -a AXON: {literal.FORM}")
        for name in ("offline", "refresh"):
            if getattr(subnet, name):
                raise UsageError(
                    f"--{name} is about a subnet's metagraph, and no subnet is named", help="add --netuid N"
                )
    if targets and (subnet.uid or subnet.hotkey):
        raise UsageError(f"both -a and --{'uid' if subnet.uid else 'hotkey'} name axons", help="leave one of them out")


def _typed(targets: Sequence[str], terminal: Terminal) -> tuple[Axon, ...]:
    """Return the axons that were typed or listed; say which were named more than once."""
    selection = literal.select(targets, stdin.read_text)
    if selection.duplicates:
        first, *more = dict.fromkeys(axon.endpoint for axon in selection.duplicates)
        others = f" and {len(more)} others" if more else ""
        terminal.note(f"named more than once and asked once: {first}{others}")
    return selection.axons


def _known(axon: Axon, found: Found, *, undecided: bool) -> Axon:
    """Return an axon with what its subnet knows of it; it stays where, and what, the user said that it is."""
    if axon.hotkey is None:
        there = by_endpoint(found.metagraph, axon.host, axon.port)
    else:
        there = [neuron for neuron in found.metagraph.axons if neuron.hotkey == axon.hotkey]
    if len(there) > 1 and undecided:
        return axon
    if len(there) > 1:
        listed = tuple(f"uid {neuron.uid}: {neuron.hotkey}" for neuron in there[:_MANY])
        more = (f"and {len(there) - _MANY} more",) if len(there) > _MANY else ()
        raise TargetError(
            f"{len(there)} hotkeys announce {axon.endpoint} on netuid {found.metagraph.netuid}",
            details=listed + more,
            help=f"write HOTKEY@{axon.endpoint}",
        )
    if not there:
        return axon
    typed = {name: getattr(axon, name) for name in ("host", "port", "source", "protocol", "tls", "path")}
    return replace(there[0], **typed)


def _criteria(subnet: Subnet) -> tuple[criteria.Criteria, Mapping[str, object] | None]:
    """Return who is asked, and how that is recorded; None where nothing narrows it down."""
    if subnet.seed is not None and subnet.sample is None:
        raise UsageError("--seed is for --sample, and there is none", help="add --sample N")
    seed = secrets.randbits(_SEED_BITS) if subnet.seed is None else subnet.seed
    wanted = criteria.Criteria(
        uids=criteria.parse_uids(*(subnet.uid or ())),
        hotkeys=criteria.parse_keys(*(subnet.hotkey or ())),
        coldkeys=criteria.parse_keys(*(subnet.coldkey or ()), kind="coldkey"),
        role=subnet.role,
        min_stake=subnet.min_stake,
        exclude=criteria.parse_exclusions(*(subnet.exclude or ())),
        unique=subnet.unique,
        top=None if subnet.top is None else criteria.Top(subnet.top, subnet.by),
        sample=None if subnet.sample is None else criteria.Sample(subnet.sample, seed),
        limit=subnet.limit,
    )
    recorded: dict[str, object] = {
        name: value for name in _SELECTORS if (value := getattr(subnet, name)) not in (None, [], ())
    }
    if subnet.role is not Role.ALL:
        recorded["role"] = subnet.role.value
    if subnet.top is not None:
        recorded["by"] = subnet.by.value
    if subnet.sample is not None:
        recorded["seed"] = seed
    return wanted, recorded or None
