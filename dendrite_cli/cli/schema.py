"""`dendrite schema KIND`: the JSON Schema of a record."""

from typing import Annotated

import typer

from dendrite_cli.cli.groups import grouped
from dendrite_cli.schemas import Kind

KindArgument = Annotated[
    Kind,
    typer.Argument(metavar="KIND", help=f"A record's type: {', '.join(Kind)}.", show_default=False),
]


@grouped
def schema(*, kind: KindArgument) -> int:
    """Print the JSON Schema of a kind of record, for programs that read them.

    Every key that it requires is in every record. New keys may come with a new version; those that are there stay.
    """
    from dendrite_cli import encoding, schemas
    from dendrite_cli.cli.groups import Listing
    from dendrite_cli.cli.listed import terminal_of

    terminal_of(Listing()).write(encoding.dumps(schemas.schema_of(kind), indent=2).encode() + b"\n")
    return 0
