"""From the settings' files to Typer's defaults, and back to where a value came from."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer

from dendrite_cli import networks, settings
from dendrite_cli.cli import declared
from dendrite_cli.cli.declared import Command, Parameter
from dendrite_cli.errors import UsageError

_KEPT = "dendrite.settings"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting as commands would have it, if nothing else were said."""

    name: str
    value: object
    origin: str
    """environment, project, user or default."""
    source: str | None
    """The variable's name or the file's path."""
    commands: tuple[str, ...]

    def record(self) -> dict[str, object]:
        """Return its `dendrite.setting/1`."""
        known = asdict(self) | {"commands": list(self.commands)}
        return {"schema": "dendrite.setting/1", "type": "setting"} | known


def file_record(file: settings.File) -> dict[str, object]:
    """Return the `dendrite.file/1` of a file that settings are read from."""
    sets = "this project" if file.project else "all of yours"
    known = {"path": str(file.path), "sets": sets, "exists": settings.there(file)}
    return {"schema": "dendrite.file/1", "type": "file"} | known


def apply(context: typer.Context) -> None:
    """Make the files' settings the defaults of all commands; raise UsageError for what they may not say."""
    files = settings.files_of(os.environ, Path())
    if not any(settings.there(file) for file in files):
        return
    found = settings.read(files, settable(declared.program()))
    context.default_map = settings.default_map(found)
    context.meta[_KEPT] = found


def output_of(context: typer.Context) -> str | None:
    """Return the output that files set for the command that is about to run."""
    place = (context.default_map or {}).get(context.invoked_subcommand or "", {})
    return str(place["output"]) if isinstance(place.get("output"), str) else None


def file_of(context: typer.Context, name: str) -> Path | None:
    """Return the file that a parameter's value came from; None when it came from elsewhere."""
    source = context.get_parameter_source(name)
    if source is None or source.name != "DEFAULT_MAP":
        return None
    path = tuple(context.command_path.split()[1:])
    found: settings.Setting | None = context.meta.get(_KEPT, {}).get(path, {}).get(name)
    return found.file if found else None


def settable(commands: Mapping[tuple[str, ...], Command]) -> dict[tuple[str, ...], dict[str, settings.Option]]:
    """Return what files can set, of which command: every option that is shown, and its refusal."""
    return {
        path: {name: option for part in command.options for name, option in _names(part)}
        for path, command in commands.items()
        if not command.commands and path
    }


def effective(context: typer.Context) -> list[Effective]:
    """Return every setting of every command, alike ones as one; raise UsageError for a value that is none."""
    # of the commands only the one that runs is loaded
    root: Any = type(context)(declared.whole(), info_name="dendrite")
    commands = declared.commands_of(root.command)
    found = settings.read(settings.files_of(os.environ, Path()), settable(commands))
    together: dict[str, Effective] = {}
    for path, command in commands.items():
        for part in command.options if path and not command.commands else ():
            one = _effective(_within(root, path), part, found.get(path, {}).get(part.name), " ".join(path))
            key = repr((one.name, one.value, one.origin, one.source))
            known = together.get(key)
            together[key] = replace(known, commands=(*known.commands, *one.commands)) if known else one
    return list(together.values())


def _names(part: Parameter) -> Iterator[tuple[str, settings.Option]]:
    counted = part.flag and isinstance(part.default, int) and not isinstance(part.default, bool)
    option = settings.Option(
        part.long,
        part.name,
        meaning=(part.panel, part.environment),
        flag=part.flag and not counted,
        counted=counted,
        many=part.many,
        commas=part.metavar.endswith(",..."),
    )
    if part.long:
        yield part.long, option
    for no in part.negative:
        yield no.removeprefix("--"), replace(option, name=no.removeprefix("--"), negates=True)


def _within(root: typer.Context, path: Sequence[str]) -> typer.Context:
    """Return a context of a command, for its parameters to convert values in."""
    context = root
    for name in path:
        group: Any = context.command
        context = type(root)(group.commands[name], parent=context, info_name=name)
    return context


def _effective(context: typer.Context, part: Parameter, setting: settings.Setting | None, command: str) -> Effective:
    parameter: Any = next(known for known in context.command.params if known.name == part.name)
    variable = next((name for name in part.environment if os.environ.get(name)), None)
    if variable:
        origin, source, value = "environment", variable, parameter.value_from_envvar(context)
    elif setting:
        project = setting.file.name == settings.PROJECT
        origin, source, value = ("project" if project else "user"), str(setting.file), setting.value
    else:
        return Effective(part.long, _shown(part.default), "default", None, (command,))
    try:
        value = parameter.get_runtime_param().coerce(value, parameter, context)
    except typer.BadParameter as problem:
        raise UsageError(f"{source}: {part.long} of {command}: {problem.message.rstrip('.').lower()}") from None
    return Effective(part.long, _shown(declared.plain(value)), origin, source, (command,))


def _shown(value: object) -> object:
    """Return a value without what may be secret in a URL: users, passwords, and the keys in a path."""
    return networks.shown(value) if isinstance(value, str) and "://" in value else value
