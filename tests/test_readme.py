"""The README's commands are the ones that CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_ci_runs_the_readmes_test_command_as_it_stands():
    readme = (ROOT / "README.md").read_text()

    (command,) = re.findall(r"<!-- test-command -->\n```sh\n(.+)\n```", readme)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()
