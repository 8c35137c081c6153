"""The arrows between the rooms, and the measures of each."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dendrite_cli

ROOT = Path(dendrite_cli.__file__).parent
CONTRIBUTING = Path(__file__).parent.parent / "CONTRIBUTING.md"
MODULES = sorted(ROOT.rglob("*.py"))
VALUES = {"", "model", "errors"}
"""What every room may import: the package's own name, the values and the errors."""
ARROWS = {
    "": {"dendrite"},
    "__main__": {"cli"},
    "errors": set(),
    "model": set(),
    "advice": set(),
    "summary": {"advice"},
    "encoding": set(),
    "answers": set(),
    "records": {"advice", "encoding", "summary"},
    "run_id": set(),
    "files": set(),
    "wallet": {"files"},
    "networks": set(),
    "settings": set(),
    "schemas": set(),
    "axons": {"files", "networks"},
    "synapse": {"encoding", "files"},
    "protocol": {"encoding"},
    "engine": {"protocol"},
    "output": {"advice", "answers", "encoding", "summary", "records"},
    "dropin": {"engine", "protocol", "synapse", "wallet"},
    "dendrite": {"dropin", "engine", "synapse"},
    "mock": {"protocol", "synapse"},
    "sdk": {"networks"},
    "history": {"answers", "encoding", "summary", "records", "run_id"},
    "cli": {
        "answers",
        "axons",
        "encoding",
        "engine",
        "files",
        "history",
        "mock",
        "networks",
        "output",
        "protocol",
        "records",
        "run_id",
        "schemas",
        "sdk",
        "settings",
        "summary",
        "synapse",
        "wallet",
    },
}
OUTSIDE = {
    "typer": {"cli"},
    "aiohttp": {"mock", "synapse", "engine", "dropin"},
    "httptools": {"engine"},
    "orjson": {"encoding"},
    "uvloop": {"engine"},
    "rich": {"output"},
    "sqlite3": {"history"},
    "bittensor": {"sdk"},
    "async_substrate_interface": {"sdk"},
    "websockets": {"sdk"},
    "bittensor_wallet": {"wallet", "axons", "mock", "cli"},
    "click": set(),
}
"""Which rooms may import what: synapse names aiohttp's response in a type, cli a key in one; engine has streams.

bittensor 10 asks the chain by async_substrate_interface, and both SDKs by websockets.
"""
SDKS = {"bittensor": "v11.py", "async_substrate_interface": "v10.py"}
LONGEST_MODULE, LONGEST_FUNCTION = 350, 60


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py").replace("__init__", "")


def imports(path: Path) -> Iterator[str]:
    """Yield the name of every module that a file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            yield node.module or ""
            if node.module == "dendrite_cli":
                yield from (f"dendrite_cli.{alias.name}" for alias in node.names if alias.name != "__version__")


modules = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


@modules
def test_a_room_imports_only_along_its_arrows(path):
    room = room_of(path)

    rooms = {([*name.split("."), ""])[1] for name in imports(path) if name.split(".")[0] == "dendrite_cli"}
    assert rooms - VALUES - {room} <= ARROWS[room]


@modules
def test_libraries_stay_in_the_rooms_that_own_them(path):
    room = room_of(path)

    strangers = {name.split(".")[0] for name in imports(path)}
    assert {name for name in strangers & set(OUTSIDE) if room not in OUTSIDE[name]} == set()


@modules
def test_an_sdk_is_imported_by_the_module_named_for_it_alone(path):
    loaded = {name.split(".")[0] for name in imports(path)} & set(SDKS)

    assert all(path == ROOT / "sdk" / SDKS[name] for name in loaded)


@modules
def test_no_module_or_function_is_longer_than_one_can_read(path):
    tree = ast.parse(path.read_text())

    assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION] == []
    assert ast.get_docstring(tree)


def test_every_room_is_known():
    assert {room_of(path) for path in MODULES} == set(ARROWS)


@pytest.mark.parametrize("room", ["model.py", "errors.py"])
def test_the_values_import_nothing_of_ours(room):
    assert [name for name in imports(ROOT / room) if name.startswith("dendrite_cli")] == []


def test_the_protocol_is_pure():
    world = {"asyncio", "socket", "time", "os", "pathlib", "aiohttp", "random", "datetime"}

    for path in (ROOT / "protocol").rglob("*.py"):
        assert {name.split(".")[0] for name in imports(path)} & world == set(), path


def test_the_map_of_the_house_shows_every_room():
    rows = [line.split("|")[1] for line in CONTRIBUTING.read_text().splitlines() if line.startswith("| `")]
    shown = {name for row in rows for name in re.findall(r"`([\w.]+?)(?:/|\.py)`", row)}

    rooms = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"} - {
        "__init__",
        "__pycache__",
    }
    assert shown == rooms
