"""The synapse classes of a folder, found by reading: nothing there is imported or run, and little of it is read."""

import os
from collections.abc import Iterator

_ROOTS = frozenset({"Synapse", "StreamingSynapse", "BaseModel"})
_MARKS = tuple(root.encode() for root in _ROOTS)
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "build", "dist", "venv", "env"})
_DEEPEST = 3
_MOST_FILES = 400
_MOST_BYTES = 131_072
"""Of a file, and of all files that are parsed: what a key press may take."""


def classes(folder: str = ".", *, as_file: bool = False) -> list[str]:
    """Return `pkg.mod:Class` of every class below a folder that looks like a synapse, or `./file.py:Class`."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    budget = _MOST_BYTES
    for path in _sources(folder):
        text = _read(os.path.join(folder, path))  # noqa: PTH118 - pathlib is not loaded
        if any(mark in text for mark in _MARKS) and len(text) <= budget:
            budget -= len(text)
            found[path] = list(_bases(text))
    known = _synapses([pair for pairs in found.values() for pair in pairs])
    named = _file_name if as_file else _module_name
    return [f"{named(path)}:{name}" for path, pairs in found.items() for name, _ in pairs if name in known]


def _synapses(pairs: list[tuple[str, tuple[str, ...]]]) -> set[str]:
    """Return the names of the classes that come from a synapse, however many steps away."""
    known: set[str] = set()
    while True:
        more = {name for name, bases in pairs if name not in known and (_ROOTS | known) & set(bases)}
        if not more:
            return known
        known |= more


def _bases(text: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    import ast

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)


def _sources(folder: str) -> Iterator[str]:
    """Yield the Python files below a folder, the nearest first."""
    seen, waiting = 0, [("", 0)]
    while waiting:
        below, depth = waiting.pop(0)
        for entry in _entries(os.path.join(folder, below)):  # noqa: PTH118
            path = f"{below}{entry.name}"
            seen += 1
            if seen > _MOST_FILES:
                return
            if entry.name.endswith(".py") and entry.is_file():
                yield path
            elif depth < _DEEPEST and entry.is_dir(follow_symlinks=False) and entry.name.isidentifier():
                waiting.append((f"{path}/", depth + 1))


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".") and entry.name not in _SKIPPED]
    except OSError:
        return []
    return sorted(shown, key=lambda entry: entry.name)


def _read(path: str) -> bytes:
    try:
        if os.stat(path).st_size > _MOST_BYTES:  # noqa: PTH116
            return b""
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(_MOST_BYTES)
    except OSError:
        return b""


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _file_name(path: str) -> str:
    return f"./{path}"
