"""The JSON records that programs read: stable keys, machine units, one line each.

Pure, so that stdout, history and replay hold the same thing. Whatever an axon sends becomes valid JSON that is also
safe to look at: nothing in it can move a terminal's cursor or turn the direction of its text.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from time import gmtime, strftime

from dendrite_cli import encoding
from dendrite_cli.advice import hint
from dendrite_cli.errors import DendriteError
from dendrite_cli.model import Axon, Chunk, Claimed, Draft, Ending, Outcome, Run, Streamed, Timing, Trust, Verdict
from dendrite_cli.summary import Percentiles, Summary


def result(outcome: Outcome, run: str) -> dict[str, object]:
    """Return the `dendrite.result/1` of one outcome of the run with that id."""
    return {
        "schema": "dendrite.result/1",
        "type": "result",
        "run": run,
        "index": outcome.index,
        "round": outcome.round,
        "axon": _axon(outcome.axon),
        "protocol": outcome.protocol,
        "synapse": outcome.synapse,
        "attempts": outcome.attempts,
        "ok": outcome.ok,
        "outcome": outcome.verdict.value,
        "http_status": outcome.http_status,
        "status_code": outcome.status_code,
        "status_message": outcome.status_message,
        "hint": hint(outcome),
        "started_at": instant(outcome.started_at),
        "timing": _timing(outcome.timing),
        "claimed": _claimed(outcome.claimed),
        "trust": _trust(outcome.trust),
        "bytes": {"sent": outcome.sent, "received": outcome.received},
        "body": outcome.body,
        "body_truncated": outcome.truncated,
        "stream": outcome.streamed and _streamed(outcome.streamed),
        "cluster": None,
    }


def chunk(chunk: Chunk, run: str) -> dict[str, object]:
    """Return the `dendrite.chunk/1` of one piece of a stream of the run with that id."""
    return {
        "schema": "dendrite.chunk/1",
        "type": "chunk",
        "run": run,
        "index": chunk.index,
        "uid": chunk.axon.uid,
        "hotkey": chunk.axon.hotkey,
        "seq": chunk.seq,
        "at_ms": _ms(chunk.at),
        "text": chunk.text,
        "data": chunk.data,
    }


def request(draft: Draft) -> dict[str, object]:
    """Return the `dendrite.request/1` of what would be sent: its body is JSON where it is some, else text."""
    return {
        "schema": "dendrite.request/1",
        "type": "request",
        "index": draft.index,
        "axon": _axon(draft.axon),
        "protocol": draft.protocol,
        "synapse": draft.synapse,
        "method": draft.method,
        "url": draft.url,
        "headers": dict(draft.headers),
        "body": _sent_body(draft.body),
        "bytes": {"sent": draft.sent},
    }


def axon(index: int, axon: Axon, barred: Verdict | None = None) -> dict[str, object]:
    """Return the `dendrite.axon/1` of one selected axon; `barred` says why it is not dialled."""
    standing = axon.standing
    return (
        {"schema": "dendrite.axon/1", "type": "axon", "index": index}
        | _axon(axon)
        | {
            "stake": standing and standing.stake,
            "incentive": standing and standing.incentive,
            "emission": standing and standing.emission,
            "validator_permit": None if standing is None else standing.validator_permit,
            "active": None if standing is None else standing.active,
            "barred": barred and barred.value,
        }
    )


def routes(outcome: Outcome) -> dict[str, object]:
    """Return the `dendrite.routes/1` of what one axon says that it serves."""
    return {
        "schema": "dendrite.routes/1",
        "type": "routes",
        "index": outcome.index,
        "axon": _axon(outcome.axon),
        "outcome": outcome.verdict.value,
        "http_status": outcome.http_status,
        "status_message": outcome.status_message,
        "hint": hint(outcome),
        "synapses": outcome.body if isinstance(outcome.body, list) else None,
    }


def shared(group: Sequence[Axon]) -> dict[str, object]:
    """Return the `dendrite.endpoint/1` of an endpoint that several hotkeys announce."""
    first = group[0]
    return {
        "schema": "dendrite.endpoint/1",
        "type": "endpoint",
        "netuid": first.netuid,
        "host": first.host,
        "port": first.port,
        "neurons": len(group),
        "uids": [axon.uid for axon in group],
        "hotkeys": [axon.hotkey for axon in group],
        "coldkeys": sorted({axon.coldkey for axon in group if axon.coldkey}),
    }


def synapse(description: Mapping[str, object]) -> dict[str, object]:
    """Return the `dendrite.synapse/1` of a class that was described."""
    return {"schema": "dendrite.synapse/1", "type": "synapse"} | dict(description)


def document(
    run: Run,
    results: Sequence[Mapping[str, object]],
    summary: Summary,
    finished_at: float,
) -> dict[str, object]:
    """Return the `dendrite.run/1` of a whole run; `finished_at` is Unix time."""
    return {
        "schema": "dendrite.run/1",
        "run": {
            "id": run.id,
            "command": run.command,
            "started_at": instant(run.started_at),
            "finished_at": instant(finished_at),
            "interrupted": summary.ending is Ending.INTERRUPTED,
            "ending": summary.ending.value,
            "network": run.network,
            "netuid": run.netuid,
            "block": run.block,
            "hotkey": run.hotkey,
            "signed_as": run.signed_as,
            "synapse": run.synapse,
            "selection": None if run.selection is None else dict(run.selection),
        },
        "results": list(results),
        "summary": {
            "selected": summary.selected,
            "dialled": summary.dialled,
            "answered": summary.answered,
            "ok": summary.ok,
            "outcomes": {verdict.value: count for verdict, count in summary.outcomes.items()},
            "percentiles": _percentiles(summary.percentiles),
            "loop_lag_ms": _ms(summary.loop_lag),
        },
    }


def error(problem: DendriteError) -> dict[str, object]:
    """Return the `dendrite.error/1` of a run that could not go on."""
    return {
        "schema": "dendrite.error/1",
        "type": "error",
        "code": int(problem.exit_code),
        "message": problem.message,
        "details": list(problem.details),
        "help": problem.help,
    }


def encode(record: object) -> bytes:
    """Return one line of UTF-8 JSON, without its newline, that every reader understands alike."""
    return encoding.line(record)


def _axon(axon: Axon) -> dict[str, object]:
    return {
        "netuid": axon.netuid,
        "uid": axon.uid,
        "hotkey": axon.hotkey,
        "coldkey": axon.coldkey,
        "host": axon.host if axon.is_serving else None,
        "port": axon.port if axon.is_serving else None,
        "address": axon.address,
        "block": axon.block,
        "source": axon.source,
        "scheme": axon.scheme,
        "path": axon.path,
    }


def _sent_body(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _timing(timing: Timing) -> dict[str, float | None]:
    return {
        "queued_ms": _ms(timing.queued),
        "dns_ms": _ms(timing.dns),
        "connect_ms": _ms(timing.connect),
        "tls_ms": _ms(timing.tls),
        "ttfb_ms": _ms(timing.ttfb),
        "download_ms": _ms(timing.download),
        "total_ms": _ms(timing.total),
    }


def _claimed(claimed: Claimed) -> dict[str, object]:
    return {"process_ms": _ms(claimed.process_time), "version": claimed.version, "hotkey": claimed.hotkey}


def _trust(trust: Trust) -> dict[str, object]:
    return {
        "request_signed": trust.request_signed,
        "body_covered": trust.body_covered,
        "identity": trust.identity,
        "clock_skew_ms": _ms(trust.clock_skew),
        "clock_error_ms": _ms(trust.clock_error),
    }


def _streamed(streamed: Streamed) -> dict[str, object]:
    return {
        "chunks": streamed.chunks,
        "first_ms": _ms(streamed.first),
        "max_gap_ms": _ms(streamed.max_gap),
        "complete": streamed.complete,
    }


def _percentiles(percentiles: Percentiles) -> dict[str, float | int | None]:
    return {
        "n": percentiles.n,
        "p50_ms": _ms(percentiles.p50),
        "p95_ms": _ms(percentiles.p95),
        "p99_ms": _ms(percentiles.p99),
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def instant(unix: float | None) -> str | None:
    """Return RFC 3339 in UTC, to the millisecond."""
    if unix is None:
        return None
    seconds, micros = divmod(round(unix * 1_000_000), 1_000_000)
    return f"{_second(seconds)}.{micros // 1000:03d}Z"


@lru_cache(4)
def _second(unix: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(unix))
