"""What a program is told of an outcome: the codes and texts of bittensor 10.5.0, where those are right."""

import errno

from dendrite_cli.model import Axon, Outcome, Verdict

_SILENT = {Verdict.CONNECT_TIMEOUT, Verdict.FIRST_BYTE_TIMEOUT, Verdict.IDLE_TIMEOUT, Verdict.TIMEOUT}
_UNREACHED = {Verdict.CONNECT_REFUSED, Verdict.UNREACHABLE, Verdict.DNS, Verdict.TLS, Verdict.NOT_SERVING}
_RESET = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE}
_DISCONNECTED, _PAYLOAD = "Service disconnected", "Payload error"


def status_of(outcome: Outcome, axon: Axon, timeout: float, *, is_limited: bool) -> tuple[int, str]:
    """Return the status code and message of a dendrite.

    `timeout` is in seconds; `is_limited` says whether there are other limits beside it, which are then named.
    """
    text = outcome.status_message or ""
    if outcome.verdict in _SILENT and not is_limited:
        text = f"Request timeout after {timeout} seconds"
    elif outcome.verdict in _UNREACHED:
        return 503, f"Service unavailable at {axon.endpoint}/{outcome.synapse}"
    elif outcome.verdict is Verdict.RESET and outcome.http_status is not None:
        return 400, text.replace(_DISCONNECTED, _PAYLOAD, 1)
    elif outcome.verdict is Verdict.INTERNAL:
        return 500, f"Client error: {text}"
    if outcome.retry_after is not None and not outcome.ok:
        text = f"{text}; retry after {outcome.retry_after:g} s"
    return outcome.status_code or 422, text


def status_of_error(problem: Exception, axon: Axon, route: str, timeout: float | None) -> tuple[int, str]:
    """Return the status code and message for an exception of aiohttp's, or of anybody's; the most specific first."""
    import aiohttp

    code, text = _mapped(problem)
    if isinstance(problem, aiohttp.ClientConnectorError):
        message = f"{text} at {axon.endpoint}/{route}"
    elif isinstance(problem, TimeoutError):
        message = f"{text} after {timeout} seconds"
    else:
        message = f"{text}: {problem}"
    if code is None:
        code = str(problem.status) if isinstance(problem, aiohttp.ClientResponseError) else DEFAULT_ERROR[0]
    return int(code), message


DEFAULT_ERROR = ("422", "Failed to parse response")
"""Of an exception that the mapping does not have."""


def error_mapping() -> dict[type[Exception], tuple[str | None, str]]:
    """Return bittensor 10's codes and texts by exception; the codes are text, as there."""
    import aiohttp

    return {
        aiohttp.ClientConnectorError: ("503", "Service unavailable"),
        TimeoutError: ("408", "Request timeout"),
        aiohttp.ClientResponseError: (None, "Client response error"),
        aiohttp.ClientPayloadError: ("400", _PAYLOAD),
        aiohttp.ClientError: ("500", "Client error"),
        aiohttp.ServerTimeoutError: ("504", "Server timeout error"),
        aiohttp.ServerDisconnectedError: ("503", _DISCONNECTED),
        aiohttp.ServerConnectionError: ("503", "Service connection error"),
    }


def _mapped(problem: Exception) -> tuple[str | None, str]:
    mapping = error_mapping()
    # a connection that was reset is no trouble of the client's, which is what its relatives in aiohttp say
    if isinstance(problem, OSError) and problem.errno in _RESET:
        return "503", _DISCONNECTED
    return next((mapping[kind] for kind in type(problem).__mro__ if kind in mapping), DEFAULT_ERROR)
