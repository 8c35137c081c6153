"""The options of whom to ask: a subnet's metagraph, and which of its neurons."""

from pathlib import Path
from typing import Annotated

import typer

from dendrite_cli.axons import terms
from dendrite_cli.cli.options import TARGETS

Netuid = Annotated[
    int | None,
    typer.Option(
        "--netuid",
        min=0,
        max=65_535,
        metavar="N",
        envvar="DENDRITE_NETUID",
        help="The neurons of this subnet.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Network = Annotated[
    str,
    typer.Option(
        "--network",
        "-n",
        metavar="NAME|URL",
        envvar=["DENDRITE_NETWORK", "BT_NETWORK", "BT_SUBTENSOR_NETWORK"],
        help="finney, test, local, archive, or a node's ws:// or wss:// URL.",
        rich_help_panel=TARGETS,
    ),
]
Uids = Annotated[
    list[str] | None,
    typer.Option(
        "--uid", "-u", metavar="1,5-9", help="These uids. Repeatable.", rich_help_panel=TARGETS, show_default=False
    ),
]
Hotkeys = Annotated[
    list[str] | None,
    typer.Option(
        "--hotkey",
        metavar="SS58",
        help="The neurons with these hotkeys. Repeatable.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Coldkeys = Annotated[
    list[str] | None,
    typer.Option(
        "--coldkey",
        metavar="SS58",
        help="The neurons of these coldkeys. Repeatable.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Role = Annotated[
    terms.Role,
    typer.Option("--role", help="By validator permit: who has none, who has one, or both.", rich_help_panel=TARGETS),
]
MinStake = Annotated[
    float | None,
    typer.Option(
        "--min-stake",
        min=0,
        metavar="AMOUNT",
        help="With at least this total stake.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Top = Annotated[
    int | None,
    typer.Option(
        "--top",
        min=1,
        metavar="N",
        help="The first N of the order of --by.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
By = Annotated[terms.By, typer.Option("--by", help="What --top goes by.", rich_help_panel=TARGETS)]
Sample = Annotated[
    int | None,
    typer.Option(
        "--sample", min=1, metavar="N", help="N of them at random.", rich_help_panel=TARGETS, show_default=False
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        metavar="N",
        help="Draw the same sample again.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
UniqueOption = Annotated[
    terms.Unique | None,
    typer.Option(
        "--unique", help="One neuron for each ip, coldkey or endpoint.", rich_help_panel=TARGETS, show_default=False
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="UID|HOTKEY|HOST",
        help="Not these. Repeatable.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, metavar="N", help="At most N of what is left.", rich_help_panel=TARGETS, show_default=False
    ),
]
SnapshotOption = Annotated[
    Path | None,
    typer.Option(
        "--snapshot",
        metavar="FILE",
        help="The metagraph of this file, instead of the chain's.",
        rich_help_panel=TARGETS,
        show_default=False,
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", metavar="", help="Ask no chain: the cached metagraph, however old.", rich_help_panel=TARGETS
    ),
]
Refresh = Annotated[
    bool,
    typer.Option(
        "--refresh", metavar="", help="Ask the chain, however fresh the cached metagraph.", rich_help_panel=TARGETS
    ),
]
AllowPrivate = Annotated[
    bool,
    typer.Option(
        "--allow-private",
        metavar="",
        help="Dial private, loopback and link-local addresses that a metagraph announces, too.",
        rich_help_panel=TARGETS,
    ),
]
ChainTimeout = Annotated[
    float,
    typer.Option(
        "--chain-timeout",
        min=0.1,
        max=3600,
        metavar="SECONDS",
        envvar="DENDRITE_CHAIN_TIMEOUT",
        help="Longest wait for the chain.",
        rich_help_panel=TARGETS,
    ),
]
Shared = Annotated[
    bool,
    typer.Option(
        "--shared", metavar="", help="Show the endpoints that several hotkeys announce.", rich_help_panel=TARGETS
    ),
]
SnapshotFile = Annotated[Path, typer.Argument(metavar="FILE", help="The snapshot.", show_default=False)]
