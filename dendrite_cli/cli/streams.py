"""From the options of `stream` to a run of streams."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import BaseModel

from dendrite_cli.cli import identity as who
from dendrite_cli.cli import stdin, unsent, wiring
from dendrite_cli.cli.asking import Asked, understood
from dendrite_cli.cli.display import Display
from dendrite_cli.cli.fanout import Rounds
from dendrite_cli.cli.finding import finding
from dendrite_cli.cli.groups import Identity, Instead, Pacing, Shown, Speaking, StreamBounds, Streaming, Subnet
from dendrite_cli.cli.keeping import Keeping
from dendrite_cli.cli.options import Format
from dendrite_cli.cli.selecting import choose
from dendrite_cli.cli.sending import by_streams, send
from dendrite_cli.cli.speaking import Said, Wires
from dendrite_cli.cli.stream_options import Decode
from dendrite_cli.cli.unsent import Unsent
from dendrite_cli.engine.decoding import Enough, Raw, Reader, Sse, Text, Told
from dendrite_cli.engine.limits import Limits
from dendrite_cli.errors import ExitCode, UsageError
from dendrite_cli.model import Answer, Axon, Content
from dendrite_cli.output.streams import Streams
from dendrite_cli.protocol.synapse import SynapseWire
from dendrite_cli.synapse.reading import ClassReader, is_streaming

_NO_TOTAL = 365 * 86_400.0
"""Seconds: a stream lasts as long as it says something, or until --deadline."""


def stream(
    targets: Sequence[str],
    subnet: Subnet,
    asked: Asked,
    speaking: Speaking,
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
    stdin.check_readers(targets, asked.json, asked.data)
    limits, way, schedule = _limits(bounds), wiring.way_of(bounds), wiring.schedule_of(pacing)
    display = Display.of(shown, until=pacing.until, streams=Streams(streaming.layout, streaming.focus))
    known = understood(asked, bounds.timeout)
    wires = Wires(_to_be_read(known.said), speaking)
    reader = _reader(streaming, known.synapse, raw=shown.output is Format.RAW, wires=wires)
    chosen = keeping.again(display.terminal) if keeping.again else choose(targets, subnet, display.terminal)
    display.check_raw(len(chosen.axons))
    wiring.check_receivers(chosen, identity)
    wires.check(chosen.axons)
    sender = who.sender(identity)
    wiring.note_signatures(wires, chosen.axons, sender, display.terminal, known)
    way = wiring.secured(way, bounds, chosen, display.terminal)
    if instead:
        wires.check_unsent(chosen.axons)
        return Unsent(chosen, wires, sender, limits, display).show(instead)
    keeping = keeping.with_options(subnet, speaking, streaming, identity, bounds, pacing, require=shown.require)
    return send(
        "stream",
        chosen,
        finding(by_streams(wires, sender, limits, way, reader), wires, wires, limits, way),
        sender=sender,
        schedule=schedule,
        display=display,
        synapse=known.said.name,
        rounds=Rounds(deadline=bounds.deadline),
        keeping=keeping.with_request(asked, known),
    )


def _to_be_read(said: Said) -> Said:
    """Return what is asked with nothing read of its answer: a stream is read by its reader."""
    request = said.request and replace(said.request, read=_nothing)
    return replace(said, request=request, read=_nothing)


def _nothing(_content: Content) -> Answer:
    return Answer({})


def _limits(bounds: StreamBounds) -> Limits:
    """Return the limits of a stream: the time-out is for its first chunk."""
    first = min(bounds.timeout, bounds.first_byte_timeout or bounds.timeout)
    return replace(wiring.limits_of(bounds), total=_NO_TOTAL, first_byte=first)


def _reader(streaming: Streaming, synapse: BaseModel | None, *, raw: bool, wires: Wires) -> Callable[[Axon], Reader]:
    """Return what makes a reader for each axon; raise UsageError for a choice that makes no sense."""
    decode = Decode.RAW if raw else streaming.decode
    knows = synapse is not None and is_streaming(type(synapse))
    if decode is Decode.CLASS and not knows:
        what = (
            "no class was given" if synapse is None else f"{type(synapse).__name__} has no process_streaming_response"
        )
        raise UsageError(f"--decode class: {what}", help="use --decode text, sse or raw")
    if decode in {None, Decode.CLASS} and synapse is not None and knows:
        return _enough(lambda _: ClassReader(synapse), streaming)
    if decode is None:
        return _enough(lambda axon: Text() if wires.protocol_of(axon) == SynapseWire.name else Told(), streaming)
    plain: dict[Decode, type[Text | Sse | Raw]] = {Decode.SSE: Sse, Decode.RAW: Raw}
    return _enough(lambda _: plain.get(decode, Text)(), streaming)


def _enough(reader: Callable[[Axon], Reader], streaming: Streaming) -> Callable[[Axon], Reader]:
    if streaming.max_chunks is None and streaming.stop_on is None:
        return reader
    try:
        pattern = re.compile(streaming.stop_on) if streaming.stop_on is not None else None
    except re.error as problem:
        raise UsageError(f"--stop-on {streaming.stop_on!r} is no regular expression: {problem}") from None
    return lambda axon: Enough(reader(axon), streaming.max_chunks, pattern)
