"""`dendrite stream`: a streaming synapse's chunks as they arrive, from several axons at once."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import (
    Identity,
    Instead,
    Kept,
    Pacing,
    Shown,
    StreamBounds,
    Streaming,
    Subnet,
    grouped,
)


@grouped
def stream(
    *,
    items: o.Items = None,
    synapse: o.SynapseOption,
    json: o.Body = None,
    axon: o.Axons = None,
    pythonpath: o.PythonPath = None,
    subnet: Subnet,
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
    from dendrite_cli.cli.keeping import Keeping
    from dendrite_cli.cli.wiring import Asked

    asked = Asked(synapse, json, tuple(items or ()), tuple(pythonpath or ()))
    return streams.stream(axon or (), subnet, asked, streaming, identity, bounds, pacing, shown, instead, Keeping(kept))
