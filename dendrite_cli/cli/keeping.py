"""From the options of a run to its place in the history, without anything that is secret."""

import os
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from dendrite_cli import __version__, networks
from dendrite_cli.cli.asking import Asked, Understood
from dendrite_cli.cli.groups import Kept
from dendrite_cli.cli.sizes import size_of
from dendrite_cli.errors import ClosedPipeError, DendriteError, ExitCode
from dendrite_cli.model import Ending, Run
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.protocol.secrets import shown
from dendrite_cli.summary import Summary

if TYPE_CHECKING:
    from dendrite_cli.cli.selecting import Chosen
    from dendrite_cli.history.kept import End
    from dendrite_cli.history.writer import Writer

_DAY = 86_400
_MOST_REQUEST = 4_194_304
"""Bytes of a request's fields beyond which they are not kept."""
_USER = re.compile(r"(?<=://)(?!5[1-9A-HJ-NP-Za-km-z]{47}@)[^/@\s]*@")
"""Names and passwords in URLs; an axon's hotkey is none."""
_HEADER = re.compile(r"([^:=\s]+)(\s*[:=]\s*)(.*)", re.DOTALL)
_ITEM = re.compile(r"([^\[=:@]+)(\[.*?\])*(:?=@?)", re.DOTALL)
_NETWORK, _HEADERS, _BODY = frozenset({"-n", "--network"}), frozenset({"--header"}), frozenset({"--json"})


@dataclass(frozen=True, slots=True)
class Keeping:
    """What of a run the history gets, as far as it is known."""

    kept: Kept = Kept()
    options: Mapping[str, object] = field(default_factory=dict)
    request: Mapping[str, object] | None = None
    origin: str | None = None
    """Id of the run that is asked again."""
    again: "Callable[[Terminal], Chosen] | None" = None
    """Who was asked there, in place of whom the options select."""

    def with_options(self, *groups: Any, **single: object) -> "Keeping":  # noqa: ANN401 - dataclasses
        """Return it with how is asked: of every group what is not its default."""
        told = {type(group).__name__.lower(): _changed(group) for group in groups}
        plain = {name: _plain(value) for name, value in single.items() if value is not None}
        return replace(self, options=told | plain)

    def with_request(self, asked: Asked, known: Understood) -> "Keeping":
        """Return it with what is asked; the body is as it was given."""
        here = _here()
        request = {
            "synapse": asked.synapse,
            "fields": known.fields,
            "data": _bytes(known),
            "pythonpath": [str(path.expanduser().absolute()) for path in asked.pythonpath],
            "folder": here,
        }
        return replace(self, request=request)


class Written:
    """A run on its way into the history."""

    def __init__(self, writer: "Writer | None") -> None:
        self.observers = () if writer is None else (writer,)
        self.ended: tuple[Summary, ExitCode] | None = None
        """How it ended; None if by an error, or not yet."""

    def end(self, summary: Summary, code: ExitCode) -> None:
        """Remember how it ended."""
        self.ended = summary, code


@contextmanager
def writing(keeping: Keeping, run: Run, chosen: "Chosen", terminal: Terminal) -> Iterator[Written]:
    """Keep a run while it goes on, and say at its end what is wrong with the history."""
    writer = _writer(keeping, run, chosen, terminal)
    written = Written(writer)
    begun = monotonic()
    failed: BaseException | None = None
    try:
        yield written
    except BaseException as problem:
        failed = problem
        raise
    finally:
        if writer is not None and (trouble := writer.close(_end(written, failed, monotonic() - begun))):
            terminal.note(trouble)


def _end(written: Written, failed: BaseException | None, elapsed: float) -> "End":
    from dendrite_cli.history.kept import End

    if written.ended is None:
        return End(Ending.INTERRUPTED, elapsed, _code_of(failed))
    summary, code = written.ended
    return End(summary.ending, summary.elapsed, _code_of(failed) if failed else code, summary)


