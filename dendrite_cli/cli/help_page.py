"""Help pages on a narrow terminal: what is long breaks between words, and nothing is cut off.

Typer has a column for what an option takes. Ranges, types of Python and long choices in it leave the one beside it,
which says what the option is for, too narrow for an address or a variable's name, and Rich cuts those.
"""

from typing import Any

from typer import rich_utils

_WIDTH = 20
_IN_PYTHON = {"<bool>", "<str>", "<list[str]>", "<path>"}
"""What Typer says of an argument, or of what has no metavar."""


def make_room() -> None:
    """Have all of Typer's help pages of this process laid out so."""
    rich_utils.RANGE_STRING = ""
    rich_utils.types_highlighter = _Narrow()
    # yellow is next to nothing on a light background, and dim yellow is nothing
    rich_utils.STYLE_TYPES = rich_utils.STYLE_USAGE = "bold"
    rich_utils.STYLE_OPTION_ENVVAR = "dim"
    rich_utils.STYLE_HELPTEXT = ""


class _Narrow(rich_utils.TypesHighlighter):
    """Breaks `<one|two|three>` behind a bar."""

    def __call__(self, text: Any) -> Any:  # noqa: ANN401 - Rich's own text, which only `output` knows
        shown = text.copy()
        lines = [""]
        for word in shown.plain.replace("|", "| ").split():
            if lines[-1] and len(lines[-1]) + len(word) > _WIDTH:
                lines.append("")
            lines[-1] += word
        if len(lines) > 1:
            shown.plain = "\n".join(lines)
        elif shown.plain in _IN_PYTHON:
            shown.plain = ""
        return super().__call__(shown)
