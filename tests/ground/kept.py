"""Runs for the history, made without asking anybody."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from dendrite_cli.history.kept import Asking, End, Keep
from dendrite_cli.history.writer import Writer
from dendrite_cli.model import Axon, Chunk, Claimed, Ending, Outcome, Run, Timing, Trust, Verdict
from dendrite_cli.run_id import run_id
from dendrite_cli.summary import summarise

FOREVER = Keep(None, None)


def axon(uid: int = 0, *, host: str = "192.0.2.1", port: int = 8091, netuid: int | None = 1) -> Axon:
    hotkey = f"5Hotkey{uid:041d}"
    return Axon(host, port, hotkey, netuid, uid if netuid is not None else None, f"5Cold{uid % 3}", 7, "metagraph")


def outcome(  # noqa: PLR0913 - what tests vary
    index: int = 0,
    verdict: Verdict = Verdict.OK,
    *,
    whom: Axon | None = None,
    ms: float | None = 100.0,
    body: object = None,
    at: float | None = None,
    round: int = 1,  # noqa: A002 - the record's own word
) -> Outcome:
    ok = verdict is Verdict.OK
    return Outcome(
        index,
        whom or axon(index),
        verdict,
        "synapse",
        "Echo",
        round,
        attempts=1,
        http_status=200 if ok else None,
        status_code=200 if ok else 503,
        status_message="Success" if ok else "gone",
        started_at=at or time.time(),
        timing=Timing(total=None if ms is None else ms / 1000),
        claimed=Claimed(0.01, 10_005_000),
        trust=Trust(request_signed=True),
        sent=900,
        received=100,
        body={"text": "hi"} if body is None else body,
    )


def asking(axons: Sequence[Axon] = (axon(),), *, at: float | None = None, number: int = 0, **more) -> Asking:
    begun = at or time.time()
    run = Run(
        run_id(begun, number), "query", begun, len(axons), "5Us", "w/h", "Echo", "finney", 1, 7, 1.0, 256, {"top": 3}
    )
    return Asking(run, axons, ["query", "-s", "Echo"], request={"synapse": "Echo", "fields": {}}, **more)


def end(outcomes: Iterable[Outcome], code: int = 0) -> End:
    return End(Ending.COMPLETE, 1.5, code, summarise(list(outcomes), 1.5))


def keep_run(
    path: Path, heard: Sequence[Outcome | Chunk], asked: Asking | None = None, keep: Keep = FOREVER, code: int = 0
) -> Asking:
    """Write a run; raise AssertionError with what is wrong with the history."""
    outcomes = [each for each in heard if isinstance(each, Outcome)]
    asked = asked or asking([each.axon for each in outcomes])
    writer = Writer(path, asked, keep)
    for each in heard:
        (writer.chunk if isinstance(each, Chunk) else writer.finished)(each)
    assert writer.close(end(outcomes, code)) is None
    return asked
