"""From the options of what is shown to a renderer on this terminal."""

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from dendrite_cli.cli.fanout import Rounds, Screen
from dendrite_cli.cli.groups import Comparing, Shown
from dendrite_cli.cli.options import Format
from dendrite_cli.engine.address import is_ours
from dendrite_cli.engine.events import Observer
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Run
from dendrite_cli.output import talk
from dendrite_cli.output.document import Document
from dendrite_cli.output.ndjson import Ndjson
from dendrite_cli.output.raw import Raw
from dendrite_cli.output.streams import Layout, Streams
from dendrite_cli.output.table import Moving, Table
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.output.watch import SORTS, Watch
from dendrite_cli.summary import Requirement, Summary, parse_requirement

if TYPE_CHECKING:
    from collections.abc import Callable


class Renderer(Observer, Screen, Protocol):
    """An observer that draws while the run goes on, and has a last word."""

    def close(self, summary: Summary) -> None:
        """The run is over."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Rounds of pings, which a terminal shows an axon a row."""

    endless: bool
    wanted: bool
    """Whether that was asked for, and not only several rounds."""

    @classmethod
    def of(cls, rounds: Rounds) -> "Watching | None":
        """Return how these rounds are watched; None for a single one."""
        return cls(rounds.endless, rounds.watch) if rounds.several else None

    def fits(self, shown: Shown, chosen: Format) -> bool:
        """Say whether rows of axons are to be shown; raise UsageError where that was asked for and cannot be."""
        known = shown.sort is None or shown.sort.removeprefix("-") in SORTS
        if self.endless and chosen is not Format.TABLE and (shown.sort or chosen in {Format.JSON, Format.RAW}):
            what = "--sort waits for the last record" if shown.sort else f"-o {chosen.value} is for what ends by itself"
            raise UsageError(f"{what}, and --watch has no end", help="use -o ndjson, or -c N for N rounds")
        if self.wanted and chosen is Format.TABLE and (shown.columns or not known):
            raise UsageError(
                "--watch has columns of its own", help=f"leave --columns out; --sort takes {', '.join(SORTS)}"
            )
        return chosen is Format.TABLE and known and not shown.columns and not (shown.verbose and not self.wanted)


@dataclass(frozen=True, slots=True)
class Display:
    """Where a run is shown, in which format and how much of it."""

    terminal: Terminal
    format: Format
    view: View
    requirement: Requirement
    verbose: bool
    streams: Streams = Streams()
    """How the text of streams is laid out, where people read it."""
    watch: "Callable[[Run], Watch] | None" = None
    """What shows rounds of pings, where people read them an axon a row."""

    @classmethod
    def of(
        cls,
        shown: Shown,
        *,
        until: int | None = None,
        streams: Streams = Streams(),
        comparing: Comparing = Comparing(),
        watching: Watching | None = None,
    ) -> "Display":
        """Check the options against each other, and claim stdout for records."""
        _check(shown)
        terminal = Terminal.detect(shown.color.value, os.environ, quiet=shown.quiet)
        terminal.claim_stdout()
        chosen = shown.output
        if chosen is Format.AUTO:
            readable = terminal.out.tty or streams.layout is Layout.PREFIX
            chosen = Format.TABLE if readable else Format.NDJSON
        watched = watching is not None and watching.fits(shown, chosen)
        try:
            view = View.parse(shown.columns, None if watched else shown.sort, shown.only.value if shown.only else None)
            requirement = parse_requirement(shown.require or (str(until) if until else "all"))
        except ValueError as problem:
            raise UsageError(str(problem)) from None
        view = replace(view, likeness=comparing.likeness())
        if view.likeness and chosen is Format.RAW:
            raise UsageError("-o raw writes one axon's bytes; there is nothing to compare", help="use -o ndjson")
        watch = _watch(terminal, view, shown.sort, watching) if watched and watching else None
        return cls(terminal, chosen, view, requirement, verbose=shown.verbose > 0, streams=streams, watch=watch)

    def renderer(self, run: Run) -> Renderer:
        """Return what shows this run; among records, how old its metagraph is can only be said beside them."""
        if run.block is not None and self.format not in {Format.TABLE, Format.RAW}:
            self.terminal.say(talk.headline(run, self.terminal.symbols))
        match self.format:
            case Format.NDJSON:
                return Ndjson(self.terminal, run, self.view)
            case Format.JSON:
                return Document(self.terminal, run, self.view)
            case Format.CSV:
                from dendrite_cli.output.csv import Csv

                return Csv(self.terminal, run, self.view)
            case Format.RAW:
                return Raw(self.terminal, self.view)
            case _ if self.watch:
                return self.watch(run)
            case _:
                moving = self._moving(run)
                return Table(self.terminal, run, self.view, verbose=self.verbose, moving=moving, is_ours=is_ours)

    def _moving(self, run: Run) -> Moving | None:
        """Return what shows the text of streams; None for a command without them."""
        if run.command != "stream":
            return None
        if self.streams.layout is Layout.PREFIX or not self.terminal.out.moves:
            from dendrite_cli.output.prefix import Prefix

            return Prefix(self.terminal)
        from dendrite_cli.output.panes import Panes

        return Panes(self.terminal, run, self.streams)

    def check_raw(self, selected: int) -> None:
        """Raise UsageError when the bytes of several axons would run into each other."""
        if self.format is Format.RAW and selected > 1:
            raise UsageError(
                f"-o raw writes one axon's bytes, and {selected} are selected",
                help="choose one axon: -a AXON, --uid N, or --limit 1",
            )


def _watch(terminal: Terminal, view: View, sort: str | None, watching: Watching) -> "Callable[[Run], Watch]":
    return lambda run: Watch(terminal, run, only=view.only, sort=sort, endless=watching.endless)


def _check(shown: Shown) -> None:
    if shown.quiet and shown.verbose:
        raise UsageError("--quiet and --verbose contradict each other", help="give one of them")
    if shown.output is Format.RAW and (shown.columns or shown.sort):
        raise UsageError("-o raw writes bytes; there are no columns to choose or sort by", help="use -o ndjson")
