"""Options of the protocols, declared once: what is spoken, what HTTP is told beside it, and who is there."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dendrite_cli.cli.network_options import NETWORK
from dendrite_cli.cli.options import REQUEST


class Proto(StrEnum):
    """What axons are spoken to in."""

    AUTO = "auto"
    SYNAPSE = "synapse"
    BTAUTH = "btauth"
    EPISTULA = "epistula"


ProtoOption = Annotated[
    Proto | None,
    typer.Option(
        "--proto",
        help="synapse: bittensor 10. btauth: bittensor 11's signed HTTP. epistula: that of several subnets. auto: find "
        "out. An axon's own SCHEME:// goes first. Default: btauth for a --path without a class, else synapse.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
PathOption = Annotated[
    str | None,
    typer.Option(
        "--path",
        metavar="/PATH",
        help="Path and query of a btauth or epistula request, as sent and signed. Default: /CLASS, by its name.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        "--method",
        "-X",
        metavar="METHOD",
        help="Of a btauth or epistula request. Default: POST with a body, else GET; epistula always POST.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="NAME:VALUE",
        help="A header beside the protocol's. Repeatable. Values of keys, tokens and cookies are never shown or kept.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        "-d",
        metavar="@FILE|-|TEXT",
        help="The body of a btauth or epistula request, byte for byte, in place of --json and items.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        envvar="DENDRITE_CA",
        help="Certificates (PEM) that https:// axons may prove themselves by, instead of the system's.",
        rich_help_panel=NETWORK,
        show_default=False,
    ),
]
Insecure = Annotated[
    bool,
    typer.Option(
        "--insecure",
        metavar="",
        help="Ask https:// axons whoever they prove to be: anybody on the way can read and change what is said.",
        rich_help_panel=NETWORK,
    ),
]
Prove = Annotated[
    bool,
    typer.Option(
        "--identity",
        metavar="",
        help="Have each bittensor 10 axon prove that it holds its hotkey, by signing a random text, before it is asked "
        "anything else; tells its clock, too. The axon logs an error for it.",
        rich_help_panel=REQUEST,
    ),
]
DiscoverHotkey = Annotated[
    bool,
    typer.Option(
        "--discover-hotkey",
        metavar="",
        help="Ask bittensor 10 axons without a hotkey for theirs. It is their word: nothing is signed for it unless "
        "the subnet of --netuid announces that endpoint for it.",
        rich_help_panel=REQUEST,
    ),
]
