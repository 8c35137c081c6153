"""Typer's complaints about what was typed, in our words: what was said, where, and what is near it."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import typer

from dendrite_cli.cli import configuring
from dendrite_cli.errors import DendriteError, UsageError

_NOISE = ("Input ", "Value error, ", "Assertion failed, ")
_BOUNDS = {
    "greater_than_equal": ("less than", "ge"),
    "less_than_equal": ("more than", "le"),
    "greater_than": ("not more than", "gt"),
    "less_than": ("not less than", "lt"),
}
_KINDS = {"float_parsing": "a number", "int_parsing": "a whole number", "int_from_float": "a whole number"}


def usage(problem: typer.TyperException, called: str) -> DendriteError:
    """Return what Typer complains about as an error of ours; `called` is the program and its command."""
    if getattr(problem, "option_name", None) == "--json":
        return UsageError("--json has no value", help="for JSON output write -o json or -o ndjson; --json is the body")
    context: Any = getattr(problem, "ctx", None)
    parameter: Any = getattr(problem, "param", None)
    path = context.command_path if context else called
    file = configuring.file_of(context, parameter.name) if context and parameter else None
    details = (f"set in {str(file)!r}",) if file else ()
    if hasattr(problem, "possibilities"):
        return UsageError(_unknown(problem, context), help=f"see '{path} --help'")
    message = problem.format_message().rstrip(".")
    message = message[:1].lower() + message[1:]
    if context and parameter:
        message = _of_value(problem.__cause__, context, parameter) or message
    return UsageError(message, details=details, help=f"see '{path} --help'")


def _of_value(cause: object, context: Any, parameter: Any) -> str | None:  # noqa: ANN401 - Typer does not export these
    """Return what is wrong with a parameter's value, by pydantic's account of it; None where that is not it."""
    errors = getattr(cause, "errors", None)
    if not callable(errors):
        return None
    (first, *_) = errors()
    value, kind, told = first["input"], first["type"], first.get("ctx", {})
    source = context.get_parameter_source(parameter.name)
    by = parameter.envvar if source is not None and source.name == "ENVIRONMENT" else _name(parameter)
    said = f"{by} {value!r}" if isinstance(value, str) else f"{by} {value}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"{said} is {words} {told[bound]:g}"
    if kind in _KINDS:
        return f"{said} is not {_KINDS[kind]}"
    choices = [str(getattr(choice, "value", choice)) for choice in parameter.type_descriptor.choices or ()]
    if choices:
        return f"{said} is not one of {', '.join(choices)}{_near(str(value), choices)}"
    wanted = str(first["msg"])
    for noise in _NOISE:
        wanted = wanted.removeprefix(noise)
    return f"{said}: {wanted[:1].lower()}{wanted[1:]}"


def _name(parameter: Any) -> str:  # noqa: ANN401
    """Return an option's long name, or what an argument is called in the help."""
    names = [option for option in parameter.opts if option.startswith("-")]
    return str(max(names, key=len)) if names else str(parameter.metavar or parameter.name.upper())


def _unknown(problem: Any, context: Any) -> str:  # noqa: ANN401
    option = str(problem.option_name)
    near = _near(option, problem.possibilities or ())
    if not near and context is not None and (below := next(_takers(option, context.command), None)):
        near = f"; {context.command_path} {below} has it"
    return f"no such option: {option}{near}"


def _takers(option: str, group: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the names of a group's commands that have such an option."""
    for name, command in getattr(group, "commands", {}).items():
        if any(option in parameter.opts for parameter in command.params):
            yield name


def _near(word: str, known: Any) -> str:  # noqa: ANN401
    close = get_close_matches(word, list(map(str, known)), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
