"""A user's modules in a directory of their own, and the vectors of the real SDK."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dendrite_cli
from dendrite_cli.synapse.load import Loaded, load

VECTORS = Path(__file__).parent.parent / "vectors"
PACKAGE = Path(dendrite_cli.__file__).parent.parent
LOADING = """
import json, sys
from pathlib import Path
from dendrite_cli.errors import DendriteError
from dendrite_cli.synapse.load import load
{before}
try:
    loaded = load(sys.argv[1], [Path(name) for name in sys.argv[2:]])
    cls = loaded.cls
    said = dict(name=loaded.name, fields=list(cls.model_fields), argv=sys.argv[1:], path=sys.path)
except DendriteError as problem:
    said = dict(message=problem.message, details=problem.details, help=problem.help, code=problem.exit_code)
{after}
sys.stdout.write(json.dumps(said))
"""


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Write modules, by their path without `.py`, under the directory of this test; return it."""

    def write_(paths: dict[str, str] | None = None, **files: str) -> Path:
        for name, text in {**(paths or {}), **files}.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write_


@pytest.fixture
def loading(tmp_path) -> Callable[..., dict]:
    """Load a class in a process of its own, in the directory of this test; return what came of it."""

    def loading_(*arguments: str, before: str = "", after: str = "", script: str = "", **popen) -> dict:
        program = script + LOADING.format(before=before, after=after)
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        command = [sys.executable, "-P", "-c", program, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60, **popen
        )
        assert done.returncode == 0, done.stderr
        return {**json.loads(done.stdout), "stderr": done.stderr}

    return loading_


@pytest.fixture
def untouched() -> Iterator[None]:
    """Give this process its import path, modules and environment back."""
    path, finders, modules, environment = sys.path[:], sys.meta_path[:], sys.modules.copy(), os.environ.copy()
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    os.environ.clear()
    os.environ.update(environment)
    for name in sys.modules.keys() - modules.keys():
        if name.startswith(("realsyn", "bittensor.core", "dendrite_file_")) or sys.modules[name] is None:
            del sys.modules[name]


@pytest.fixture
def real(untouched) -> Callable[[str], Loaded]:  # noqa: ARG001 - it undoes what loading does
    """Load a class of the vectors."""
    return lambda name: load(f"realsyn:{name}", [VECTORS])
