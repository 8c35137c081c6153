"""The options that compare answers, each declared once."""

from typing import Annotated

import typer

from dendrite_cli.cli.options import OUTPUT

Compare = Annotated[
    bool,
    typer.Option(
        "--compare",
        metavar="",
        help="Group equal answers: which most axons gave, and where the others differ.",
        rich_help_panel=OUTPUT,
    ),
]
CompareBy = Annotated[
    str | None,
    typer.Option(
        "--compare-by",
        metavar="FIELD,...",
        help="Compare these fields only, such as answer,meta.score. Implies --compare.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
Tolerance = Annotated[
    str | None,
    typer.Option(
        "--tolerance",
        metavar="N|N%",
        help="Take numbers that are no further apart for equal: 0.01, or 1% of the larger. Implies --compare.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
