"""A home of the test's own, and SDKs that are not the real ones."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def installed(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Put a bittensor of a version where the child looks first; return its folder."""

    def install(version: str, code: str = "") -> Path:
        folder = tmp_path / "path"
        (folder / f"bittensor-{version}.dist-info").mkdir(parents=True)
        (folder / f"bittensor-{version}.dist-info" / "METADATA").write_text(f"Name: bittensor\nVersion: {version}\n")
        (folder / "bittensor").mkdir()
        (folder / "bittensor" / "__init__.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        return folder

    return install
