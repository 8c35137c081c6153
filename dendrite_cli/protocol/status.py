"""What an HTTP status, or its absence, is called: the outcome table of the command line, in one place."""

from dendrite_cli.model import Verdict

_NAMED = {
    401: Verdict.UNAUTHORIZED,
    403: Verdict.FORBIDDEN,
    404: Verdict.NOT_FOUND,
    408: Verdict.TIMEOUT,
    429: Verdict.RATE_LIMITED,
}

_V10_CODES = {
    Verdict.BAD_RESPONSE: 422,
    Verdict.TOO_LARGE: 413,
    Verdict.CONNECT_TIMEOUT: 408,
    Verdict.FIRST_BYTE_TIMEOUT: 408,
    Verdict.IDLE_TIMEOUT: 408,
    Verdict.TIMEOUT: 408,
    Verdict.CONNECT_REFUSED: 503,
    Verdict.UNREACHABLE: 503,
    Verdict.DNS: 503,
    Verdict.TLS: 503,
    Verdict.RESET: 503,
}


def verdict_of(status: int) -> Verdict:
    """Return what a v10 synapse's HTTP status means; only 200 is success, as for bittensor 10's dendrite."""
    if status == 200:  # noqa: PLR2004 - HTTP's own number
        return Verdict.OK
    if status in _NAMED:
        return _NAMED[status]
    by_class = {3: Verdict.REDIRECT, 5: Verdict.SERVER_ERROR}
    return by_class.get(status // 100, Verdict.CLIENT_ERROR)


def v10_code(verdict: Verdict) -> int | None:
    """Return the number bittensor 10's dendrite gives an outcome that has no HTTP status of its own."""
    return _V10_CODES.get(verdict)
