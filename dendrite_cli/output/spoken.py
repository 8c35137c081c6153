"""All that an axon has said, for the scrollback: under a heading, in lines that a terminal breaks and one can copy."""

from dendrite_cli.output.pane import status, title, why
from dendrite_cli.output.said import Said
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.wrapped import cells, fold

_WIDEST, _SHORTEST = 100, 12


def write(said: Said, terminal: Terminal) -> None:
    """Write its text, or why there is none; of an axon without either, the table says enough."""
    text, lost = said.whole()
    reason = why(said)
    if not text and not reason:
        return
    lines = [_heading(said, terminal)]
    lines += [text.removesuffix("\n")] if text else []
    lines += [_lost(lost, terminal)] if lost else []
    lines += (
        [terminal.paint(line, "dim") for line in fold(reason, terminal.out.width or _WIDEST).split("\n")]
        if reason
        else []
    )
    terminal.write_text("\n".join(lines) + "\n\n")


def _heading(said: Said, terminal: Terminal) -> str:
    """Return `── 5 · 5GrwvA…utQ ── ● 200 ok · 184 chunks · 4.2 s ────`."""
    bar = terminal.symbols.frame[4]
    width = min(terminal.out.width or _WIDEST, _WIDEST)
    name = title(said, terminal)
    words, style = status(said, terminal, 0.0, max(width - 9 - cells(name), _SHORTEST))
    rest = bar * max(width - 9 - cells(name) - cells(words), 0)
    pieces = (bar * 2, terminal.paint(name, "bold"), bar * 2, terminal.paint(words, style), rest)
    return " ".join(filter(None, pieces))


def _lost(characters: int, terminal: Terminal) -> str:
    ellipsis = terminal.symbols.ellipsis
    return terminal.paint(f"{ellipsis} {characters:,} more characters, which -o ndjson and -o raw write", "dim")
