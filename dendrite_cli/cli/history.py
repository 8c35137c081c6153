"""`dendrite history`: past runs, found, shown, asked again and compared."""

from typing import Annotated

import typer

from dendrite_cli.cli import history_options as ho
from dendrite_cli.cli import options as o
from dendrite_cli.cli import target_options as to
from dendrite_cli.cli.groups import (
    AS_THE_RUN,
    Bounds,
    Comparing,
    Fitting,
    Identity,
    Instead,
    Kept,
    Listing,
    Pacing,
    Replayed,
    Reviewed,
    Speaking,
    grouped,
)

app = typer.Typer(invoke_without_command=True)
_LATEST = 20


@app.callback()
def _root(context: typer.Context) -> None:
    """Past runs: every one is kept, to be found, shown, asked again and compared. Alone it lists the latest."""
    if context.invoked_subcommand is None:
        from dendrite_cli.cli.reviewing import show_runs

        show_runs(Fitting(), _LATEST, Listing())


@app.command("list")
@grouped
def list_(
    *,
    limit: ho.Limit = _LATEST,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    fitting: Fitting,
    listing: Listing,
) -> int:
    """List runs, the newest first."""
    from dendrite_cli.cli.reviewing import show_runs

    return show_runs(fitting, limit, listing)


@app.command()
@grouped
def show(
    *,
    run: ho.Run,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    reviewed: Reviewed,
) -> int:
    """Show a run as it was shown: with -o ndjson, byte for byte the records that it printed."""
    from dendrite_cli.cli.reshowing import show_run

    return show_run(run, reviewed)


@app.command()
@grouped
def replay(
    *,
    context: typer.Context,
    run: ho.Run,
    items: ho.Items = None,
    only: ho.OnlyAgain = None,
    same_endpoint: ho.SameEndpoint = False,
    network: Annotated[to.Network, AS_THE_RUN] = "finney",
    snapshot: Annotated[to.SnapshotOption, AS_THE_RUN] = None,
    offline: Annotated[to.Offline, AS_THE_RUN] = False,
    refresh: Annotated[to.Refresh, AS_THE_RUN] = False,
    allow_private: Annotated[to.AllowPrivate, AS_THE_RUN] = False,
    chain_timeout: Annotated[to.ChainTimeout, AS_THE_RUN] = 20.0,
    json: o.JsonMistake = False,
    instead: Instead,
    speaking: Annotated[Speaking, AS_THE_RUN],
    identity: Annotated[Identity, AS_THE_RUN],
    bounds: Annotated[Bounds, AS_THE_RUN],
    pacing: Annotated[Pacing, AS_THE_RUN],
    shown: Replayed,
    kept: Kept,
) -> int:
    """Ask again what a run asked, in the same way, with a fresh nonce and signature.

    Axons of a metagraph are found by their hotkeys, wherever they are now. Options that are given replace those of
    the run; its own are never taken from the environment.
    """
    from dendrite_cli.cli import replaying

    given = {name: value for name, value in locals().items() if name in replaying.SUBNET}
    overrides = replaying.Overrides(replaying.given(context), identity, bounds, pacing, speaking, given)
    return replaying.replay(run, tuple(items or ()), only, overrides, instead, shown, kept, same_endpoint=same_endpoint)


@app.command()
@grouped
def diff(
    *,
    before: ho.Run,
    after: ho.OtherRun,
    changed: ho.Changed = False,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    comparing: Comparing,
    listing: Listing,
) -> int:
    """Compare two runs: who changed outcome, how much slower it is, whose answers differ."""
    from dendrite_cli.cli.reviewing import show_diff

    return show_diff(before, after, listing, comparing, changed=changed)


@app.command()
@grouped
def stats(
    *,
    by: ho.ByOption = ho.By.HOTKEY,
    limit: ho.Limit = None,
    json: o.JsonMistake = False,  # noqa: ARG001 - its callback answers
    fitting: Fitting,
    listing: Listing,
) -> int:
    """Show what all runs amount to, or those that fit: how often asked, how often ok, how fast, when last."""
    from dendrite_cli.cli.reviewing import show_stats

    return show_stats(by, fitting, limit, listing)


@app.command()
@grouped
def export(
    *,
    runs: ho.Runs = None,
    output: ho.ExportOutput = ho.ExportFormat.NDJSON,
    to: ho.To = None,
    fitting: Fitting,
    quiet: o.Quiet = False,
) -> int:
    """Write the records of runs for other programs, or all of the history as a SQLite file."""
    from dendrite_cli.cli.reshowing import export_runs

    return export_runs(tuple(runs or ()), output, to, fitting, quiet=quiet)


@app.command()
@grouped
def prune(
    *,
    older_than: ho.OlderThan = None,
    keep: ho.KeepNewest = None,
    max_size: ho.MaxSize = None,
    yes: ho.Yes = False,
    days: o.KeepDays = 90.0,
    size: o.KeepSize = "500MB",
    quiet: o.Quiet = False,
    no_input: o.NoInput = False,
) -> int:
    """Remove runs for good; without options, those that would go by themselves: too old, or too much."""
    from dendrite_cli.cli.pruning import Wanted
    from dendrite_cli.cli.pruning import prune as prune_runs

    return prune_runs(Wanted.of(older_than, keep, max_size, days, size), yes=yes, quiet=quiet, no_input=no_input)


@app.command("path")
def path_() -> int:
    """Print where the history lies."""
    from dendrite_cli.cli.reviewing import show_path

    return show_path()
