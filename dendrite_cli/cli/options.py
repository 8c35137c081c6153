"""Every option, declared once: its names, metavar, help, environment variable and panel."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """Of what stdout carries."""

    AUTO = "auto"
    TABLE = "table"
    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"
    RAW = "raw"


class Layer(StrEnum):
    """How deep a ping goes."""

    TCP = "tcp"
    HTTP = "http"
    SYNAPSE = "synapse"


class Only(StrEnum):
    """Which outcomes are shown."""

    OK = "ok"
    FAILED = "failed"


class Color(StrEnum):
    """When output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


TARGETS = "Whom to ask"
IDENTITY = "Who asks"
REQUEST = "What is asked"
OUTPUT = "What is shown"
KEPT = "What is kept"

_AXON_HELP = (
    "An axon as [SCHEME://][HOTKEY@]HOST:PORT, with a /PATH if it has its own; @FILE for a list, - for one on stdin. "
    "Repeatable."
)

AxonArguments = Annotated[list[str] | None, typer.Argument(metavar="AXON", help=_AXON_HELP, show_default=False)]
Axons = Annotated[
    list[str] | None,
    typer.Option("--axon", "-a", metavar="AXON", help=_AXON_HELP, rich_help_panel=TARGETS, show_default=False),
]
LayerOption = Annotated[
    Layer | None,
    typer.Option(
        "--layer",
        help="tcp: it accepts a connection. http: it answers an unsigned GET. synapse: it answers a signed synapse. "
        "Default: synapse, or http for an axon without a hotkey.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
Count = Annotated[
    int, typer.Option("--count", "-c", min=1, metavar="N", help="Rounds of pings.", rich_help_panel=REQUEST)
]
Interval = Annotated[
    float,
    typer.Option(
        "--interval",
        "-i",
        min=0,
        metavar="SECONDS",
        help="From the start of one round to the start of the next, which waits for the slowest answer: see -t.",
        rich_help_panel=REQUEST,
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        metavar="",
        help="Go on until Ctrl-C, or for -c rounds: loss, latency and jitter of each axon as they change.",
        rich_help_panel=REQUEST,
    ),
]

Wallet = Annotated[
    str,
    typer.Option(
        "--wallet",
        "-w",
        metavar="NAME",
        envvar=["DENDRITE_WALLET", "BT_WALLET_NAME", "BT_WALLET"],
        help="Wallet whose hotkey signs.",
        rich_help_panel=IDENTITY,
    ),
]
Hotkey = Annotated[
    str,
    typer.Option(
        "--wallet-hotkey",
        "-H",
        metavar="NAME",
        envvar=["DENDRITE_WALLET_HOTKEY", "BT_WALLET_HOTKEY"],
        help="Hotkey that signs.",
        rich_help_panel=IDENTITY,
    ),
]
WalletPath = Annotated[
    Path,
    typer.Option(
        "--wallet-path",
        metavar="DIR",
        envvar=["DENDRITE_WALLET_PATH", "BT_WALLET_PATH"],
        help="Where wallets lie.",
        rich_help_panel=IDENTITY,
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        envvar="DENDRITE_PASSWORD_FILE",
        help="Its first line opens an encrypted hotkey.",
        rich_help_panel=IDENTITY,
        show_default=False,
    ),
]
Unsigned = Annotated[
    bool, typer.Option("--unsigned", metavar="", help="Send without a signature.", rich_help_panel=IDENTITY)
]
Ephemeral = Annotated[
    bool,
    typer.Option("--ephemeral", metavar="", help="Sign with a fresh key made for this run.", rich_help_panel=IDENTITY),
]

Items = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ITEM",
        help="Fields of the body, over --json: key=text, key:=json, key=@file, key:=@file, 'a[B][0]:=1'.",
        show_default=False,
    ),
]
SynapseOption = Annotated[
    str | None,
    typer.Option(
        "--synapse",
        "-s",
        metavar="CLASS",
        help="pkg.mod:Class, ./file.py:Class, or a bare route name (the body goes as given).",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
SynapseArgument = Annotated[
    str, typer.Argument(metavar="CLASS", help="pkg.mod:Class or ./file.py:Class.", show_default=False)
]
Body = Annotated[
    str | None,
    typer.Option(
        "--json",
        metavar="FILE|-|{...}",
        help="The request body: a file, - for stdin, or the JSON itself. (JSON output is -o json.)",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
PythonPath = Annotated[
    list[Path] | None,
    typer.Option(
        "--pythonpath",
        metavar="DIR",
        help="Where else to look for the class's module. Repeatable.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        metavar="",
        help="Show what would be sent to whom, as HTTP or as records (-o); send nothing. Your signature is left out.",
        rich_help_panel=REQUEST,
    ),
]
Curl = Annotated[
    bool,
    typer.Option(
        "--curl",
        metavar="",
        help="Write one signed line of curl per axon, for a shell to run while the signature lives; send nothing.",
        rich_help_panel=REQUEST,
    ),
]


def _no_body(given: bool) -> None:
    if given:
        raise typer.BadParameter("for JSON output write -o json or -o ndjson; --json is the request body of query")


JsonMistake = Annotated[bool, typer.Option("--json", hidden=True, is_eager=True, callback=_no_body)]

Require = Annotated[
    str | None,
    typer.Option(
        "--require",
        metavar="all|any|N|N%",
        envvar="DENDRITE_REQUIRE",
        help="How many axons must be ok for exit code 0. Default: all, or what --until says.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]

Output = Annotated[
    Format,
    typer.Option(
        "--output",
        "-o",
        envvar="DENDRITE_OUTPUT",
        help="auto: a table on a terminal, NDJSON elsewhere. csv: one row per record. raw: one axon's body, untouched.",
        rich_help_panel=OUTPUT,
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="NAME,...",
        envvar="DENDRITE_COLUMNS",
        help="What to show of records: uid, hotkey, endpoint, status, ttfb, total, note, or paths like body.answer.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="[-]NAME",
        help="Order by a column; - for descending.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
OnlyOption = Annotated[
    Only | None, typer.Option("--only", help="Show these outcomes only.", rich_help_panel=OUTPUT, show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="No notes, no summary.", rich_help_panel=OUTPUT)]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        metavar="",
        show_default=False,
        help="Details per axon; -vv for tracebacks.",
        rich_help_panel=OUTPUT,
    ),
]
ColorOption = Annotated[
    Color, typer.Option("--color", envvar="DENDRITE_COLOR", help="When to use colour.", rich_help_panel=OUTPUT)
]
NoInput = Annotated[bool, typer.Option("--no-input", metavar="", help="Never ask anything.", rich_help_panel=OUTPUT)]

HistoryOption = Annotated[
    bool,
    typer.Option(
        "--history/--no-history",
        metavar="",
        envvar="DENDRITE_HISTORY",
        help="Keep this run, to be shown, compared and asked again by dendrite history.",
        rich_help_panel=KEPT,
    ),
]
Tag = Annotated[
    str | None,
    typer.Option(
        "--tag",
        metavar="NAME",
        envvar="DENDRITE_TAG",
        help="A name by which the history finds this run.",
        rich_help_panel=KEPT,
        show_default=False,
    ),
]
Redact = Annotated[
    list[str] | None,
    typer.Option(
        "--redact",
        metavar="FIELD",
        envvar="DENDRITE_REDACT",
        help="A field whose value is not kept, wherever it is in the request or in an answer. Repeatable.",
        rich_help_panel=KEPT,
        show_default=False,
    ),
]
KeepDays = Annotated[
    float,
    typer.Option(
        "--history-days",
        min=0,
        metavar="DAYS",
        envvar="DENDRITE_HISTORY_DAYS",
        help="How long runs are kept.",
        rich_help_panel=KEPT,
    ),
]
KeepSize = Annotated[
    str,
    typer.Option(
        "--history-size",
        metavar="SIZE",
        envvar="DENDRITE_HISTORY_SIZE",
        help="How large the history may become before the oldest runs go.",
        rich_help_panel=KEPT,
    ),
]
