"""A subnet's metagraph: from a snapshot, the cache or the chain, and how old it is."""

import os
import time
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from dendrite_cli import networks
from dendrite_cli.axons import cache, reach, snapshot
from dendrite_cli.cli.groups import Subnet
from dendrite_cli.errors import ChainError, TargetError, UsageError
from dendrite_cli.model import Metagraph
from dendrite_cli.output.terminal import Terminal

_UNITS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


@dataclass(frozen=True, slots=True)
class Found:
    """A metagraph, and what is to be said of it."""

    metagraph: Metagraph
    age: float
    """Seconds since the chain was asked."""
    is_local: bool
    """Whether it is of the user's own chain, whose addresses may be private."""


def find(subnet: Subnet, terminal: Terminal) -> Found:
    """Return the metagraph that the options name; raise UsageError, TargetError or ChainError."""
    if subnet.snapshot is not None:
        return _from_snapshot(subnet)
    if subnet.netuid is None:
        raise UsageError("no subnet is named", help="add --netuid N")
    if subnet.offline and subnet.refresh:
        raise UsageError("--offline and --refresh contradict each other", help="give one of them")
    url = networks.url_of(subnet.network)
    kept = cache.Cache(cache.folder_of(os.environ))
    cached, trouble = kept.load(subnet.network, subnet.netuid, time.time())
    if trouble:
        terminal.note(trouble)
    if cached and (subnet.offline or (cached.fresh and not subnet.refresh)):
        return _found(cached.metagraph, url)
    if subnet.offline:
        raise ChainError(
            f"no metagraph of netuid {subnet.netuid} on {networks.shown(subnet.network)} is cached",
            help="run once without --offline, or name a file by --snapshot FILE",
        )
    metagraph = _fetched(subnet, subnet.netuid, cached)
    # by what the user calls the network, or the next run would not find it
    if trouble := kept.store(replace(metagraph, network=subnet.network)):
        terminal.note(trouble)
    return _found(metagraph, url)


def _from_snapshot(subnet: Subnet) -> Found:
    if subnet.refresh:
        raise UsageError("--snapshot asks no chain, and --refresh wants one asked", help="give one of them")
    metagraph = snapshot.load(subnet.snapshot) if subnet.snapshot else None
    if metagraph is None or subnet.netuid not in {None, metagraph.netuid}:
        held = f"netuid {metagraph.netuid}" if metagraph else "nothing"
        raise TargetError(f"the snapshot {str(subnet.snapshot)!r} is of {held}, not of netuid {subnet.netuid}")
    # whoever wrote the file chose the network's name in it: no reason to dial into the user's own network
    return Found(metagraph, max(0.0, time.time() - metagraph.fetched_at), is_local=False)


def _fetched(subnet: Subnet, netuid: int, cached: cache.Cached | None) -> Metagraph:
    """Ask the chain; where it does not answer, say what there is instead."""
    from dendrite_cli.sdk.base import fetch

    try:
        return fetch(subnet.network, netuid, subnet.chain_timeout)
    except ChainError as problem:
        instead = f"--offline takes the cached metagraph, {_ago(cached.age)} old" if cached else None
        advice = "; or ".join(filter(None, (problem.help, instead)))
        raise ChainError(problem.message, details=problem.details, help=advice or None) from None


def _found(metagraph: Metagraph, url: str) -> Found:
    local = reach.is_local(urlsplit(url).hostname or "", metagraph.genesis)
    return Found(metagraph, max(0.0, time.time() - metagraph.fetched_at), local)


def _ago(seconds: float) -> str:
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= 2 * size), (1, "seconds"))
    return f"{max(seconds, 0) / size:.0f} {unit}"
