"""What went wrong, as an outcome: the one place where aiohttp's and the system's errors are understood.

By `isinstance`, most specific first: bittensor 10 looks them up by exact type, so that a DNS failure becomes
"422 Failed to parse response".
"""

import errno
import os
import ssl
from collections.abc import Iterator

import aiohttp
from aiohttp import http_exceptions

from dendrite_cli.engine.attempt import Attempt
from dendrite_cli.engine.body import TooLargeError, UndecodableError
from dendrite_cli.model import Outcome, Verdict

_TIMEOUTS = {
    Verdict.DNS: "No answer from the name server",
    Verdict.CONNECT_TIMEOUT: "Connect timeout",
    Verdict.FIRST_BYTE_TIMEOUT: "First byte timeout",
    Verdict.IDLE_TIMEOUT: "Idle timeout",
    Verdict.TIMEOUT: "Request timeout",
}
_TEXTS = {
    Verdict.DNS: "Name not found for {endpoint}",
    Verdict.CONNECT_REFUSED: "Service unavailable at {endpoint}",
    Verdict.CONNECT_TIMEOUT: "Service unavailable at {endpoint}",
    Verdict.UNREACHABLE: "Service unavailable at {endpoint}",
    Verdict.TLS: "Service unavailable at {endpoint}",
    Verdict.RESET: "Service disconnected",
    Verdict.BAD_RESPONSE: "Failed to parse response",
    Verdict.TOO_LARGE: "Response too large",
}


class UnresolvedError(Exception):
    """A host name has no address."""


_BY_TYPE: tuple[tuple[type[BaseException], Verdict], ...] = (
    (UnresolvedError, Verdict.DNS),
    (TooLargeError, Verdict.TOO_LARGE),
    (UndecodableError, Verdict.BAD_RESPONSE),
    (ssl.SSLError, Verdict.TLS),
    (aiohttp.ClientSSLError, Verdict.TLS),
    (aiohttp.ClientResponseError, Verdict.BAD_RESPONSE),
    (http_exceptions.BadHttpMessage, Verdict.BAD_RESPONSE),
    (aiohttp.ServerDisconnectedError, Verdict.RESET),
    (aiohttp.ClientPayloadError, Verdict.RESET),
    (ConnectionResetError, Verdict.RESET),
)
_BY_ERRNO = {
    errno.ECONNREFUSED: Verdict.CONNECT_REFUSED,
    errno.ECONNRESET: Verdict.RESET,
    errno.ECONNABORTED: Verdict.RESET,
    errno.EPIPE: Verdict.RESET,
    errno.ETIMEDOUT: Verdict.CONNECT_TIMEOUT,
    errno.EMFILE: Verdict.INTERNAL,
    errno.ENFILE: Verdict.INTERNAL,
}


def outcome_of(problem: Exception, attempt: Attempt) -> Outcome:
    """Return the outcome that an exception raised by an exchange stands for."""
    if isinstance(problem, TimeoutError) and attempt.watch.deadline.expired():
        verdict, seconds = attempt.watch.expired()
        return attempt.failed(verdict, f"{_TIMEOUTS[verdict]} after {seconds:g} seconds")
    verdict = verdict_of(problem)
    return attempt.failed(verdict, _describe(verdict, problem, attempt))


def verdict_of(problem: BaseException) -> Verdict:
    """Return the outcome's name for an exception of aiohttp's or the system's."""
    if any(map(_beyond_header_limits, _causes(problem))):
        return Verdict.TOO_LARGE
    for kind, verdict in _BY_TYPE:
        if isinstance(problem, kind):
            return verdict
    system = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
    if not isinstance(system, OSError):
        return Verdict.INTERNAL
    cut_off = isinstance(problem, aiohttp.ClientOSError) and not isinstance(problem, aiohttp.ClientConnectorError)
    return _BY_ERRNO.get(system.errno or 0, Verdict.RESET if cut_off else Verdict.UNREACHABLE)


def _describe(verdict: Verdict, problem: Exception, attempt: Attempt) -> str:
    """Return the status message: bittensor 10's texts where it has one for the case."""
    if verdict in _TEXTS:
        return f"{_TEXTS[verdict].format(endpoint=attempt.axon.endpoint)}: {reason(problem)}"
    return f"{type(problem).__name__}: {problem}"


def reason(problem: Exception) -> str:
    """Return the system's word for it, without addresses and error numbers where it has one."""
    source = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
    if isinstance(source, aiohttp.ClientResponseError):
        # aiohttp's parser quotes what it stumbled over on further lines
        return source.message.partition("\n")[0].rstrip(":") or "not HTTP"
    if isinstance(source, OSError) and source.strerror:
        # asyncio's own words repeat the address; a name server's errors are numbered below zero
        return os.strerror(source.errno) if source.errno and source.errno > 0 else source.strerror
    return str(source).partition("\n")[0].rstrip(":") or type(source).__name__


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__


def _beyond_header_limits(problem: BaseException) -> bool:
    """Say whether aiohttp gave up on the headers; it has no exception of its own for too many of them."""
    return isinstance(problem, http_exceptions.LineTooLong) or "Too many headers" in str(problem)
