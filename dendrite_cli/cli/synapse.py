"""`dendrite synapse describe|template|list`: the fields of a class, a body to start from, and what axons serve."""

import typer

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import Bounds, Listing, Subnet, grouped

app = typer.Typer(invoke_without_command=True)


@app.callback()
def help_if_bare(context: typer.Context) -> None:
    """Fields and example bodies of synapse classes."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
@grouped
def describe(
    *,
    synapse: o.SynapseArgument,
    pythonpath: o.PythonPath = None,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    listing: Listing,
) -> int:
    """Show a class's fields: their types, which are required, and which the signature covers."""
    from dendrite_cli.cli.listed import show_description, terminal_of
    from dendrite_cli.synapse.describe import describe as describe_class
    from dendrite_cli.synapse.load import load_class

    terminal = terminal_of(listing)
    show_description(terminal, listing, describe_class(load_class(synapse, pythonpath or ())))
    return 0


@app.command(name="list")
@grouped
def list_(
    *,
    axon: o.Axons = None,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    subnet: Subnet,
    bounds: Bounds,
    listing: Listing,
) -> int:
    """Ask axons which synapses they serve: a bittensor 10 axon says so, unsigned, when it is asked for none."""
    from dendrite_cli.cli.routes import routes

    return routes(axon or (), subnet, bounds, listing)


@app.command()
@grouped
def template(
    *,
    synapse: o.SynapseArgument,
    pythonpath: o.PythonPath = None,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
) -> int:
    """Print an example body, ready for `dendrite query --json`."""
    from dendrite_cli import encoding
    from dendrite_cli.cli.groups import Listing
    from dendrite_cli.cli.listed import terminal_of
    from dendrite_cli.synapse.describe import template as template_of
    from dendrite_cli.synapse.load import load_class

    terminal = terminal_of(Listing())
    body = template_of(load_class(synapse, pythonpath or ()))
    terminal.write(encoding.dumps(body, indent=2).encode() + b"\n")
    return 0
