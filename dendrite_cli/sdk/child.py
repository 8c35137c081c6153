"""The child process as its parent sees it: a question, an answer, and never longer than agreed."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dendrite_cli.networks import endpoint_of

COMMAND = (sys.executable, "-P", "-W", "ignore", "-m", "dendrite_cli.sdk")
FORCED = {"READ_ONLY": "1", "BT_NO_PARSE_CLI_ARGS": "1"}
"""Keeps bittensor 10 from making directories at home and from reading a command line."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that ended without an answer."""

    code: int
    """As subprocess has it: negative for a signal."""
    last_words: str


def ask(url: str, netuid: int, timeout: float) -> dict[str, Any] | Ended | None:
    """Return the child's document; None if it had none within `timeout` seconds."""
    # by stdin, because every user of the machine can read a command line, and a URL may hold a password
    request = json.dumps({"url": url, "netuid": netuid, "parent": os.getpid()})
    with subprocess.Popen(  # noqa: S603 - our own program
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(url),
        start_new_session=True,
    ) as child:
        try:
            said, complaints = child.communicate(request.encode(), timeout)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # also when the child has ended: what it started is in its group, and may not have
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            # Popen itself does not after a Ctrl-C
            child.wait()
    try:
        document: dict[str, Any] = json.loads(said.rpartition(b"\n")[2])
    except ValueError:
        return Ended(child.returncode, _last_line(complaints))
    return document


def _environment(url: str) -> dict[str, str]:
    """Return ours without the SDKs' settings: they move endpoints, write logs, and hold passwords.

    The SDKs take the proxies of the environment even to a node of this machine, which no proxy can reach.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BT_", "DENDRITE_"))}
    if _is_here(endpoint_of(url)[0]):
        ours = {name: value for name, value in ours.items() if not name.lower().endswith("_proxy")}
    return ours | FORCED


def _is_here(host: str) -> bool:
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.[0-9]+){3}", host) is not None


def _last_line(complaints: bytes) -> str:
    lines = complaints.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