def without_secrets(arguments: Sequence[str], redact: Sequence[str] = ()) -> list[str]:
    """Return a command line as it may be kept: no passwords in URLs, no headers that are keys, no redacted fields."""
    kept: list[str] = []
    before = ""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and name.startswith("--"):
            kept.append(f"{name}={_value(name, value, redact)}")
        elif argument.startswith("-n") and len(argument) > len("-n") and not argument.startswith("--"):
            kept.append(f"-n{_value('-n', argument[2:], redact)}")
        else:
            kept.append(_value(before, argument, redact))
        before = argument
    return kept


def _writer(keeping: Keeping, run: Run, chosen: "Chosen", terminal: Terminal) -> "Writer | None":
    kept = keeping.kept
    if not kept.history:
        return None
    from dendrite_cli.history import search
    from dendrite_cli.history.kept import Asking, Keep
    from dendrite_cli.history.store import path_of
    from dendrite_cli.history.writer import Writer

    path = path_of(os.environ)
    if path is None:
        terminal.note("this run is not kept: neither XDG_STATE_HOME nor HOME names a folder")
        return None
    redact = tuple(kept.redact or ())
    asking = Asking(
        run,
        chosen.axons,
        arguments=without_secrets(sys.argv[1:], redact),
        options=dict(keeping.options) | _of_selection(chosen),
        request=_request(keeping.request, redact),
        tag=kept.tag and search.plain(kept.tag),
        origin=keeping.origin,
        versions=_versions(),
        redact=redact,
    )
    return Writer(path, asking, Keep(kept.history_days * _DAY, size_of(kept.history_size, "--history-size")))


def _of_selection(chosen: "Chosen") -> dict[str, object]:
    return {"named": chosen.named, "local": chosen.found.is_local if chosen.found else False}


def _request(request: Mapping[str, object] | None, redact: Sequence[str]) -> dict[str, object] | None:
    if request is None:
        return None
    from dendrite_cli.history.kept import exact, redacted

    told = redacted(request["fields"], redact) if redact else request["fields"]
    data = str(request["data"] or "")
    if len(exact(told)) > _MOST_REQUEST or len(data) > _MOST_REQUEST:
        return dict(request) | {"fields": None, "data": None, "too_large": True}
    return dict(request) | {"fields": told}


def _bytes(known: Understood) -> str | None:
    """Return a body that is kept as its bytes; None where its fields say it."""
    data = known.said.body or None if known.data is None and known.fields is None else known.data
    return None if data is None else b64encode(data).decode()


def _versions() -> dict[str, str]:
    return {"dendrite": __version__, "python": ".".join(map(str, sys.version_info[:3]))}


def _value(option: str, value: str, redact: Sequence[str]) -> str:
    if option in _NETWORK:
        return networks.shown(value)
    if option in _HEADERS and (header := _HEADER.fullmatch(value)):
        return f"{header[1]}{header[2]}{shown({header[1]: header[3]}, None)[header[1]]}"
    if redact and option in _BODY and value.lstrip().startswith(("{", "[")):
        return "[redacted]"
    if redact and (item := _ITEM.match(value)) and any(_names(item[0], name) for name in redact):
        return f"{value[: item.end()]}[redacted]"
    return _USER.sub("", value)


def _names(key: str, name: str) -> bool:
    return name in re.split(r"[\[\]=:@]+", key)


def _code_of(problem: BaseException | None) -> ExitCode:
    if isinstance(problem, (BrokenPipeError, ClosedPipeError)):
        return ExitCode.CLOSED_PIPE
    if isinstance(problem, DendriteError):
        return problem.exit_code
    return ExitCode.BUG if isinstance(problem, Exception) else ExitCode.INTERRUPTED


def _changed(group: Any) -> dict[str, object]:  # noqa: ANN401 - a dataclass
    """Return of a group of options those that are not their defaults."""
    told = {}
    for each in fields(group):
        value = getattr(group, each.name)
        if value != each.default and value is not None:
            told[each.name] = _plain(value, each.name)
    return told


def _plain(value: object, name: str = "") -> object:
    if name == "network" and isinstance(value, str):
        return networks.shown(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    if isinstance(value, str):
        return _USER.sub("", value)
    if name == "header" and isinstance(value, list):
        return [_value("--header", text, ()) for text in value]
    return value


def _here() -> str | None:
    try:
        return str(Path.cwd())
    except OSError:
        return None
