"""Every check there is: `nox` makes the environments and runs them all.

The SDK 10 environment comes first, because its interpreter runs the real axons that both test sessions ask.
"""

import os
import shutil
from pathlib import Path

import nox

nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.needs_version = ">=2025.2.9"

SDKS = {"10": ("bittensor==10.5.0",), "11": ("bittensor>=11,<12", "taowire==0.1.0a2")}
"""With what is tested beside them: taowire's miner needs bittensor 11."""
PEER = {sdk: f"DENDRITE_SDK{sdk}_PYTHON" for sdk in SDKS}


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting and types."""
    session.install(*nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "lint", "test"), "nox", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
@nox.parametrize("sdk", list(SDKS))
def tests(session: nox.Session, sdk: str) -> None:
    """The tests against the installed wheel, beside one major of bittensor."""
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test")
    session.install(*groups, *SDKS[sdk], ".")
    # not `python -m pytest`, which would find the checkout before the installed wheel
    session.run("pytest", *session.posargs, env=_peers(session, sdk))


@nox.session
def package(session: nox.Session) -> None:
    """The sdist, the wheel that is made of it, and that wheel where nothing else is."""
    dist = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build")
    session.run("python", "-m", "build", "--outdir", str(dist), silent=True)
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.install(str(wheel), "pytest", "pytest-asyncio")
    session.run("pytest", "tests/test_wheel.py", *session.posargs, env={"DENDRITE_SDIST": str(sdist)})


def _peers(session: nox.Session, sdk: str) -> dict[str, str]:
    """Return the interpreters with the other SDKs; a peer that is not there is left out, and pytest names it."""
    found = {PEER[sdk]: str(Path(session.bin, "python"))}
    for other, name in PEER.items():
        beside = Path(session.virtualenv.location).with_name(f"tests-sdk-{other}") / "bin" / "python"
        if other != sdk and (given := os.environ.get(name) or (beside.exists() and str(beside))):
            found[name] = given
    return found
