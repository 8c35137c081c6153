"""What every command declares to Typer, as plain values: settings, man pages and completion all read it here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import typer


@dataclass(frozen=True, slots=True)
class Parameter:
    """An option or an argument."""

    name: str
    """Its name in Python, by which Typer knows it."""
    options: tuple[str, ...]
    """`--connect-timeout`, `-t`; of an argument nothing."""
    negative: tuple[str, ...]
    """What says no to a flag: `--no-history`."""
    metavar: str
    help: str
    environment: tuple[str, ...]
    default: object
    """As plain JSON has it; None where there is none, or where the help tells of it."""
    choices: tuple[str, ...]
    panel: str
    flag: bool
    """Whether it takes no value, be it given once or counted."""
    many: bool
    required: bool
    hidden: bool

    @property
    def long(self) -> str:
        """Its long name without dashes, which settings go by."""
        return next((option[2:] for option in self.options if option.startswith("--")), "")

    @property
    def is_option(self) -> bool:
        """Whether it is given by name."""
        return bool(self.options)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or a group of them."""

    path: tuple[str, ...]
    help: str
    short: str
    """What it does in a line; empty where its help says so at once."""
    parameters: tuple[Parameter, ...]
    commands: tuple[str, ...]
    """Names of those below a group."""

    @property
    def options(self) -> tuple[Parameter, ...]:
        """What is given by name, but for what is hidden."""
        return tuple(part for part in self.parameters if part.is_option and not part.hidden)

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """What is given by its place."""
        return tuple(part for part in self.parameters if not part.is_option and not part.hidden)

    @property
    def summary(self) -> str:
        """What it does in a line."""
        return self.short or " ".join(self.help.split("\n\n")[0].split())


def commands_of(root: Any) -> dict[tuple[str, ...], Command]:  # noqa: ANN401 - Typer does not export its commands' type
    """Return every command that is not hidden by its path; that of the program itself is empty."""
    return {command.path: command for command in _below(root, ())}


def program() -> dict[tuple[str, ...], Command]:
    """Return the commands of this program, all of which are loaded."""
    return commands_of(whole())


def whole() -> Any:  # noqa: ANN401
    """Return this program as Typer runs it, with all of its commands."""
    from dendrite_cli.cli.app import command_line

    return typer.main.get_command(command_line())


def plain(value: object) -> object:
    """Return a default or a converted value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _below(command: Any, path: tuple[str, ...]) -> Iterator[Command]:  # noqa: ANN401
    below: Mapping[str, Any] = getattr(command, "commands", {})
    shown = {name: part for name, part in below.items() if not part.hidden}
    parameters = tuple(_parameter(part) for part in command.params)
    yield Command(path, command.help or "", command.short_help or "", parameters, tuple(shown))
    for name, part in shown.items():
        yield from _below(part, (*path, name))


def _parameter(part: Any) -> Parameter:  # noqa: ANN401
    named = part.param_type_name == "option"
    environment = part.envvar or ()
    return Parameter(
        name=part.name,
        options=tuple(part.opts) if named else (),
        negative=tuple(part.secondary_opts),
        metavar=part.metavar or "",
        help=part.help or "",
        environment=(environment,) if isinstance(environment, str) else tuple(environment),
        default=plain(part.default),
        choices=tuple(str(plain(choice)) for choice in part.type_descriptor.choices or ()),
        panel=part.rich_help_panel or "",
        flag=named and (part.is_flag or part.count),
        many=part.multiple or part.nargs == -1,
        required=part.required,
        hidden=part.hidden,
    )
