"""`dendrite axons`: what a selection resolves to; no traffic to axons."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import Listing, grouped


@grouped
def axons(
    *,
    axons: o.AxonArguments = None,
    axon: o.Axons = None,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    listing: Listing,
) -> int:
    """Show which axons a selection names, and ask none of them."""
    from dendrite_cli import records
    from dendrite_cli.cli.listed import show_axons, terminal_of
    from dendrite_cli.cli.wiring import selected

    terminal = terminal_of(listing)
    chosen = selected([*(axons or ()), *(axon or ())], terminal)
    show_axons(terminal, listing, [records.axon(index, known) for index, known in enumerate(chosen)])
    return 0
