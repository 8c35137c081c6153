"""`dendrite snapshot save|show`: a metagraph at a block, in a file, for offline and repeatable runs."""

import typer

from dendrite_cli.cli import options as o
from dendrite_cli.cli import target_options as to
from dendrite_cli.cli.groups import Listing, Subnet, grouped
from dendrite_cli.cli.synapse import help_if_bare

app = typer.Typer(invoke_without_command=True)


@app.callback()
def _root(context: typer.Context) -> None:
    """Metagraphs in files, for offline and repeatable runs."""
    help_if_bare(context)


@app.command()
@grouped
def save(
    *,
    file: to.SnapshotFile,
    netuid: to.Netuid,
    network: to.Network = "finney",
    offline: to.Offline = False,
    refresh: to.Refresh = False,
    chain_timeout: to.ChainTimeout = 20.0,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    listing: Listing,
) -> int:
    """Write a subnet's metagraph to FILE; compressed where its name ends in .gz or .xz."""
    from dendrite_cli.axons import snapshot
    from dendrite_cli.cli.listed import say_metagraph, terminal_of
    from dendrite_cli.cli.subnets import find

    terminal = terminal_of(listing)
    subnet = Subnet(netuid=netuid, network=network, offline=offline, refresh=refresh, chain_timeout=chain_timeout)
    found = find(subnet, terminal)
    snapshot.save(found.metagraph, file)
    say_metagraph(terminal, listing, found)
    terminal.note(f"saved in {str(file)!r}")
    return 0


@app.command()
@grouped
def show(
    *,
    file: to.SnapshotFile,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    listing: Listing,
) -> int:
    """Show the neurons of a snapshot, as `dendrite axons --snapshot FILE` does."""
    from dendrite_cli.cli.listed import say_metagraph, show_axons, terminal_of
    from dendrite_cli.cli.selecting import choose

    terminal = terminal_of(listing)
    chosen = choose((), Subnet(snapshot=file), terminal)
    if chosen.found is not None:
        say_metagraph(terminal, listing, chosen.found)
    show_axons(terminal, listing, chosen)
    return 0
