"""The settings that files make, and where each of them comes from.

A file sets options by their long names: at its top for every command that has the option in the same meaning, in
the table of a command (`[ping]`, `[history.list]`) for that one. Pure but for reading the files.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from dendrite_cli.errors import UsageError

PROJECT = "dendrite.toml"
SWITCH = "DENDRITE_SETTINGS"
"""The environment variable that, being 0, has no file read."""
SHARED = frozenset({"netuid", "parallel", "output", "columns", "tag"})
"""What a project's file may set, time-outs aside: it travels with a clone, and must neither run nor read anything."""
_MOST = 1_048_576
_LINE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)$")
_SECRET = re.compile(r"password|passphrase|mnemonic|secret|token|api.?key|private.?key", re.IGNORECASE)

Path_: TypeAlias = tuple[str, ...]
Sets: TypeAlias = "dict[Path_, dict[str, Setting]]"
"""By command, then by the option's name in Python."""


@dataclass(frozen=True, slots=True)
class Option:
    """What of a command can be set."""

    name: str
    """`connect-timeout`."""
    parameter: str
    """`connect_timeout`."""
    meaning: object = None
    """Tells two options of one name apart: those that mean the same are set together."""
    flag: bool = False
    counted: bool = False
    many: bool = False
    commas: bool = False
    """Whether several are typed with commas between them."""
    negates: bool = False
    """Whether true means no, as that of `no-history` does."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a file says of one option of one command."""

    value: object
    """A flag as a boolean, everything else as it would be typed."""
    file: Path


@dataclass(frozen=True, slots=True)
class File:
    """Where settings can be."""

    path: Path
    project: bool = False
    """Whether it came with a project, and not from the user."""


Commands: TypeAlias = Mapping[Path_, Mapping[str, Option]]


def files_of(environment: Mapping[str, str], folder: Path) -> list[File]:
    """Return the files that are read, those that count for more last: the user's own, and that of the folder."""
    if environment.get(SWITCH) == "0":
        return []
    own = own_file(environment)
    return [*([File(own)] if own else ()), File(folder / PROJECT, project=True)]


def own_file(environment: Mapping[str, str]) -> Path | None:
    """Return the user's own file, by the XDG rules; None where the environment names no folder."""
    named, home = Path(environment.get("XDG_CONFIG_HOME", "")), Path(environment.get("HOME", ""))
    if named.is_absolute():
        return named / "dendrite" / "config.toml"
    return home / ".config" / "dendrite" / "config.toml" if home.is_absolute() else None


def there(file: File) -> bool:
    """Say whether the file exists, as far as can be told."""
    try:
        return file.path.exists()
    except OSError:
        return False


def read(files: Sequence[File], commands: Commands) -> Sets:
    """Return what the files set, the later of them over the earlier; raise UsageError that names file and key."""
    settings: Sets = {}
    for file in files:
        if there(file):
            # a command's own table counts for more than what stands above it
            found = sorted(_set(file, _load(file.path), commands), key=lambda part: len(part[0]))
            for prefix, option, value in found:
                for path in _reached(prefix, option, commands):
                    settings.setdefault(path, {})[option.parameter] = Setting(value, file.path)
    return settings


def default_map(settings: Sets) -> dict[str, Any]:
    """Return the settings as Typer takes defaults: nested by command, keyed by Python's names."""
    nested: dict[str, Any] = {}
    for path, values in settings.items():
        place = nested
        for name in path:
            place = place.setdefault(name, {})
        place.update({name: setting.value for name, setting in values.items()})
    return nested


def _load(path: Path) -> Mapping[str, object]:
    import tomllib

    try:
        if not path.is_file():
            raise UsageError(f"{str(path)!r} is not a file")
        with path.open("rb") as stream:
            content = stream.read(_MOST + 1)
        if len(content) > _MOST:
            raise UsageError(f"{str(path)!r} is larger than 1 MiB")
        return tomllib.loads(content.decode())
    except OSError as problem:
        raise UsageError(f"cannot read {str(path)!r}: {(problem.strerror or 'no reason given').lower()}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{str(path)!r} is not UTF-8") from None
    except RecursionError:
        raise UsageError(f"{str(path)!r} nests too deeply") from None
    except tomllib.TOMLDecodeError as problem:
        place = _LINE.search(str(problem))
        where = f"{str(path)!r}, line {place[1]}" if place else repr(str(path))
        said = _LINE.sub("", str(problem))
        raise UsageError(
            f"{where}: not TOML: {said[:1].lower()}{said[1:]}",
            help='a setting is a line like timeout = 20 or wallet = "main"',
        ) from None


