"""`dendrite stream`: a streaming synapse's chunks as they arrive, from several axons at once."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli import protocol_options as po
from dendrite_cli.cli.groups import (
    Identity,
    Instead,
    Kept,
    Pacing,
    Shown,
    Speaking,
    StreamBounds,
    Streaming,
    Subnet,
    grouped,
)


@grouped
def stream(
    *,
    items: o.Items = None,
    synapse: o.SynapseOption = None,
    json: o.Body = None,
    data: po.Data = None,
    axon: o.Axons = None,
    pythonpath: o.PythonPath = None,
    subnet: Subnet,
    speaking: Speaking,
    streaming: Streaming,
    instead: Instead,
    identity: Identity,
    bounds: StreamBounds,
    pacing: Pacing,
    shown: Shown,
    kept: Kept,
) -> int:
    """Send one signed streaming synapse to axons and show what each of them says while it says it.

    On a terminal the text of several axons stands side by side; elsewhere every chunk is a record, and every axon has a
    result when its stream is over.
    """
    from dendrite_cli.cli import streams
    from dendrite_cli.cli.asking import Asked
    from dendrite_cli.cli.keeping import Keeping

    asked = Asked(synapse, json, tuple(items or ()), tuple(pythonpath or ()), data)
    return streams.stream(
        axon or (), subnet, asked, speaking, streaming, identity, bounds, pacing, shown, instead, Keeping(kept)
    )
