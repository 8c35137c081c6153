"""The man pages, written from the same declarations as `--help`.

`python -m dendrite_cli.cli.reference` in a checkout writes them anew, and with them what completion needs.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from dendrite_cli import __version__
from dendrite_cli.cli import examples, shells
from dendrite_cli.cli.declared import Command, Parameter, program
from dendrite_cli.cli.grammar import grammar
from dendrite_cli.cli.roff import bold, italic, plain

_DATE = "2026-11-23"
_ARGUMENTS, _OTHERS = "Arguments", "General"
_EXIT = (
    ("0", "--require was met: by default, every axon is ok."),
    ("1", "--require was not met."),
    ("2", "Usage: options, settings, body, synapse import or validation."),
    ("3", "Wallet: a hotkey that is missing, locked or unreadable."),
    ("4", "Nothing selected, no such netuid or uid, or a target that cannot be understood or lacks its hotkey."),
    ("5", "The chain cannot be reached, and there is neither cache nor snapshot."),
    ("70", "A bug in dendrite; -vv shows the traceback."),
    ("74", "What was found could not be written: a full disk, most often."),
    ("130, 143, 141", "SIGINT, SIGTERM, a closed pipe."),
)
_FILES = (
    ("./dendrite.toml", "Settings of a project: netuid, time-outs, parallel, output, columns and tag."),
    ("$XDG_CONFIG_HOME/dendrite/config.toml", "Your own settings; without the variable in ~/.config."),
    ("$XDG_STATE_HOME/dendrite/history.db", "Past runs; without the variable in ~/.local/state."),
    ("$XDG_CACHE_HOME/dendrite/", "Metagraphs of the last minutes; without the variable in ~/.cache."),
    ("~/.bittensor/wallets/", "Wallets, of which only hotkeys are read."),
)
_ENVIRONMENT = (
    ("DENDRITE_SETTINGS", "0 has no file of settings read."),
    ("NO_COLOR, FORCE_COLOR, TERM, COLUMNS", "As everywhere: --color goes before them."),
)


def pages() -> dict[str, str]:
    """Return every man page by its file's name."""
    commands = program()
    return {f"{_name(path)}.1": _page(command, commands) for path, command in commands.items()}


def files() -> dict[str, str]:
    """Return every file that is written by the program, by its path in a checkout."""
    scripts = {f"completions/{shells.FILES[shell]}": script for shell, script in shells.SCRIPTS.items()}
    man = {f"man/{name}": text for name, text in pages().items()}
    return {**man, **scripts, "dendrite_cli/cli/grammar.json": grammar()}


def write(folder: Path) -> None:
    """Write these files, and remove the man pages of commands that are no more."""
    written = files()
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    for path in (folder / "man").glob("dendrite*.1"):
        if f"man/{path.name}" not in written:
            path.unlink()


def _name(path: Sequence[str]) -> str:
    return "-".join(("dendrite", *path))


def _page(command: Command, commands: Mapping[tuple[str, ...], Command]) -> str:
    sections = {
        "NAME": [f"{plain(_name(command.path))} \\- {plain(_summary(command))}"],
        "SYNOPSIS": list(_synopsis(command)),
        "DESCRIPTION": list(_description(command)),
        "COMMANDS": list(_commands(command, commands)),
        "OPTIONS": list(_options(command)),
        "EXAMPLES": list(_examples(command)),
        "ENVIRONMENT": list(_environment(command)),
        "FILES": list(_tagged(_FILES)),
        "EXIT STATUS": list(_tagged(_EXIT)),
        "SEE ALSO": [_see_also(command, commands)],
    }
    title = f'.TH {_name(command.path).upper()} 1 {_DATE} "dendrite {__version__}" "User Commands"'
    # names of variables and options are looked for and copied whole: .nh has none hyphenated, until an example ends
    body = [line for name, lines in sections.items() if lines for line in (f'.SH "{name}"', ".nh", *lines)]
    origin = r".\" Written by the program from its own options: see dendrite_cli/cli/reference.py"
    return "\n".join([origin, title, *body]) + "\n"


