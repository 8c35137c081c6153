"""Whether a failed axon is asked again, and when."""

import random
from collections.abc import Mapping

from dendrite_cli.engine.limits import Retries
from dendrite_cli.model import Outcome, Verdict

_UNHEARD = {
    Verdict.CONNECT_REFUSED,
    Verdict.CONNECT_TIMEOUT,
    Verdict.UNREACHABLE,
    Verdict.DNS,
    Verdict.TLS,
    Verdict.RESET,
}
"""Failures of the connection: where a status had come through it, the axon was asked, and may have done its work."""
_UNAVAILABLE = {502, 503, 504}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_LONGEST_WISH = 60.0
"""Seconds an axon may ask us to wait; one that wants more is not asked again."""


def pause(retries: Retries, outcome: Outcome) -> float | None:
    """Return the seconds until the axon is asked again: doubling, and never less than it asks for; None for never."""
    asked = 0 < outcome.attempts <= retries.most
    if not asked or not _is_retried(retries, outcome):
        return None
    wish_ = outcome.retry_after or 0.0
    if wish_ > _LONGEST_WISH:
        return None
    doubling = min(_FIRST_PAUSE * 2.0 ** (outcome.attempts - 1), _LONGEST_PAUSE)
    # axons that failed together should not be asked again together
    return max(wish_, doubling * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def wish(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a Retry-After header asks for, from Unix time `now` on; None without one that makes sense."""
    text = headers.get("retry-after")
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return max(0.0, moment.timestamp() - now)
    except (OverflowError, OSError, ValueError):
        return None


def _is_retried(retries: Retries, outcome: Outcome) -> bool:
    if outcome.ok or (outcome.streamed and outcome.streamed.chunks):
        return False  # what was heard of a stream is not unheard
    if outcome.http_status in _UNAVAILABLE or (outcome.verdict in _UNHEARD and outcome.http_status is None):
        return True
    return outcome.verdict.value in retries.also or str(outcome.status_code) in retries.also
