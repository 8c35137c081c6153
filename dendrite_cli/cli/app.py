"""The commands, and the one place where errors meet the shell."""

import errno
import os
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dendrite_cli.cli import configuring, examples
from dendrite_cli.cli.failure import Reporter
from dendrite_cli.cli.shells import SCRIPTS, Shell
from dendrite_cli.errors import ClosedPipeError, ExitCode, OutputError, UsageError

_COMMANDS = {
    "ping": "Ask axons whether they are there, and how fast they answer.",
    "query": "Send one signed synapse, and show what each axon answers.",
    "stream": "Send one signed synapse, and show answers piece by piece.",
    "history": "Past runs: found, shown, asked again, compared.",
    "axons": "Show which axons a selection names, and which are not asked.",
    "synapse": "Fields and example bodies of synapse classes.",
    "snapshot": "Metagraphs in files, for offline and repeatable runs.",
    "config": "What options are when nothing is said, and who says so.",
    "schema": "Print the JSON Schema of a kind of record.",
    "mock": "Run a local axon that answers as bittensor 10's does.",
    "demo": "Show the whole tool in a few seconds, without any set-up.",
}
"""Each in a module of its name, as a function of that name, or as a group called `app`."""


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class _Group(TyperGroup):
    """The list of commands is plain text: Rich would double the time that `dendrite --help` takes."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - Typer's own signature
        super().__init__(**settings)
        self.rich_markup_mode = None
        self.commands = {name: self.commands[name] for name in _COMMANDS if name in self.commands}
        for name, command in self.commands.items():
            _lay_out(command, (name,))


def _lay_out(command: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401 - Typer does not export its commands' type
    """Let lines end where the terminal does, and every help page with its examples."""
    command.help = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    command.epilog = examples.in_help(path)
    command.format_help = partial(_show_help, command.format_help)
    for name, below in getattr(command, "commands", {}).items():
        _lay_out(below, (*path, name))


def _show_help(page: Callable[..., None], *where: object) -> None:
    from dendrite_cli.cli import help_page

    help_page.make_room()
    page(*where)


def command_line(loaded: Collection[str] = _COMMANDS) -> typer.Typer:
    """Return all commands; those that are not to be loaded, which takes a while, are listed and do nothing."""
    app = typer.Typer(
        cls=_Group,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        epilog="'dendrite COMMAND --help' has examples; 'dendrite demo' shows it at work.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name, summary in _COMMANDS.items():
        if name not in loaded:
            app.command(name, short_help=summary)(_not_loaded)
            continue
        module = import_module(f"dendrite_cli.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, short_help=summary)
        else:
            app.command(name, short_help=summary)(getattr(module, name))
    return app


def _not_loaded() -> None:
    """Stand in the list of commands for one that nobody calls."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from dendrite_cli.cli.version import versions

        typer.echo(versions())
        raise typer.Exit


def _show_completion(shell: Shell | None) -> None:
    if shell:
        typer.echo(SCRIPTS[shell], nl=False)
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option("--version", metavar="", callback=_show_version, is_eager=True, help="Show versions and exit."),
    ] = False,
    completion: Annotated[  # noqa: ARG001 - its callback answers
        Shell | None,
        typer.Option("--completion", callback=_show_completion, is_eager=True, help="Show a shell's script and exit."),
    ] = None,
) -> None:
    """Ask Bittensor's axons: signed synapses out, one outcome per axon back."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    reporter: Reporter = context.obj
    # whoever asks for help, or where the settings are, is answered whatever they say
    if not reporter.asks_for_help and context.invoked_subcommand not in {None, "config"}:
        configuring.apply(context)
        reporter.assume(configuring.output_of(context))


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code; every error ends here."""
    reporter = Reporter(arguments)
    try:
        app = command_line(arguments)
        result = app(list(arguments), standalone_mode=False, prog_name="dendrite", obj=reporter)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except (BrokenPipeError, ClosedPipeError):
        _abandon_stdout()
        return ExitCode.CLOSED_PIPE
    except Exception as problem:  # noqa: BLE001 - exit code 70 is for what nobody foresaw
        return reporter.report(_translated(problem, arguments))
    return int(result or 0)


def _translated(problem: Exception, arguments: Sequence[str]) -> Exception:
    """Return what is ours of what others raise."""
    if isinstance(problem, typer.TyperException):
        from dendrite_cli.cli import complaints

        return complaints.usage(problem, " ".join(["dendrite", *(word for word in arguments[:1] if word in _COMMANDS)]))
    if isinstance(problem, OSError) and problem.errno in _NO_ROOM:
        _abandon_stdout()
        return OutputError(problem)
    if isinstance(problem, OSError) and problem.errno in {errno.EMFILE, errno.ENFILE}:
        return UsageError("not one more file can be opened", help="raise 'ulimit -n': 64 are enough")
    return problem


def _abandon_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere instead of complaining."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
