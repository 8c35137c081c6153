"""Options of streams, declared once: how their text is shown, when they are enough, and how bytes become text."""

from enum import StrEnum
from typing import Annotated

import typer

from dendrite_cli.cli.network_options import NETWORK
from dendrite_cli.cli.options import OUTPUT, REQUEST
from dendrite_cli.output.streams import Layout


class Decode(StrEnum):
    """What the bytes of a stream become."""

    CLASS = "class"
    TEXT = "text"
    SSE = "sse"
    RAW = "raw"


LayoutOption = Annotated[
    Layout,
    typer.Option(
        "--layout",
        help="panes: side by side. lines: a line each. prefix: whole lines of text, each behind its axon's uid. "
        "auto: panes for up to four axons, lines for more.",
        rich_help_panel=OUTPUT,
    ),
]
Focus = Annotated[
    str | None,
    typer.Option(
        "--focus",
        metavar="UID",
        help="Give the room to one axon, by its uid (or HOST:PORT), and a line to each of the others.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
DecodeOption = Annotated[
    Decode | None,
    typer.Option(
        "--decode",
        help="class: as the synapse's own code does. text: UTF-8. sse: the data of server-sent events. raw: bytes. "
        "Default: class with a class, else text.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
MaxChunks = Annotated[
    int | None,
    typer.Option(
        "--max-chunks",
        min=1,
        metavar="N",
        help="Leave a stream, which then is ok, after so many chunks.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
StopOn = Annotated[
    str | None,
    typer.Option(
        "--stop-on",
        metavar="REGEX",
        help="Leave a stream, which then is ok, as soon as its text matches.",
        rich_help_panel=REQUEST,
        show_default=False,
    ),
]
StreamTimeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        "-t",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        envvar="DENDRITE_TIMEOUT",
        help="Longest wait for an axon's first chunk, and what it is told; a stream then lasts until --deadline.",
        rich_help_panel=NETWORK,
    ),
]
STREAM_TIMEOUT = 60.0
"""Seconds: the default of that."""
