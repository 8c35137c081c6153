"""A stand-in subtensor node, from outside the project: real metadata, subnets from JSON, and faults on demand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ground.need import need

ROOT = Path(__file__).parents[2]
CHAIN = Path(os.environ.get("DENDRITE_SHARED", ROOT.parent / "shared")) / "chain"
SUBNETS = CHAIN / "subnets"


@contextmanager
def serving_node(*subnets: Path, faults: tuple[str, ...] = (), home: Path) -> Iterator[str]:
    """Run the node with these subnets; yield its URL."""
    need((CHAIN / "fake_subtensor.py").is_file(), f"the stand-in node in {CHAIN}; DENDRITE_SHARED names its parent")
    arguments = [part for path in subnets for part in ("--subnet", str(path))]
    arguments += [part for fault in faults for part in ("--fault", fault)]
    with subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            str(CHAIN / "fake_subtensor.py"),
            "--port",
            "0",
            "--block-time",
            "0",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"HOME": str(home)},
        text=True,
    ) as program:
        assert program.stdout
        try:
            yield program.stdout.readline().split()[1]
        finally:
            program.kill()
