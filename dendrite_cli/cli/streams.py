"""From the options of `stream` to a run of streams."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import BaseModel

from dendrite_cli.cli import identity as who
from dendrite_cli.cli import stdin, unsent, wiring
from dendrite_cli.cli.display import Display
from dendrite_cli.cli.fanout import Rounds
from dendrite_cli.cli.groups import Identity, Instead, Pacing, Shown, StreamBounds, Streaming, Subnet
from dendrite_cli.cli.keeping import Keeping
from dendrite_cli.cli.options import Format
from dendrite_cli.cli.selecting import choose
from dendrite_cli.cli.sending import by_streams, send
from dendrite_cli.cli.stream_options import Decode
from dendrite_cli.cli.unsent import Unsent
from dendrite_cli.engine.decoding import Enough, Raw, Reader, Sse, Text
from dendrite_cli.engine.limits import Limits
from dendrite_cli.errors import ExitCode, UsageError
from dendrite_cli.model import Answer
from dendrite_cli.output.streams import Streams
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.reading import ClassReader, is_streaming

_NO_TOTAL = 365 * 86_400.0
"""Seconds: a stream lasts as long as it says something, or until --deadline."""


def stream(
    targets: Sequence[str],
    subnet: Subnet,
    asked: wiring.Asked,
    streaming: Streaming,
    identity: Identity,
    bounds: StreamBounds,
    pacing: Pacing,
    shown: Shown,
    instead: Instead = Instead(),
    keeping: Keeping = Keeping(),
) -> ExitCode:
    """Ask every target for a stream."""
    who.check(identity)
    unsent.check(instead, shown)
    stdin.check_readers(targets, asked.json)
    limits, way, schedule = _limits(bounds), wiring.way_of(bounds), wiring.schedule_of(pacing)
    display = Display.of(shown, until=pacing.until, streams=Streams(streaming.layout, streaming.focus))
    understood = wiring.understood(asked, bounds.timeout)
    reader = _reader(streaming, understood.synapse, raw=shown.output is Format.RAW)
    chosen = keeping.again(display.terminal) if keeping.again else choose(targets, subnet, display.terminal)
    display.check_raw(len(chosen.axons))
    wiring.check_receivers(chosen, identity)
    sender = who.sender(identity)
    # what is read of a stream is read by its reader
    wire = SynapseWire(replace(understood.request, read=lambda _: Answer({})))
    if sender.signer and not wire.body_covered:
        display.terminal.note(wiring.uncovered_note(understood.request))
    if instead:
        return Unsent(chosen, lambda _: wire, sender, limits, display).show(instead)
    keeping = keeping.with_options(subnet, streaming, identity, bounds, pacing, require=shown.require)
    return send(
        "stream",
        chosen,
        by_streams(lambda _: wire, sender, limits, way, reader),
        sender=sender,
        schedule=schedule,
        display=display,
        synapse=understood.request.synapse,
        rounds=Rounds(deadline=bounds.deadline),
        keeping=keeping.with_request(asked.synapse, understood.fields, asked.pythonpath),
    )


def _limits(bounds: StreamBounds) -> Limits:
    """Return the limits of a stream: the time-out is for its first chunk."""
    first = min(bounds.timeout, bounds.first_byte_timeout or bounds.timeout)
    return replace(wiring.limits_of(bounds), total=_NO_TOTAL, first_byte=first)


def _reader(streaming: Streaming, synapse: BaseModel | None, *, raw: bool) -> Callable[[], Reader]:
    """Return what makes a reader for each axon; raise UsageError for a choice that makes no sense."""
    decode = Decode.RAW if raw else streaming.decode
    knows = synapse is not None and is_streaming(type(synapse))
    if decode is Decode.CLASS and not knows:
        what = (
            "no class was given" if synapse is None else f"{type(synapse).__name__} has no process_streaming_response"
        )
        raise UsageError(f"--decode class: {what}", help="use --decode text, sse or raw")
    if decode in {None, Decode.CLASS} and synapse is not None and knows:
        return _enough(lambda: ClassReader(synapse), streaming)
    plain: dict[Decode | None, type[Text | Sse | Raw]] = {Decode.SSE: Sse, Decode.RAW: Raw}
    return _enough(plain.get(decode, Text), streaming)


def _enough(reader: Callable[[], Reader], streaming: Streaming) -> Callable[[], Reader]:
    if streaming.max_chunks is None and streaming.stop_on is None:
        return reader
    try:
        pattern = re.compile(streaming.stop_on) if streaming.stop_on is not None else None
    except re.error as problem:
        raise UsageError(f"--stop-on {streaming.stop_on!r} is no regular expression: {problem}") from None
    return lambda: Enough(reader(), streaming.max_chunks, pattern)
