"""What went wrong, as an outcome: the one place where the system's and the parser's errors are understood.

By `isinstance`, most specific first: bittensor 10 looks them up by exact type, so that a DNS failure becomes
"422 Failed to parse response".
"""

import errno
import os
import ssl

from dendrite_cli.engine.attempt import Attempt
from dendrite_cli.engine.decompression import TooLargeError, UndecodableError
from dendrite_cli.engine.dns import UnresolvedError
from dendrite_cli.engine.response import CutOffError, NotHttpError
from dendrite_cli.model import Outcome, Verdict

_TIMEOUTS = {
    Verdict.DNS: "No answer from the name server",
    Verdict.CONNECT_TIMEOUT: "Connect timeout",
    Verdict.TLS: "TLS handshake timeout",
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
_BY_TYPE: tuple[tuple[type[BaseException], Verdict], ...] = (
    (UnresolvedError, Verdict.DNS),
    (TooLargeError, Verdict.TOO_LARGE),
    (UndecodableError, Verdict.BAD_RESPONSE),
    (NotHttpError, Verdict.BAD_RESPONSE),
    (ssl.SSLError, Verdict.TLS),
    (CutOffError, Verdict.RESET),
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
    if isinstance(problem, TimeoutError) and attempt.watch.has_expired:
        verdict, seconds = attempt.watch.expired()
        return attempt.failed(verdict, f"{_TIMEOUTS[verdict]} after {seconds:g} seconds")
    verdict = verdict_of(problem, connected=attempt.watch.is_connected)
    return attempt.failed(verdict, _describe(verdict, problem, attempt))


def verdict_of(problem: BaseException, *, connected: bool) -> Verdict:
    """Return the outcome's name for an exception, before or after there was a connection."""
    if connected and isinstance(problem, ssl.SSLError):
        return Verdict.RESET  # it had proved who it is
    for kind, verdict in _BY_TYPE:
        if isinstance(problem, kind):
            return verdict
    if not isinstance(problem, OSError):
        return Verdict.INTERNAL
    return Verdict.RESET if connected else _BY_ERRNO.get(problem.errno or 0, Verdict.UNREACHABLE)


def _describe(verdict: Verdict, problem: Exception, attempt: Attempt) -> str:
    """Return the status message: bittensor 10's texts where it has one for the case."""
    if verdict not in _TEXTS:
        return f"Internal error: {reason(problem)}"
    proxy = attempt.proxy
    endpoint = f"the proxy {proxy.host}:{proxy.port}" if proxy else attempt.axon.endpoint
    return f"{_TEXTS[verdict].format(endpoint=endpoint)}: {reason(problem)}"


def reason(problem: Exception) -> str:
    """Return the system's word for it, without addresses and error numbers where it has one."""
    if isinstance(problem, ssl.SSLError):
        # its errno is TLS's own
        said = getattr(problem, "verify_message", None) or (problem.reason or "").replace("_", " ").lower()
        return said or "no TLS handshake"
    if isinstance(problem, OSError) and problem.strerror:
        # asyncio's own words repeat the address; a name server's errors are numbered below zero
        return os.strerror(problem.errno) if problem.errno and problem.errno > 0 else problem.strerror
    said = str(problem).partition("\n")[0].rstrip(":")
    return said or ("closed without a word" if isinstance(problem, ConnectionError) else "no reason is known")