def _summary(command: Command) -> str:
    first = command.summary
    return (first[:1].lower() + first[1:]).rstrip(".")


def _synopsis(command: Command) -> Iterator[str]:
    yield bold(" ".join(("dendrite", *command.path)))
    yield "[" + italic("OPTIONS") + "]"
    if command.commands:
        yield italic("COMMAND") + " ..."
    for argument in command.arguments:
        name = italic(argument.metavar or argument.name.upper()) + (" ..." if argument.many else "")
        yield name if argument.required else f"[{name}]"


def _description(command: Command) -> Iterator[str]:
    for number, paragraph in enumerate(command.help.split("\n\n")):
        if number:
            yield ".PP"
        yield plain(" ".join(paragraph.split()))
    if not command.path:
        yield ".PP"
        yield plain(
            "Records go to stdout and nothing else does: a table on a terminal, NDJSON elsewhere. Every option can be "
            "set in a file by its long name; an option that is given goes first, then its environment variable, then "
            "the project's file, then your own."
        )


def _commands(command: Command, commands: Mapping[tuple[str, ...], Command]) -> Iterator[str]:
    for name in command.commands:
        below = commands[(*command.path, name)]
        yield from (".TP", bold(name), plain(below.summary))


def _options(command: Command) -> Iterator[str]:
    panels = groupby(_ordered(command), key=_panel)
    for panel, parts in panels:
        yield f'.SS "{plain(panel)}"'
        for part in parts:
            yield from (".TP", _tag(part), plain(_meaning(part)))
    yield from (f'.SS "{_OTHERS}"', ".TP", f"{bold('--help')}, {bold('-h')}", "Show the help of the command and exit.")


def _ordered(command: Command) -> list[Parameter]:
    parts = [*command.arguments, *command.options]
    order = list(dict.fromkeys(_panel(part) for part in parts))
    # what belongs nowhere stands with --help, at the end
    order.sort(key=lambda panel: panel == _OTHERS)
    return sorted(parts, key=lambda part: order.index(_panel(part)))


def _panel(part: Parameter) -> str:
    return part.panel or ("Options" if part.is_option else _ARGUMENTS)


def _tag(part: Parameter) -> str:
    if not part.is_option:
        return italic(part.metavar or part.name.upper())
    value = "" if part.flag else " " + italic(part.metavar or "|".join(part.choices) or "VALUE")
    return ", ".join(bold(name) for name in (*part.options, *part.negative)) + value


def _meaning(part: Parameter) -> str:
    told = [part.help]
    if part.choices and part.metavar:
        told.append(f"One of {', '.join(part.choices)}.")
    if part.default not in (None, False, [], "") and not (part.flag and part.default == 0):
        told.append(f"Default: {_default(part)}.")
    if part.environment:
        told.append(f"Environment: {', '.join(part.environment)}.")
    return " ".join(told)


def _default(part: Parameter) -> str:
    if part.flag:
        return part.options[0]
    return f"{part.default:g}" if isinstance(part.default, float) else str(part.default)


def _examples(command: Command) -> Iterator[str]:
    for number, example in enumerate(examples.of(command.path)):
        yield from ((".PP",) if number else ())
        yield plain(f"{example.purpose[:1].upper()}{example.purpose[1:]}{'' if example.purpose[-1] in '?!' else ':'}")
        yield from (".RS 4", ".EX", plain(example.line), ".EE", ".RE")


def _environment(command: Command) -> Iterator[str]:
    named = [part for part in command.options if part.environment]
    yield from _tagged([(", ".join(part.environment), f"As {part.options[0]}.") for part in named])
    yield from _tagged(_ENVIRONMENT)


def _tagged(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    for tag, meaning in pairs:
        yield from (".TP", bold(tag), plain(meaning))


def _see_also(command: Command, commands: Mapping[tuple[str, ...], Command]) -> str:
    up, here = command.path[:-1], command.path
    near = [
        path
        for path in commands
        if path != here and (path == up or path[:-1] == here or (here and path[:-1] == up) or not path)
    ]
    return ",\n".join(f"{bold(_name(path))}(1)" for path in near)


if __name__ == "__main__":
    write(Path())
