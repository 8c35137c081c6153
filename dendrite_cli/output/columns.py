"""The columns of a table and of --columns: what of a record each shows, to machines and to people.

All read the record, not the outcome, so that history shows old runs by the same names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dendrite_cli import encoding, records
from dendrite_cli.advice import reason
from dendrite_cli.model import Axon, Outcome, Verdict
from dendrite_cli.output import safe
from dendrite_cli.output.symbols import UNICODE, Symbols

Record = Mapping[str, object]

_SKEWED = 250.0
"""Milliseconds by which a clock has to be off to be worth a word."""
_CELL = 200
"""Characters beyond which a cell is no longer read."""
_PLAIN = frozenset({"ok", "connect_timeout", "first_byte_timeout", "idle_timeout", "not_serving", "cancelled"})
"""Outcomes whose status says it all."""
_SILENT = frozenset({"not_serving", "private_addr", "unsupported_protocol", "cancelled"})
_MEMBERS = frozenset({"axon", "timing", "claimed", "trust", "bytes"})
"""Parts of a record with keys that are ours."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where it takes its value from, and how it is laid out."""

    name: str
    value: Callable[[Record], object]
    """In machine units, as `--columns` prints it to programs and `--sort` orders by it."""
    text: Callable[[object, Symbols], str] = lambda value, _symbols: _words(value)
    header: str = ""
    right: bool = False
    weight: int = 40
    """What matters least goes first where a terminal is narrow."""
    elastic: bool = False
    """Whether it may be cropped before others are left out."""
    exceptional: bool = False
    """Whether having no value is the rule, so that a table shows a blank."""
    style: Callable[[Record], str] | None = None
    """Rich's word for a record's colour; a sign in front of the text repeats it."""

    def cell(self, record: Record, symbols: Symbols) -> str:
        """Return what a table shows: one safe line."""
        value = self.value(record)
        if value is None or value == "":
            return "" if self.exceptional else symbols.nothing
        text = safe.text(self.text(value, symbols), limit=_CELL, ellipsis=symbols.ellipsis)
        return f"{_sign(self.style(record), symbols)} {text}" if self.style else text


def path(*keys: str) -> Callable[[Record], object]:
    """Return what follows keys, and positions in lists, down into a record; None where they lead nowhere."""

    def value(record: Record) -> object:
        found: object = record
        for key in keys:
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and key.isascii() and key.isdigit():
                found = found[int(key)] if int(key) < len(found) else None
            else:
                return None
        return found

    return value


def _words(value: object) -> str:
    """Return a value as people read it: text bare, anything else as JSON."""
    return value if isinstance(value, str) else encoding.dumps(value)


def _answer(value: object, _symbols: Symbols) -> str:
    return encoding.dumps(value)


def _ms(value: object, _symbols: Symbols) -> str:
    if not isinstance(value, (int, float)):
        return _words(value)
    return f"{value:.0f}" if value >= 1 or value == 0 else "<1"


def _version(value: object, _symbols: Symbols) -> str:
    """Return bittensor's version number as it is written: 10005000 is 10.5.0."""
    if not isinstance(value, int):
        return _words(value)
    return f"{value // 10**6}.{value // 1000 % 1000}.{value % 1000}"


def _hotkey(value: object, symbols: Symbols) -> str:
    return safe.shorten_hotkey(str(value), ellipsis=symbols.ellipsis)


def _key_text(value: object, symbols: Symbols) -> str:
    return str(value).replace(UNICODE.within, symbols.within)


def _short_key(value: object, symbols: Symbols) -> str:
    return " ".join(_hotkey(word, symbols) for word in _key_text(value, symbols).split())


def _endpoint(record: Record) -> object:
    host, port = path("axon", "host")(record), path("axon", "port")(record)
    if record["outcome"] == "not_serving":
        return None
    return Axon(str(host), port if isinstance(port, int) else 0).endpoint