def _set(
    file: File, table: Mapping[str, object], commands: Commands, prefix: Path_ = ()
) -> Iterator[tuple[Path_, Option, object]]:
    """Yield what a table sets: for which commands, which option, to what."""
    options = _options_below(prefix, commands)
    for key, value in table.items():
        below = (*prefix, key)
        if isinstance(value, Mapping) and any(path[: len(below)] == below for path in commands):
            yield from _set(file, value, commands, below)
        elif key in options and not isinstance(value, Mapping):
            _check_allowed(file, key)
            yield prefix, options[key], _typed(file, below, options[key], value)
        else:
            raise _unknown(file, below, [*options, *_names_below(prefix, commands)])


def _reached(prefix: Path_, option: Option, commands: Commands) -> Iterator[Path_]:
    """Yield the commands below a prefix that have the option in the same meaning."""
    for path, options in commands.items():
        same = options.get(option.name)
        if path[: len(prefix)] == prefix and same and same.meaning == option.meaning:
            yield path


def _options_below(prefix: Path_, commands: Commands) -> dict[str, Option]:
    """Return the options of the commands below a prefix: of two that mean different things, the first."""
    found: dict[str, Option] = {}
    for path, options in commands.items():
        if path[: len(prefix)] == prefix:
            found = {**options, **found}
    return found


def _names_below(prefix: Path_, commands: Commands) -> set[str]:
    depth = len(prefix)
    return {path[depth] for path in commands if path[:depth] == prefix and len(path) > depth}


def _check_allowed(file: File, key: str) -> None:
    if not file.project or key in SHARED or key.endswith("timeout"):
        return
    raise UsageError(
        f"{str(file.path)!r} may not set {key}",
        details=(f"a project's file comes with a clone: it sets {', '.join(sorted(SHARED))} and time-outs only",),
        help="set it in your own file (dendrite config path), or give it as an option",
    )


def _typed(file: File, place: Path_, option: Option, value: object) -> object:
    """Return a value as it would be typed; raise UsageError for one of another kind."""
    where = f"{str(file.path)!r}: {'.'.join(place)}"
    if option.flag:
        if not isinstance(value, bool):
            raise UsageError(f"{where} is true or false, and not {value!r}")
        return value is not option.negates
    if isinstance(value, list) and option.many and all(_is_one(item) for item in value):
        return [str(item) for item in value]
    if isinstance(value, list) and option.commas and value and all(_is_one(item) for item in value):
        return ",".join(map(str, value))
    if not _is_one(value):
        listed = ", or a list of them" if option.many or option.commas else ""
        raise UsageError(f"{where} is a text or a number{listed}")
    if option.counted and not (isinstance(value, int) and value >= 0):
        raise UsageError(f"{where} is a number, and not {value!r}")
    return [str(value)] if option.many else value if option.counted else str(value)


def _is_one(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _unknown(file: File, place: Path_, known: Sequence[str]) -> UsageError:
    from difflib import get_close_matches

    key = place[-1]
    where = f" in [{'.'.join(place[:-1])}]" if place[:-1] else ""
    if _SECRET.search(key):
        return UsageError(
            f"{str(file.path)!r}: {key} is no setting: secrets do not belong into this file",
            help="keep a hotkey's password in a file of its own, and name that by password-file",
        )
    near = get_close_matches(key.replace("_", "-"), known, n=1, cutoff=0.5)
    return UsageError(
        f"{str(file.path)!r}: no setting {key!r}{where}{f'; did you mean {near[0]}?' if near else ''}",
        help="settings are options by their long names, as 'dendrite COMMAND --help' lists them",
    )
