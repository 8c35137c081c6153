"""The commands that show what is known without asking any axon."""

import os
from collections.abc import Callable
from dataclasses import asdict

from dendrite_cli import records
from dendrite_cli.cli.groups import Listing
from dendrite_cli.cli.options import Format
from dendrite_cli.errors import UsageError
from dendrite_cli.output import listing
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.synapse.describe import Description

_AXON = {"uid": "UID", "hotkey": "HOTKEY", "host": "HOST", "port": "PORT", "source": "SOURCE"}
_FIELD = {"name": "FIELD", "type": "TYPE", "required": "REQUIRED", "default": "DEFAULT", "description": "MEANING"}


def terminal_of(shown: Listing) -> Terminal:
    """Return the terminal, with stdout claimed for records."""
    if shown.output is Format.RAW:
        raise UsageError("-o raw is for an axon's answer, and none is asked", help="use -o json or -o ndjson")
    terminal = Terminal.detect(shown.color.value, os.environ, quiet=shown.quiet)
    terminal.claim_stdout()
    return terminal


def show_axons(terminal: Terminal, shown: Listing, rows: listing.Rows) -> None:
    """Show a selection's `dendrite.axon/1` records."""
    _show(terminal, shown, rows, lambda: listing.write_table(terminal, rows, _AXON))


def show_description(terminal: Terminal, shown: Listing, description: Description) -> None:
    """Show a class: its record, or its fields as a table and what its signature covers."""
    fields = [asdict(field) for field in description.fields]

    def as_table() -> None:
        for line in (f"{description.name} ({description.module})", description.doc):
            terminal.say(line or "")
        listing.write_table(terminal, fields, _FIELD)
        covered = ", ".join(description.hash_fields)
        terminal.say(f"\nthe signature covers {covered}" if covered else "\nthe signature does not cover the body")

    _show(terminal, shown, [records.synapse(asdict(description))], as_table)


def _show(terminal: Terminal, shown: Listing, rows: listing.Rows, as_table: Callable[[], None]) -> None:
    automatic = Format.TABLE if terminal.out.tty else Format.NDJSON
    chosen = automatic if shown.output is Format.AUTO else shown.output
    if chosen is Format.TABLE:
        as_table()
    else:
        listing.write_records(terminal, rows, lines=chosen is Format.NDJSON)