def _status(record: Record) -> str:
    """Return `403 forbidden`, or `connect timeout` where no status came."""
    words = str(record["outcome"]).replace("_", " ")
    return words if record["http_status"] is None else f"{record['http_status']} {words}"


def _sign(color: str, symbols: Symbols) -> str:
    signs = {"green": symbols.ok, "yellow": symbols.refused, "red": symbols.failed, "dim": symbols.silent}
    return signs[color]


def _color(record: Record) -> str:
    if record["ok"]:
        return "green"
    if record["http_status"] is not None:
        return "yellow"
    return "dim" if record["outcome"] in _SILENT else "red"


def own_word(record: Record) -> str | None:
    """Return the hotkey that an axon gave for its own, where none was named."""
    claimed, named = path("claimed", "hotkey")(record), path("axon", "hotkey")(record)
    unchecked = path("trust", "identity")(record) == "not_checked"
    return claimed if unchecked and named is None and isinstance(claimed, str) else None


def _key(record: Record) -> str | None:
    """Return what is known of an axon's key, its version and how wrong its clock is; None where it was not asked."""
    identity, skew = path("trust", "identity")(record), path("trust", "clock_skew_ms")(record)
    version = path("claimed", "version")(record)
    if identity == "not_checked":
        claimed = own_word(record)
        return f"says {claimed}" if claimed else None
    parts = [str(identity)]
    if isinstance(version, int):
        parts.append(_version(version, UNICODE))
    # one sample is no better than half the way there and back
    error = path("trust", "clock_error_ms")(record) or 0.0
    if isinstance(skew, (int, float)) and isinstance(error, (int, float)) and abs(skew) >= max(_SKEWED, error):
        parts.append(f"clock {skew / 1000:+.1f} s {UNICODE.within}{max(error / 1000, 0.1):.1f}")
    return " ".join(parts)


def _note(record: Record) -> str | None:
    """Return why, where the status does not say it: a refusal in the axon's words, else what to do next."""
    message, hint = record["status_message"], record["hint"]
    if record["outcome"] in _PLAIN or (record["outcome"] == "timeout" and record["http_status"] is None):
        return None
    said = reason(message) if isinstance(message, str) else None
    if record["outcome"] == "forbidden" and said:
        return said
    return hint if isinstance(hint, str) else said


def _body_if_ok(record: Record) -> object:
    return record["body"] if record["ok"] else None


def _duration(name: str, *keys: str, weight: int = 40) -> Column:
    return Column(name, path(*keys), _ms, name.upper(), right=True, weight=weight)


COLUMNS = {
    column.name: column
    for column in (
        Column("uid", path("axon", "uid"), header="UID", right=True, weight=80),
        Column("hotkey", path("axon", "hotkey"), header="HOTKEY", weight=60),
        Column("endpoint", _endpoint, header="ENDPOINT", weight=90),
        Column("status", _status, header="STATUS", weight=100, style=_color),
        _duration("connect", "timing", "connect_ms", weight=30),
        _duration("ttfb", "timing", "ttfb_ms", weight=50),
        _duration("process", "claimed", "process_ms", weight=20),
        _duration("total", "timing", "total_ms", weight=70),
        Column("key", _key, header="KEY", text=_key_text, exceptional=True, weight=65),
        Column("note", _note, header="NOTE", elastic=True, exceptional=True, weight=55),
        Column("answer", _body_if_ok, _answer, "ANSWER", elastic=True, weight=65),
        Column("cluster", path("cluster", "group"), header="GROUP", right=True, weight=75, exceptional=True),
        Column("first", path("stream", "first_ms"), _ms, "FIRST", right=True, weight=50),
        Column("chunks", path("stream", "chunks"), header="CHUNKS", right=True, weight=45),
        Column("gap", path("stream", "max_gap_ms"), _ms, "GAP", right=True, weight=25),
        Column("index", path("index"), header="INDEX", right=True),
        Column("round", path("round"), header="ROUND", right=True),
        Column("code", path("status_code"), header="CODE", right=True),
        Column("outcome", path("outcome"), header="OUTCOME", weight=99),
        Column("message", path("status_message"), header="MESSAGE", elastic=True),
        Column("host", path("axon", "host"), header="HOST"),
        Column("port", path("axon", "port"), header="PORT", right=True),
        Column("address", path("axon", "address"), header="ADDRESS", exceptional=True),
        Column("version", path("claimed", "version"), _version, "VERSION"),
        Column("started", path("started_at"), header="STARTED"),
        Column("protocol", path("protocol"), header="PROTOCOL"),
        Column("synapse", path("synapse"), header="SYNAPSE"),
        Column("sent", path("bytes", "sent"), header="SENT", right=True),
        Column("received", path("bytes", "received"), header="RECEIVED", right=True),
        Column("attempts", path("attempts"), header="ATTEMPTS", right=True),
        _duration("queued", "timing", "queued_ms"),
        _duration("dns", "timing", "dns_ms"),
        _duration("tls", "timing", "tls_ms"),
        _duration("download", "timing", "download_ms"),
    )
}

