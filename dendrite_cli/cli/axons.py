"""`dendrite axons`: what a selection resolves to; no traffic to axons."""

from dendrite_cli.cli import options as o
from dendrite_cli.cli import target_options as to
from dendrite_cli.cli.groups import Listing, Subnet, grouped


@grouped
def axons(
    *,
    axons: o.AxonArguments = None,
    axon: o.Axons = None,
    shared: to.Shared = False,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    subnet: Subnet,
    listing: Listing,
) -> int:
    """Show which axons a selection names and which of them are not dialled, and ask none of them."""
    from dendrite_cli.cli.listed import say_metagraph, show_axons, show_shared, terminal_of
    from dendrite_cli.cli.selecting import choose

    terminal = terminal_of(listing)
    chosen = choose([*(axons or ()), *(axon or ())], subnet, terminal)
    if chosen.found is not None:
        say_metagraph(terminal, listing, chosen.found)
    (show_shared if shared else show_axons)(terminal, listing, chosen)
    return 0
