"""The commands that show what is known without asking any axon."""

import os
from dataclasses import asdict, fields

from dendrite_cli import records
from dendrite_cli.cli.groups import Listing
from dendrite_cli.cli.options import Format
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Axon
from dendrite_cli.output import listing
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.synapse.describe import Description, Field

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
    match _format(terminal, shown):
        case Format.TABLE:
            listing.write_table(terminal, rows, _AXON)
        case Format.CSV:
            listing.write_csv(terminal, rows, records.axon(0, Axon("", 0)))
        case other:
            listing.write_records(terminal, rows, lines=other is Format.NDJSON)


def show_description(terminal: Terminal, shown: Listing, description: Description) -> None:
    """Show a class: its record, a CSV row per field, or its fields as a table and what its signature covers."""
    match _format(terminal, shown):
        case Format.TABLE:
            _show_fields(terminal, description)
        case Format.CSV:
            covered = set(description.hash_fields)
            rows = [asdict(field) | {"covered": field.name in covered} for field in description.fields]
            listing.write_csv(terminal, rows, [*(part.name for part in fields(Field)), "covered"])
        case other:
            listing.write_records(terminal, [records.synapse(asdict(description))], lines=other is Format.NDJSON)


def _show_fields(terminal: Terminal, description: Description) -> None:
    for line in (f"{description.name} ({description.module})", description.doc):
        terminal.say(line or "")
    listing.write_table(terminal, [asdict(field) for field in description.fields], _FIELD)
    covered = ", ".join(description.hash_fields)
    terminal.say(f"\nthe signature covers {covered}" if covered else "\nthe signature does not cover the body")


def _format(terminal: Terminal, shown: Listing) -> Format:
    automatic = Format.TABLE if terminal.out.tty else Format.NDJSON
    return automatic if shown.output is Format.AUTO else shown.output