SHORT_HOTKEY = replace(COLUMNS["hotkey"], text=_hotkey)
"""For a terminal, where people look; what is piped on gets the whole."""
SHORT_KEY = replace(COLUMNS["key"], text=_short_key)
"""For a terminal, which is told the whole of a hotkey below the table."""
PING = tuple(
    COLUMNS[name]
    for name in ("uid", "hotkey", "endpoint", "address", "status", "key", "connect", "ttfb", "process", "total", "note")
)
QUERY = tuple(
    COLUMNS[name] for name in ("uid", "hotkey", "endpoint", "address", "status", "total", "cluster", "answer", "note")
)

STREAM = tuple(
    COLUMNS[name]
    for name in ("uid", "hotkey", "endpoint", "address", "status", "first", "chunks", "gap", "total", "note")
)
COMMANDS = {"ping": PING, "query": QUERY, "stream": STREAM}
"""What a command's table shows if nothing else was asked for."""
ALWAYS = frozenset({"endpoint", "status", "total"})
"""Names of those that a table has even where nobody has a value."""


def parse_columns(text: str) -> tuple[Column, ...]:
    """Return the columns of `uid,status,body.answer`, each once; raise ValueError that names the nearest known."""
    names = dict.fromkeys(name.strip() for name in text.split(","))
    return tuple(parse_column(name) for name in names)


def parse_column(name: str) -> Column:
    """Return the column of that name, or the one of a path into the record such as `body.answer`."""
    if name in COLUMNS:
        return COLUMNS[name]
    keys = name.split(".")
    blank = _blank()
    if keys[0] not in blank:
        raise ValueError(_unknown(name, [*COLUMNS, *blank]))
    members = blank[keys[0]]
    if len(keys) > 1 and keys[0] in _MEMBERS and isinstance(members, dict) and keys[1] not in members:
        raise ValueError(_unknown(name, [f"{keys[0]}.{member}" for member in members]))
    return Column(name, path(*keys), header=safe.text(name).upper(), elastic=True)


def leaves() -> tuple[Column, ...]:
    """Return a column for every leaf of a record, in the record's order; what an axon sent as its body is one leaf."""
    paths = (
        [f"{key}.{member}" for member in part] if isinstance(part, dict) else [key] for key, part in _blank().items()
    )
    return tuple(parse_column(name) for names in paths for name in names)


def _blank() -> Record:
    return records.result(Outcome(0, Axon("", 0), Verdict.OK, ""), "")


def _unknown(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    nearest = get_close_matches(name, known, n=1)
    if nearest:
        return f"no column {name!r}; the nearest is {nearest[0]!r}"
    return f"no column {name!r}; columns are {', '.join(COLUMNS)}, or a path such as body.answer"
