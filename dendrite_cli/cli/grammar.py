"""The commands and options as completion reads them, made from their declarations."""

import json

from dendrite_cli.cli.declared import Command, Parameter, program

_BY_METAVAR = {
    "FILE": "files",
    "FILE|-|{...}": "files",
    "DIR": "dirs",
    "CLASS": "classes",
    "AXON": "axons",
    "RUN": "runs",
    "NAME|URL": "networks",
    "1,5-9": "uids",
    "SS58": "addresses",
    "UID|HOTKEY|HOST": "excluded",
    "UID": "uids",
}
_BY_NAME = {"wallet": "wallets", "wallet-hotkey": "hotkeys", "netuid": "netuids"}
_HELP = {"names": ["--help", "-h"], "long": "help", "help": "Show this message and exit.", "flag": True}
_LONGEST = 60


def grammar() -> str:
    """Return the grammar as JSON, a command a line."""
    commands = program()
    lines = [
        f"{json.dumps(' '.join(path))}: {json.dumps(_command(command, commands), ensure_ascii=False)}"
        for path, command in commands.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _command(command: Command, commands: dict[tuple[str, ...], Command]) -> dict[str, object]:
    below = {name: _short(commands[(*command.path, name)].summary) for name in command.commands}
    options = [_parameter(part) for part in command.options]
    return {
        "commands": below,
        "options": [*options, _HELP | {"many": False, "choices": [], "source": ""}],
        "arguments": [_parameter(part) for part in command.arguments],
    }


def _parameter(part: Parameter) -> dict[str, object]:
    return {
        "names": [*part.options, *part.negative],
        "long": part.long,
        "help": _short(part.help),
        "flag": part.flag,
        "many": part.many,
        "choices": list(part.choices),
        "source": _BY_NAME.get(part.long) or _BY_METAVAR.get(part.metavar, ""),
    }


def _short(text: str) -> str:
    first = text.split(". ", maxsplit=1)[0].rstrip(".")
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 3].rstrip()}..."
