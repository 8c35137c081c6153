"""Programs of a test, run in a process of their own with one bittensor or another."""

import json
import os
import subprocess
from pathlib import Path

import dendrite_cli

GROUND = Path(__file__).parent
THEIRS = "from bittensor import AxonInfo, Dendrite, StreamingSynapse, Synapse"
OVER_SDK10 = "from bittensor import AxonInfo, StreamingSynapse, Synapse\nfrom dendrite_cli import Dendrite"
OURS = "from dendrite_cli import AxonInfo, Dendrite, StreamingSynapse, Synapse"
OFFLINE = """
from bittensor.utils import networking
def get_external_ip():
    globals().setdefault("LOOKED_UP", []).append("external IP")
    return "192.0.2.10"
networking.get_external_ip = get_external_ip
"""
"""10.5.0's constructor asks six public services for its address; a test stays on this machine."""


def run_python(python: str, source: str, home: Path, *arguments: str) -> str:
    """Run Python source; return what it printed, and fail with its complaint if it fails."""
    path = home / "program.py"
    path.write_text(source)
    # the package alone, not the folder it is installed in, which holds the bittensor of this interpreter
    (home / "path").mkdir(exist_ok=True)
    package = home / "path" / "dendrite_cli"
    if not package.exists():
        package.symlink_to(Path(dendrite_cli.__file__).parent)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "BT_NO_PARSE_CLI_ARGS": "1",
        "READ_ONLY": "1",
        "PYTHONPATH": str(package.parent),
    }
    command = [python, "-W", "ignore", str(path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_program(python: str, named: dict[str, dict], imports: str, home: Path) -> str:
    """Run the program of the ground with its import as given; return what it printed."""
    return run_python(python, _importing("program.py", imports), home, json.dumps(named))


def run_defects(python: str, proxy: dict[str, object], imports: str, home: Path) -> dict[str, object]:
    """Observe what a dendrite does where 10.5.0's goes wrong; return the observations by name."""
    return json.loads(run_python(python, _importing("defects.py", imports), home, json.dumps(proxy)).splitlines()[-1])


def _importing(name: str, imports: str) -> str:
    source = (GROUND / name).read_text()
    assert THEIRS in source
    return source.replace(THEIRS, (OFFLINE if imports == THEIRS else "") + imports, 1)
