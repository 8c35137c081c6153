"""`dendrite ping`: is it there, is it who it says it is, how far away."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import Bounds, Identity, Instead, Kept, Knowing, Pacing, Shown, Speaking, Subnet, grouped


@grouped
def ping(
    *,
    axons: o.AxonArguments = None,
    axon: o.Axons = None,
    layer: o.LayerOption = None,
    count: o.Count = 1,
    interval: o.Interval = 1.0,
    watch: o.Watch = False,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    knowing: Knowing,
    subnet: Subnet,
    speaking: Speaking,
    instead: Instead,
    identity: Identity,
    bounds: Bounds,
    pacing: Pacing,
    shown: Shown,
    kept: Kept,
) -> int:
    """Ask axons whether they are there: one row per axon, with what it answered and how long it took.

    An axon with a hotkey is sent a signed default synapse, as bittensor's dendrite does. Without one it gets an
    unsigned HTTP request, which tells whether it is reachable and nothing more.
    """
    from dendrite_cli.cli import wiring
    from dendrite_cli.cli.fanout import Rounds
    from dendrite_cli.cli.keeping import Keeping

    targets = [*(axons or ()), *(axon or ())]
    rounds = Rounds(count, interval, bounds.deadline, watch)
    return wiring.ping(
        targets, subnet, layer, rounds, speaking, identity, bounds, pacing, shown, instead, Keeping(kept), knowing
    )
