"""The options of the history: which runs are meant, and what is done with them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dendrite_cli.cli.options import OUTPUT, TARGETS, Only

RUNS = "Which runs"


class By(StrEnum):
    """What results are counted by."""

    HOTKEY = "hotkey"
    UID = "uid"
    SYNAPSE = "synapse"
    OUTCOME = "outcome"


class ExportFormat(StrEnum):
    """In what the history leaves."""

    NDJSON = "ndjson"
    CSV = "csv"
    SQLITE = "sqlite"


_RUN_HELP = "A run: its id, a beginning of that, last, or previous."

Run = Annotated[str, typer.Argument(metavar="RUN", help=_RUN_HELP, show_default=False)]
OtherRun = Annotated[str, typer.Argument(metavar="RUN", help="The run that it is compared with.", show_default=False)]
Runs = Annotated[
    list[str] | None, typer.Argument(metavar="RUN", help=f"{_RUN_HELP} Default: all that fit.", show_default=False)
]
Items = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ITEM", help="Fields over those of the run, such as one that was redacted.", show_default=False
    ),
]
Command = Annotated[
    str | None,
    typer.Option("--command", metavar="NAME", help="Of ping, query, ...", rich_help_panel=RUNS, show_default=False),
]
Synapse = Annotated[
    str | None,
    typer.Option("--synapse", "-s", metavar="CLASS", help="That asked this.", rich_help_panel=RUNS, show_default=False),
]
Uid = Annotated[
    list[str] | None,
    typer.Option(
        "--uid", "-u", metavar="1,5-9", help="That asked one of these.", rich_help_panel=RUNS, show_default=False
    ),
]
Hotkey = Annotated[
    str | None,
    typer.Option(
        "--hotkey",
        metavar="SS58",
        help="That asked this axon: its hotkey or a beginning of that.",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Axon = Annotated[
    str | None,
    typer.Option(
        "--axon",
        "-a",
        metavar="HOST[:PORT]",
        help="That asked this endpoint.",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Tag = Annotated[
    str | None,
    typer.Option("--tag", metavar="NAME", help="With this tag.", rich_help_panel=RUNS, show_default=False),
]
Outcome = Annotated[
    str | None,
    typer.Option(
        "--outcome",
        metavar="NAME",
        help="In which an axon came out like this: ok, timeout, forbidden, ...",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="7d|DATE",
        help="Begun since: so long ago, or a date or time (UTC).",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="7d|DATE", help="Begun until.", rich_help_panel=RUNS, show_default=False),
]
Search = Annotated[
    str | None,
    typer.Option(
        "--search",
        metavar="TEXT",
        help="With this in the command line, the request or an answer, whatever the case.",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, max=1_000_000, metavar="N", help="At most N.", rich_help_panel=OUTPUT, show_default=False
    ),
]
ByOption = Annotated[By, typer.Option("--by", help="What results are counted by.", rich_help_panel=OUTPUT)]
Changed = Annotated[
    bool,
    typer.Option("--changed", metavar="", help="Show only axons of which something changed.", rich_help_panel=OUTPUT),
]
ExportOutput = Annotated[
    ExportFormat,
    typer.Option(
        "--output",
        "-o",
        help="ndjson: every record. csv: one row per result. sqlite: all of the history, as a file.",
        rich_help_panel=OUTPUT,
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to", metavar="FILE", help="Write a new file instead of stdout.", rich_help_panel=OUTPUT, show_default=False
    ),
]
OlderThan = Annotated[
    str | None,
    typer.Option(
        "--older-than", metavar="30d", help="Remove runs older than this.", rich_help_panel=RUNS, show_default=False
    ),
]
KeepNewest = Annotated[
    int | None,
    typer.Option("--keep", min=0, metavar="N", help="Keep the newest N.", rich_help_panel=RUNS, show_default=False),
]
MaxSize = Annotated[
    str | None,
    typer.Option(
        "--max-size",
        metavar="SIZE",
        help="Remove the oldest until the rest is at most this large.",
        rich_help_panel=RUNS,
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar="", help="Do not ask.", rich_help_panel=OUTPUT)]
OnlyAgain = Annotated[
    Only | None,
    typer.Option(
        "--only",
        help="Ask only those again that were ok, or that failed.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
SameEndpoint = Annotated[
    bool,
    typer.Option(
        "--same-endpoint",
        metavar="",
        help="Ask where the run asked, whatever the metagraph says of its hotkeys now.",
        rich_help_panel=TARGETS,
    ),
]
