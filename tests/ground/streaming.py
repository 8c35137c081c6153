"""Streams that say what a test wants, through the real fan-out and renderers, on this process's own terminal.

Argument: JSON with `streams`, one object per axon: `pieces` (list of text, or of other JSON as a class yields it),
`times` (how often they are said), `size` (how often a text is repeated within a chunk), `every` (seconds between two),
`then` (`end`, `refuse`, `stall`, `busy`: the loop is kept busy for ever); beside it `layout`, `focus`, `output`,
`deadline`, `color`.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import asynccontextmanager

from dendrite_cli.cli.display import Display
from dendrite_cli.cli.fanout import Rounds, fan_out
from dendrite_cli.cli.options import Format
from dendrite_cli.engine.limits import Schedule
from dendrite_cli.model import Axon, Chunk, Outcome, Run, Streamed, Timing, Verdict
from dendrite_cli.output.streams import Layout, Streams
from dendrite_cli.output.terminal import Terminal
from dendrite_cli.output.view import View
from dendrite_cli.summary import parse_requirement, summarise

HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjhW"


class Scripted:
    """An exchange that asks nobody."""

    def __init__(self, streams, renderer):
        self.streams = streams
        self.renderer = renderer
        self.outcomes = []

    async def __call__(self, slot):
        script = self.streams[slot.index]
        began, seq = time.monotonic(), 0
        for piece in script.get("pieces", []) * script.get("times", 1):
            await asyncio.sleep(script.get("every", 0))
            kind, content = {"data": piece}, None
            if isinstance(piece, str):
                text = piece * script.get("size", 1)
                kind, content = {"text": text}, text.encode()
            at = time.monotonic() - began
            self.renderer.chunk(Chunk(slot.index, slot.axon, seq, at, **kind, content=content))
            seq += 1
        then = script.get("then", "end")
        if then == "stall":
            await asyncio.sleep(3600)
        while then == "busy":
            pass
        return self.outcome(slot, Verdict.FORBIDDEN if then == "refuse" else Verdict.OK, time.monotonic() - began, seq)

    def cancelled(self, slot, *, attempts):  # noqa: ARG002 - an exchange's signature
        return self.outcome(slot, Verdict.CANCELLED, None, None)

    def outcome(self, slot, verdict, total, chunks):
        return Outcome(
            slot.index, slot.axon, verdict, "synapse", "Chat", attempts=1,
            http_status={Verdict.OK: 200, Verdict.FORBIDDEN: 403}.get(verdict),
            status_message="Forbidden. Key is blacklisted: Not enough stake." if verdict is Verdict.FORBIDDEN else None,
            timing=Timing(total=total), streamed=Streamed(chunks, 0.1, 0.2, complete=True) if chunks else None,
        )  # fmt: skip

    def started(self, index, axon):
        pass

    def chunk(self, chunk):
        pass

    def finished(self, outcome):
        self.outcomes.append(outcome)


def main(streams, output="table", deadline=None, color="auto", **layout):
    terminal = Terminal.detect(color, os.environ)
    terminal.claim_stdout()
    chosen = Streams(Layout(layout.get("layout", "auto")), layout.get("focus"))
    display = Display(terminal, Format(output), View(), parse_requirement("all"), verbose=False, streams=chosen)
    axons = [Axon("192.0.2.1", 8000 + n, HOTKEY, 1, uid) for n, uid in enumerate([5, 17, 31, *range(100, 1000)])]
    axons = axons[: len(streams)]
    run = Run("01KAPX", "stream", time.time(), len(axons), HOTKEY, "validator/default", "Chat", "finney", 1)
    renderer = display.renderer(run)
    scripted = Scripted(streams, renderer)

    @asynccontextmanager
    async def connect(_observers):
        yield scripted

    rounds = Rounds(deadline=deadline)
    ended = fan_out(
        axons, connect, [renderer, scripted], schedule=Schedule(per_host=1000), rounds=rounds, screen=renderer
    )
    renderer.close(summarise(scripted.outcomes, time.time() - run.started_at, ended.ending))
    return 0 if ended.signal is None else 128 + ended.signal


if __name__ == "__main__":
    sys.exit(main(**json.loads(sys.argv[1])))
