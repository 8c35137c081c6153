"""`dendrite config show|path`: which settings there are, what they are, and which files make them."""

import typer

from dendrite_cli.cli import options as o
from dendrite_cli.cli.groups import Listing, grouped
from dendrite_cli.cli.synapse import help_if_bare

app = typer.Typer(invoke_without_command=True)


@app.callback()
def _root(context: typer.Context) -> None:
    """What the options are when nothing is said, and where that comes from.

    An option that is given goes first, then the environment, then ./dendrite.toml, then your own file, then what is
    built in. Files set options by their long names: timeout = 20, and for one command in the table of its name.
    """
    help_if_bare(context)


@app.command()
@grouped
def show(
    *,
    context: typer.Context,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    listing: Listing,
) -> int:
    """Show every setting: its value, where that comes from, and which commands take it."""
    from dendrite_cli.cli.configuring import effective
    from dendrite_cli.cli.listed import show_settings, terminal_of

    terminal = terminal_of(listing)
    show_settings(terminal, listing, effective(context))
    return 0


@app.command("path")
@grouped
def path_(*, json: o.JsonMistake = False, listing: Listing) -> int:  # noqa: ARG001 - its callback answers
    """Show the files that settings are read from, those that count for more first, and which of them exist."""
    import os
    from pathlib import Path

    from dendrite_cli import settings
    from dendrite_cli.cli.listed import show_files, terminal_of

    terminal = terminal_of(listing)
    show_files(terminal, listing, reversed(settings.files_of(os.environ, Path.cwd())))
    return 0
