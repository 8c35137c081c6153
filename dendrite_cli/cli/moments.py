"""When and how long, as people write it."""

import re

from dendrite_cli.errors import UsageError

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(s|min|m|h|d|w)", re.ASCII)


def parse_span(text: str, option: str) -> float:
    """Return the seconds of `30d`; raise UsageError for what is no span of time."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise UsageError(f"{option} {text!r} is no span of time", help="write 90s, 15m, 12h, 30d or 2w")
    return float(found[1]) * _UNITS[found[2]]


def parse_moment(text: str | None, option: str, now: float) -> float | None:
    """Return the Unix time of `2h` (ago), or of a date or time in RFC 3339, in UTC unless it says otherwise."""
    if text is None:
        return None
    if _SPAN.fullmatch(text.strip()):
        return now - parse_span(text, option)
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is no moment", help="write 2h or 7d for so long ago, or 2026-11-22 or 2026-11-22T18:30"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
