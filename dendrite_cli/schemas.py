"""The JSON Schema of every kind of record: what a program that reads them may rely on.

Every key is always there; a newer version may add some, so readers ignore what they do not know.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from dendrite_cli.errors import ExitCode
from dendrite_cli.model import Ending, Verdict

Schema: TypeAlias = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Kind(StrEnum):
    """Of a record: its `type`."""

    RESULT = "result"
    CHUNK = "chunk"
    RUN = "run"
    AXON = "axon"
    REQUEST = "request"
    SYNAPSE = "synapse"
    ENDPOINT = "endpoint"
    ROUTES = "routes"
    METAGRAPH = "metagraph"
    STATS = "stats"
    DIFF = "diff"
    SETTING = "setting"
    FILE = "file"
    ERROR = "error"


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
YES_NO: Schema = {"type": "boolean"}
ANY: Schema = {}
INSTANT: Schema = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
UID: Schema = {"type": "integer", "minimum": 0, "maximum": 65_535}


def schema_of(kind: Kind) -> Schema:
    """Return the JSON Schema of a kind of record."""
    return {"$schema": DIALECT, "title": f"dendrite.{kind}/1", "description": _ABOUT[kind]} | _record(kind)


def _record(kind: Kind) -> Schema:
    head: Schema = {"schema": {"const": f"dendrite.{kind}/1"}}
    if kind is not Kind.RUN:
        head["type"] = {"const": kind.value}
    return _object(**head, **_KEYS[kind]())


_ABOUT = {
    Kind.RESULT: "What one axon did in one round. Every selected axon gives exactly one.",
    Kind.CHUNK: "One piece of a stream: text, or data.",
    Kind.RUN: "A run: with its results as -o json, without them in the history.",
    Kind.AXON: "An axon of a selection, and why it is not dialled.",
    Kind.REQUEST: "What --dry-run would send to one axon.",
    Kind.SYNAPSE: "A class of synapses and its fields.",
    Kind.ENDPOINT: "An endpoint that several hotkeys announce.",
    Kind.ROUTES: "What an axon says that it serves.",
    Kind.METAGRAPH: "A snapshot: a subnet's neurons at a block.",
    Kind.STATS: "What results of the history amount to.",
    Kind.DIFF: "One axon in two runs.",
    Kind.SETTING: "What some commands take an option to be, and where that comes from.",
    Kind.FILE: "A file that settings are read from.",
    Kind.ERROR: "A run that could not go on, on stderr.",
}


_OPTIONAL: Schema = {"x-optional": True}
_STANDING: Schema = {
    "stake": NUMBER,
    "incentive": NUMBER,
    "emission": NUMBER,
    "validator_permit": YES_NO,
    "active": YES_NO,
}


def _chunk() -> Schema:
    of: Schema = {"run": TEXT, "index": COUNT, "uid": _or_null(UID), "hotkey": _or_null(TEXT)}
    return {**of, "seq": COUNT, "at_ms": NUMBER, "text": _or_null(TEXT), "data": ANY}


def _run() -> Schema:
    # the history has no results
    return {"run": _about_run(), "results": _list(_record(Kind.RESULT)) | _OPTIONAL, "summary": _summary()}


def _selected() -> Schema:
    return {"index": COUNT, **_axon(), **_nullable(**_STANDING), "barred": _or_null(_one_of(Verdict))}


def _request() -> Schema:
    to: Schema = {"index": COUNT, "axon": _object(**_axon()), "protocol": TEXT, "synapse": _or_null(TEXT)}
    head: Schema = {"method": TEXT, "url": TEXT, "headers": _map(TEXT)}
    return {**to, **head, "body": ANY, "bytes": _object(sent=COUNT)}


def _endpoint() -> Schema:
    place: Schema = {"netuid": _or_null(UID), "host": TEXT, "port": COUNT, "neurons": COUNT}
    return {**place, "uids": _list(_or_null(UID)), "hotkeys": _list(_or_null(TEXT)), "coldkeys": _list(TEXT)}


def _routes() -> Schema:
    answer: Schema = {"outcome": _one_of(Verdict), "http_status": _or_null(COUNT)}
    said: Schema = _nullable(status_message=TEXT, hint=TEXT, synapses=_list(TEXT))
    return {"index": COUNT, "axon": _object(**_axon()), **answer, **said}


def _setting() -> Schema:
    origin: Schema = {"enum": ["environment", "project", "user", "default"]}
    return {"name": TEXT, "value": ANY, "origin": origin, "source": _or_null(TEXT), "commands": _list(TEXT)}


def _file() -> Schema:
    return {"path": TEXT, "sets": TEXT, "exists": YES_NO}


def _error() -> Schema:
    code: Schema = {"enum": [int(code) for code in ExitCode]}
    return {"code": code, "message": TEXT, "details": _list(TEXT), "help": _or_null(TEXT)}


def _result() -> Schema:
    timing = ("queued_ms", "dns_ms", "connect_ms", "tls_ms", "ttfb_ms", "download_ms", "total_ms")
    stream = _object(chunks=COUNT, first_ms=_or_null(NUMBER), max_gap_ms=_or_null(NUMBER), complete=YES_NO)
    trust = _object(
        request_signed=YES_NO,
        body_covered=YES_NO,
        identity=TEXT,
        clock_skew_ms=_or_null(NUMBER),
        clock_error_ms=_or_null(NUMBER),
    )
    return {
        "run": TEXT,
        "index": COUNT,
        "round": {"type": "integer", "minimum": 1},
        "axon": _object(**_axon()),
        "protocol": TEXT,
        "synapse": _or_null(TEXT),
        "attempts": COUNT,
        "ok": YES_NO,
        "outcome": _one_of(Verdict),
        **_nullable(http_status=WHOLE, status_code=WHOLE, status_message=TEXT, hint=TEXT, started_at=INSTANT),
        "timing": _object(**_nullable(**dict.fromkeys(timing, NUMBER))),
        "claimed": _object(**_nullable(process_ms=NUMBER, version={"type": ["integer", "string"]}, hotkey=TEXT)),
        "trust": trust,
        "bytes": _object(sent=COUNT, received=COUNT),
        "body": ANY,
        "body_truncated": YES_NO,
        "stream": _or_null(stream),
        "cluster": _or_null(_cluster()),
    }


def _cluster() -> Schema:
    """Return the group of like answers that an answer is of; null where none were compared."""
    first: Schema = {"type": "integer", "minimum": 1}
    return _object(group=first, size=first, of=first, majority=YES_NO, differs=_list(TEXT))


def _about_run() -> Schema:
    known: Schema = {"id": TEXT, "command": TEXT, "started_at": INSTANT, "finished_at": _or_null(INSTANT)}
    ending: Schema = {"interrupted": YES_NO, "ending": _or_null(_one_of(Ending))}
    of = _nullable(
        network=TEXT, netuid=UID, block=COUNT, hotkey=TEXT, signed_as=TEXT, synapse=TEXT, selection=_map(ANY)
    )
    since: dict[str, Schema] = {
        "tag": _or_null(TEXT),
        "exit_code": _or_null(WHOLE),
        "arguments": _list(TEXT),
        "origin": _or_null(TEXT),
        "versions": _map(ANY),
    }
    optional = {key: {**part, **_OPTIONAL} for key, part in since.items()}
    return _object(**known, **ending, **of, **optional)


def _summary() -> Schema:
    spread = _object(n=COUNT, **_nullable(p50_ms=NUMBER, p95_ms=NUMBER, p99_ms=NUMBER))
    outcomes: Schema = {"type": "object", "propertyNames": _one_of(Verdict), "additionalProperties": COUNT}
    counts: Schema = dict.fromkeys(("selected", "dialled", "answered", "ok"), COUNT)
    return _object(**counts, outcomes=outcomes, percentiles=spread, loop_lag_ms=_or_null(NUMBER))


def _axon() -> Schema:
    return {
        "netuid": _or_null(UID),
        "uid": _or_null(UID),
        **_nullable(hotkey=TEXT, coldkey=TEXT, host=TEXT, port=COUNT, address=TEXT, block=COUNT),
        "source": TEXT,
        **_nullable(scheme=TEXT, path=TEXT),
    }


def _synapse() -> Schema:
    field = _object(
        name=TEXT,
        type=TEXT,
        required=YES_NO,
        default=ANY,
        description=_or_null(TEXT),
        constraints=_list(TEXT),
    )
    head: Schema = {"name": TEXT, "module": TEXT, "doc": _or_null(TEXT), "streaming": YES_NO}
    return {**head, "hash_fields": _list(TEXT), "fields": _list(field)}


def _metagraph() -> Schema:
    cells: dict[str, Schema] = {"uid": UID, "hotkey": TEXT, "coldkey": TEXT, "host": TEXT, "port": COUNT}
    row: Schema = {"type": "array", "prefixItems": [_or_null(cell) for cell in [*cells.values(), *_STANDING.values()]]}
    return {
        "network": TEXT,
        "netuid": UID,
        "block": COUNT,
        "fetched_at": {"type": "string", "format": "date-time"},
        "genesis": _or_null({"type": "string", "pattern": "^0x[0-9a-f]{64}$"}),
        "columns": {"const": [*cells, *_STANDING]},
        "axons": _list(row),
    }


def _stats() -> Schema:
    common = _nullable(network=TEXT, netuid=UID, uid=UID, hotkey=TEXT, endpoint=TEXT, synapse=TEXT, outcome=TEXT)
    counts: Schema = {"n": COUNT, "ok": COUNT, **_nullable(ok_percent=NUMBER, p50_ms=NUMBER, p95_ms=NUMBER)}
    recent: Schema = {"last_at": INSTANT, "recent_ms": _list(_or_null(NUMBER))}
    return {"by": TEXT, **common, **counts, "percentile_error": NUMBER, **recent}


def _diff() -> Schema:
    numbers = _nullable(http_status=WHOLE, total_ms=NUMBER)
    of: Schema = {"run": TEXT, "ok": YES_NO, "outcome": _one_of(Verdict), **numbers, "cluster": _or_null(_cluster())}
    side = _or_null(_object(**of))
    sides: Schema = {"before": side, "after": side, "shift_ms": _or_null(NUMBER)}
    change: Schema = {"enum": ["gone", "new", "outcome", "body", "none"]}
    return {"axon": _or_null(_object(**_axon())), "change": change, **sides, "body_paths": _list(TEXT)}


_KEYS: dict[Kind, Callable[[], Schema]] = {
    Kind.RESULT: _result,
    Kind.CHUNK: _chunk,
    Kind.RUN: _run,
    Kind.AXON: _selected,
    Kind.REQUEST: _request,
    Kind.SYNAPSE: _synapse,
    Kind.ENDPOINT: _endpoint,
    Kind.ROUTES: _routes,
    Kind.ROUTES: _routes,
    Kind.METAGRAPH: _metagraph,
    Kind.STATS: _stats,
    Kind.DIFF: _diff,
    Kind.SETTING: _setting,
    Kind.FILE: _file,
    Kind.ERROR: _error,
}


def _object(**properties: object) -> Schema:
    """Return an object whose keys are all there, but for those that are marked as optional."""
    optional = {key for key, known in properties.items() if isinstance(known, dict) and known.get("x-optional")}
    plain = {
        key: {name: part for name, part in known.items() if name != "x-optional"} if isinstance(known, dict) else known
        for key, known in properties.items()
    }
    return {"type": "object", "properties": plain, "required": [key for key in plain if key not in optional]}


def _nullable(**properties: object) -> Schema:
    return {key: _or_null(known) for key, known in properties.items()}


def _or_null(known: object) -> Schema:
    if isinstance(known, dict) and isinstance(known.get("type"), str) and "enum" not in known:
        return {**known, "type": [known["type"], "null"]}
    return {"anyOf": [known, {"type": "null"}]}


def _one_of(names: type[StrEnum]) -> Schema:
    return {"enum": [name.value for name in names]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}
