"""`dendrite query`: send one synapse to every selected axon, one outcome each."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli import protocol_options as po
from dendrite_cli.cli.groups import Bounds, Comparing, Identity, Instead, Kept, Pacing, Shown, Speaking, Subnet, grouped


@grouped
def query(
    *,
    items: o.Items = None,
    synapse: o.SynapseOption = None,
    json: o.Body = None,
    data: po.Data = None,
    axon: o.Axons = None,
    pythonpath: o.PythonPath = None,
    subnet: Subnet,
    speaking: Speaking,
    instead: Instead,
    identity: Identity,
    bounds: Bounds,
    pacing: Pacing,
    shown: Shown,
    comparing: Comparing,
    kept: Kept,
) -> int:
    """Send one signed synapse to axons and show what each of them answers.

    The body is checked against the synapse's class before anything is sent. Without a class (a bare route name)
    it goes as given.
    """
    from dendrite_cli.cli import wiring
    from dendrite_cli.cli.asking import Asked
    from dendrite_cli.cli.keeping import Keeping

    asked = Asked(synapse, json, tuple(items or ()), tuple(pythonpath or ()), data)
    return wiring.query(
        axon or (), subnet, asked, speaking, identity, bounds, pacing, shown, instead, Keeping(kept), comparing
    )
