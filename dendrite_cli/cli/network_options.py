"""The options of how requests travel: time-outs and sizes, ways, numbers and retries."""

from typing import Annotated

import typer

NETWORK = "How long and how much"
PACE = "How many and how often"

Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        "-t",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        envvar="DENDRITE_TIMEOUT",
        help="Longest wait for one axon, and what it is told: a v10 axon accepts a nonce as old as this and 4 s.",
        rich_help_panel=NETWORK,
    ),
]
ConnectTimeout = Annotated[
    float,
    typer.Option(
        "--connect-timeout",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        envvar="DENDRITE_CONNECT_TIMEOUT",
        help="Longest wait for a connection.",
        rich_help_panel=NETWORK,
    ),
]
FirstByteTimeout = Annotated[
    float | None,
    typer.Option(
        "--first-byte-timeout",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        envvar="DENDRITE_FIRST_BYTE_TIMEOUT",
        help="Longest wait for the answer to begin once connected. Default: what is left of --timeout.",
        rich_help_panel=NETWORK,
        show_default=False,
    ),
]
IdleTimeout = Annotated[
    float,
    typer.Option(
        "--idle-timeout",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        envvar="DENDRITE_IDLE_TIMEOUT",
        help="Longest silence within an answer.",
        rich_help_panel=NETWORK,
    ),
]
MaxBytes = Annotated[
    str,
    typer.Option(
        "--max-bytes",
        metavar="SIZE",
        envvar="DENDRITE_MAX_BYTES",
        help="Largest answer, after decompression: 500kB, 16MiB.",
        rich_help_panel=NETWORK,
    ),
]
Deadline = Annotated[
    float | None,
    typer.Option(
        "--deadline",
        min=0.001,
        metavar="SECONDS",
        envvar="DENDRITE_DEADLINE",
        help="Longest wait for the whole run; axons that are not done by then are cancelled, and count as failed.",
        rich_help_panel=NETWORK,
        show_default=False,
    ),
]
ProxyOption = Annotated[
    str | None,
    typer.Option(
        "--proxy",
        metavar="env|URL",
        help="Ask through an HTTP proxy: http://HOST:PORT, or env for http_proxy and no_proxy. Default: none.",
        rich_help_panel=NETWORK,
        show_default=False,
    ),
]
IPv4 = Annotated[bool, typer.Option("--ipv4", "-4", metavar="", help="Connect by IPv4 only.", rich_help_panel=NETWORK)]
IPv6 = Annotated[bool, typer.Option("--ipv6", "-6", metavar="", help="Connect by IPv6 only.", rich_help_panel=NETWORK)]

Parallel = Annotated[
    str,
    typer.Option(
        "--parallel",
        "-P",
        metavar="auto|N",
        envvar="DENDRITE_PARALLEL",
        help="Requests in flight at once. auto: as many as there are axons, open files and time, up to 1,024.",
        rich_help_panel=PACE,
    ),
]
PerHost = Annotated[
    int,
    typer.Option(
        "--per-host",
        min=1,
        metavar="N",
        envvar="DENDRITE_PER_HOST",
        help="Of these, to one host, as it is written: a name and its address are two.",
        rich_help_panel=PACE,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        min=0.001,
        metavar="N",
        envvar="DENDRITE_RATE",
        help="Axons started per second.",
        rich_help_panel=PACE,
        show_default=False,
    ),
]
Until = Annotated[
    int | None,
    typer.Option(
        "--until",
        min=1,
        metavar="N",
        help="Stop when N axons are ok and cancel the others, which then do not count; --require is then N.",
        rich_help_panel=PACE,
        show_default=False,
    ),
]
RetriesOption = Annotated[
    int,
    typer.Option(
        "--retries",
        min=0,
        max=100,
        metavar="N",
        envvar="DENDRITE_RETRIES",
        help="Further attempts after a failed connection or a 502, 503 or 504, each signed anew; Retry-After is "
        "honoured up to a minute.",
        rich_help_panel=PACE,
    ),
]
RetryOn = Annotated[
    str | None,
    typer.Option(
        "--retry-on",
        metavar="CODE,...",
        help="Retry these too: 408, 429, or outcomes such as timeout and rate_limited.",
        rich_help_panel=PACE,
        show_default=False,
    ),
]
