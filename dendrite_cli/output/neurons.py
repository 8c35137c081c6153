"""What a table shows of axons that were selected and not asked."""

from collections.abc import Sequence
from dataclasses import replace

from dendrite_cli.model import Axon
from dendrite_cli.output import grid
from dendrite_cli.output.columns import SHORT_HOTKEY, Column, Record, path
from dendrite_cli.output.symbols import Symbols
from dendrite_cli.output.terminal import Terminal

_LARGE = 100
_UIDS = 12
"""Of those that share an endpoint, so many are named."""


def write_axons(terminal: Terminal, rows: Sequence[Record]) -> None:
    """Write a table of `dendrite.axon/1` records."""
    hotkey = replace(SHORT_HOTKEY, value=path("hotkey"))
    columns = (
        Column("uid", path("uid"), header="UID", right=True, weight=80),
        hotkey if terminal.out.tty else Column("hotkey", path("hotkey"), header="HOTKEY", weight=60),
        Column("endpoint", _endpoint, header="ENDPOINT", weight=90),
        Column("stake", path("stake"), _amount, "STAKE", right=True, weight=50),
        Column("incentive", path("incentive"), _amount, "INCENTIVE", right=True, weight=45),
        Column("emission", path("emission"), _amount, "EMISSION", right=True, weight=20),
        Column("permit", _permit, header="PERMIT", weight=40, exceptional=True),
        Column("barred", path("barred"), _words, "NOT DIALLED", weight=70, exceptional=True),
    )
    if rows:
        grid.write(terminal, grid.used(columns, rows), rows)


def write_endpoints(terminal: Terminal, rows: Sequence[Record]) -> None:
    """Write a table of `dendrite.endpoint/1` records."""
    columns = (
        Column("endpoint", _endpoint, header="ENDPOINT", weight=90),
        Column("hotkeys", path("neurons"), header="HOTKEYS", right=True, weight=80),
        Column("coldkeys", lambda record: len(_items(record, "coldkeys")), header="COLDKEYS", right=True, weight=70),
        Column("uids", path("uids"), _several, "UIDS", weight=60, elastic=True),
    )
    if rows:
        grid.write(terminal, columns, rows)


def _endpoint(record: Record) -> object:
    host, port = record["host"], record["port"]
    return Axon(host, port).endpoint if isinstance(host, str) and isinstance(port, int) else None


def _amount(value: object, _symbols: Symbols) -> str:
    """Return as many digits as people compare; the records have all of them."""
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.1f}" if value >= _LARGE else f"{value:.4g}"


def _permit(record: Record) -> str | None:
    return "validator" if record["validator_permit"] else None


def _words(value: object, _symbols: Symbols) -> str:
    return str(value).replace("_", " ")


def _several(value: object, symbols: Symbols) -> str:
    uids = list(map(str, value)) if isinstance(value, list) else []
    return ", ".join(uids[:_UIDS]) + (f", {symbols.ellipsis}" if len(uids) > _UIDS else "")


def _items(record: Record, name: str) -> Sequence[object]:
    value = record[name]
    return value if isinstance(value, list) else ()
