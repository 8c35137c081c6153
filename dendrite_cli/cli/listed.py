"""The commands that show what is known without asking any axon."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from dendrite_cli import encoding, records
from dendrite_cli.cli.configuring import Effective, file_record
from dendrite_cli.cli.groups import Listing
from dendrite_cli.cli.options import Format
from dendrite_cli.errors import UsageError
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.networks import shown as network_name
from dendrite_cli.output import listing, neurons, talk
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.settings import File

if TYPE_CHECKING:
    from dendrite_cli.cli.selecting import Chosen
    from dendrite_cli.cli.subnets import Found
    from dendrite_cli.synapse.describe import Description, Field

_SETTING = {"name": "SETTING", "value": "VALUE", "origin": "ORIGIN", "source": "FROM", "commands": "COMMANDS"}
_ROUTES = {"uid": "UID", "endpoint": "ENDPOINT", "synapses": "SYNAPSES", "note": "NOTE"}
_FILE = {"path": "FILE", "sets": "SETS", "exists": "THERE"}
_FIELD = {
    "name": "FIELD",
    "type": "TYPE",
    "required": "REQUIRED",
    "default": "DEFAULT",
    "limits": "LIMITS",
    "description": "MEANING",
}


def terminal_of(shown: Listing) -> Terminal:
    """Return the terminal, with stdout claimed for records."""
    if shown.output is Format.RAW:
        raise UsageError("-o raw is for an axon's answer, and none is asked", help="use -o json or -o ndjson")
    terminal = Terminal.detect(shown.color.value, os.environ, quiet=shown.quiet)
    terminal.claim_stdout()
    return terminal


def show_axons(terminal: Terminal, shown: Listing, chosen: "Chosen") -> None:
    """Show a selection's `dendrite.axon/1` records."""
    rows = [records.axon(index, axon, chosen.barred.get(index)) for index, axon in enumerate(chosen.axons)]
    _show(terminal, shown, rows, neurons.write_axons, records.axon(0, Axon("", 0)))


def show_routes(terminal: Terminal, shown: Listing, rows: list[dict[str, object]]) -> None:
    """Show `dendrite.routes/1` records; for people, a line per axon and why one tells nothing."""
    _show(terminal, shown, rows, _write_routes, records.routes(Outcome(0, Axon("", 0), Verdict.OK, "")))


def _write_routes(terminal: Terminal, rows: listing.Rows) -> None:
    listing.write_table(terminal, [_told_routes(row) for row in rows], _ROUTES)


def _told_routes(row: Mapping[str, object]) -> dict[str, object]:
    axon, synapses = row["axon"], row["synapses"]
    host, port = (axon["host"], axon["port"]) if isinstance(axon, dict) else ("", 0)
    why = (
        "it names none: only bittensor 10 axons do" if row["outcome"] == "ok" else row["hint"] or row["status_message"]
    )
    return {
        "uid": axon.get("uid") if isinstance(axon, dict) else None,
        "endpoint": Axon(str(host), int(port or 0)).endpoint if host else None,
        "synapses": ", ".join(map(str, synapses)) if isinstance(synapses, list) else None,
        "note": None if synapses is not None else why,
    }


def show_shared(terminal: Terminal, shown: Listing, chosen: "Chosen") -> None:
    """Show the endpoints that several hotkeys of a selection announce."""
    from dendrite_cli.axons.select import shared

    rows = [records.shared(group) for group in shared(chosen.axons)]
    _show(terminal, shown, rows, neurons.write_endpoints, records.shared([Axon("", 0)]))
    if not rows:
        terminal.note("no endpoint is announced by several of these hotkeys")


def show_settings(terminal: Terminal, shown: Listing, found: Iterable[Effective]) -> None:
    """Show `dendrite.setting/1` records; for people, a setting's commands in one cell."""
    rows = [setting.record() for setting in found]
    _show(terminal, shown, rows, _write_settings, Effective("", None, "", None, ()).record())


def show_files(terminal: Terminal, shown: Listing, files: Iterable[File]) -> None:
    """Show the files of settings, as `dendrite.file/1` records."""
    rows = [file_record(file) for file in files]
    _show(terminal, shown, rows, _write_files, file_record(File(Path())))


def _write_files(terminal: Terminal, rows: listing.Rows) -> None:
    listing.write_table(terminal, rows, _FILE)


def _write_settings(terminal: Terminal, rows: listing.Rows) -> None:
    told = [{**row, "value": _told(row["value"]), "commands": _joined(row)} for row in rows]
    listing.write_table(terminal, told, _SETTING)


def _joined(row: Mapping[str, object]) -> str:
    commands = row["commands"]
    return ", ".join(commands) if isinstance(commands, list) else ""


def _told(value: object) -> str:
    """Return a value as people read it: what is false or nothing is a value, too."""
    return "-" if value is None else value if isinstance(value, str) else encoding.dumps(value)


def say_metagraph(terminal: Terminal, shown: Listing, found: "Found") -> None:
    """Say which subnet, at which block, and how old that is."""
    metagraph = found.metagraph
    serving = sum(axon.is_serving for axon in metagraph.axons)
    parts = (
        f"netuid {metagraph.netuid}",
        network_name(metagraph.network),
        talk.block(metagraph.block, found.age),
        f"{len(metagraph.axons)} uids",
        f"{serving} serving",
    )
    terminal.say(f" {terminal.symbols.dot} ".join(parts))
    if _format(terminal, shown) is Format.TABLE:
        terminal.say()


def _show(
    terminal: Terminal,
    shown: Listing,
    rows: listing.Rows,
    write_table: Callable[[Terminal, listing.Rows], None],
    keys: Iterable[str],
) -> None:
    match _format(terminal, shown):
        case Format.TABLE:
            write_table(terminal, rows)
        case Format.CSV:
            listing.write_csv(terminal, rows, keys)
        case other:
            listing.write_records(terminal, rows, lines=other is Format.NDJSON)


def show_description(terminal: Terminal, shown: Listing, description: "Description") -> None:
    """Show a class: its record, a CSV row per field, or its fields as a table and what its signature covers."""
    match _format(terminal, shown):
        case Format.TABLE:
            _show_fields(terminal, description)
        case Format.CSV:
            from dendrite_cli.synapse.describe import Field

            covered = set(description.hash_fields)
            rows = [asdict(field) | {"covered": field.name in covered} for field in description.fields]
            listing.write_csv(terminal, rows, [*(part.name for part in fields(Field)), "covered"])
        case other:
            listing.write_records(terminal, [records.synapse(asdict(description))], lines=other is Format.NDJSON)


def _show_fields(terminal: Terminal, description: "Description") -> None:
    for line in (f"{description.name} ({description.module})", description.doc):
        terminal.say(line or "")
    listing.write_table(terminal, [_told_field(field) for field in description.fields], _FIELD)
    covered = ", ".join(description.hash_fields)
    terminal.say(f"\nthe signature covers {covered}" if covered else "\nthe signature does not cover the body")


def _told_field(field: "Field") -> dict[str, object]:
    """Return a field with its default as it is typed."""
    default = "" if field.required else encoding.dumps(field.default)
    return asdict(field) | {"default": default, "limits": ", ".join(field.constraints)}


def _format(terminal: Terminal, shown: Listing) -> Format:
    automatic = Format.TABLE if terminal.out.tty else Format.NDJSON
    return automatic if shown.output is Format.AUTO else shown.output
