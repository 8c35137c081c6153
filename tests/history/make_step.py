"""Write a history of the present schema, for later versions to upgrade: tests/history/steps/N.db."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from ground.kept import keep_run, outcome  # noqa: E402

from dendrite_cli.history import schema  # noqa: E402
from dendrite_cli.history.store import opened  # noqa: E402
from dendrite_cli.model import Verdict  # noqa: E402

file = HERE / "steps" / f"{len(schema.STEPS)}.db"
file.unlink(missing_ok=True)
rights = file.parent.stat().st_mode
keep_run(file, [outcome(0, at=1.8e9), outcome(1, Verdict.FORBIDDEN, at=1.8e9)])
db = opened(file)
# one file, that needs none beside it
db.execute("PRAGMA journal_mode = DELETE")
db.close()
for beside in file.parent.glob(f"{file.name}-*"):
    beside.unlink()
file.parent.chmod(rights)
file.chmod(0o644)
