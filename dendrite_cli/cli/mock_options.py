"""The options of `dendrite mock`: how the axon behaves, and whose hotkey it has."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dendrite_cli.cli import options as o
from dendrite_cli.cli.options import IDENTITY


class Garbage(StrEnum):
    """What a mock axon's bytes are not."""

    JSON = "json"
    HTTP = "http"


class Speaks(StrEnum):
    """What a mock axon speaks."""

    SYNAPSE = "synapse"
    BTAUTH = "btauth"
    EPISTULA = "epistula"


NATURE = "How it behaves"

MockProto = Annotated[
    Speaks, typer.Option("--proto", help="What it speaks, and verifies the signatures of.", rich_help_panel=NATURE)
]

_MOCK_KEY_HELP = "Answer with this wallet's hotkey instead of a fresh one."
MockWallet = Annotated[
    str | None,
    typer.Option("--wallet", "-w", metavar="NAME", help=_MOCK_KEY_HELP, rich_help_panel=IDENTITY, show_default=False),
]
MockHotkey = Annotated[
    str | None,
    typer.Option(
        "--wallet-hotkey", "-H", metavar="NAME", help="Its hotkey.", rich_help_panel=IDENTITY, show_default=False
    ),
]
Refuse = Annotated[
    str | None,
    typer.Option(
        "--refuse",
        metavar="REASON",
        help="403 to everybody, for this reason.",
        rich_help_panel=NATURE,
        show_default=False,
    ),
]
Delay = Annotated[
    float,
    typer.Option("--delay", metavar="SECONDS", min=0, help="Think before answering.", rich_help_panel=NATURE),
]
Status = Annotated[
    int | None,
    typer.Option(
        "--status",
        metavar="CODE",
        min=200,
        max=599,
        help="Answer good requests with this status.",
        rich_help_panel=NATURE,
        show_default=False,
    ),
]
Drop = Annotated[bool, typer.Option("--drop", metavar="", help="Hang up instead of answering.", rich_help_panel=NATURE)]
GarbageOption = Annotated[
    Garbage | None,
    typer.Option(
        "--garbage", help="Answer with what is no JSON, or no HTTP.", rich_help_panel=NATURE, show_default=False
    ),
]
Clock = Annotated[
    float,
    typer.Option("--clock", metavar="SECONDS", help="Be ahead of the true time by this much.", rich_help_panel=NATURE),
]


STREAM = "How it streams"
StreamFlag = Annotated[
    bool,
    typer.Option("--stream", metavar="", help="Answer good requests by a stream of text.", rich_help_panel=STREAM),
]
StreamText = Annotated[
    str | None,
    typer.Option(
        "--stream-text",
        metavar="TEXT",
        help="What is said. Default: the request's own first text.",
        rich_help_panel=STREAM,
        show_default=False,
    ),
]
StreamSize = Annotated[
    int,
    typer.Option(
        "--stream-size",
        metavar="BYTES",
        min=1,
        help="Bytes of a chunk, wherever that cuts a character.",
        rich_help_panel=STREAM,
    ),
]
StreamRate = Annotated[
    float | None,
    typer.Option(
        "--stream-rate",
        metavar="N",
        min=0.001,
        help="Chunks per second. Default: all at once.",
        rich_help_panel=STREAM,
        show_default=False,
    ),
]
StreamStall = Annotated[
    int | None,
    typer.Option(
        "--stream-stall",
        metavar="N",
        min=0,
        help="Say nothing more after N chunks.",
        rich_help_panel=STREAM,
        show_default=False,
    ),
]
StreamCut = Annotated[
    int | None,
    typer.Option(
        "--stream-cut", metavar="N", min=0, help="Hang up after N chunks.", rich_help_panel=STREAM, show_default=False
    ),
]
StreamEndless = Annotated[
    bool,
    typer.Option("--stream-endless", metavar="", help="Begin again when the text is over.", rich_help_panel=STREAM),
]


@dataclass(frozen=True, slots=True)
class MockStream:
    """How a mock axon streams."""

    stream: StreamFlag = False
    stream_text: StreamText = None
    stream_size: StreamSize = 8
    stream_rate: StreamRate = None
    stream_stall: StreamStall = None
    stream_cut: StreamCut = None
    stream_endless: StreamEndless = False


@dataclass(frozen=True, slots=True)
class MockKey:
    """Whose hotkey a mock axon has: a wallet's if one is named, else a fresh one."""

    wallet: MockWallet = None
    wallet_hotkey: MockHotkey = None
    wallet_path: o.WalletPath = Path("~/.bittensor/wallets")
    password_file: o.PasswordFile = None


@dataclass(frozen=True, slots=True)
class MockNature:
    """How a mock axon behaves."""

    refuse: Refuse = None
    delay: Delay = 0.0
    status: Status = None
    drop: Drop = False
    garbage: GarbageOption = None
    clock: Clock = 0.0
    quiet: o.Quiet = False
