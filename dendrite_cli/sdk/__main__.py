"""The child process: asks the installed SDK for one metagraph, says it as one line of JSON, and is gone.

Nothing else may reach the pipe of the answer, so it is taken from under stdout before any SDK is loaded. The process
ends without tear-down, which in the SDKs takes long or never ends.
"""

import json
import os
import signal
import sys
import threading
import time
from typing import NoReturn

ORPHANED = 0.5
"""Seconds between two looks at whether the parent is still there."""


def main() -> None:
    """Answer the request on stdin."""
    answer = os.dup(1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.read())
    threading.Thread(target=_watch, args=(request["parent"],), daemon=True).start()
    # what cannot be said in JSON is nothing that a metagraph holds, and the reader finds it wanting
    text = json.dumps(_document(request["url"], request["netuid"]), default=repr)
    document = memoryview(b"\n" + text.encode())
    while document:
        document = document[os.write(answer, document) :]
    _end()


def _watch(parent: int) -> None:
    """End with the parent, whatever ended it."""
    while os.getppid() == parent:
        time.sleep(ORPHANED)
    _end()


def _end() -> NoReturn:
    """End without tear-down, and with everything that an SDK has started."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _document(url: str, netuid: int) -> dict[str, object]:
    from dendrite_cli.sdk.installed import ask_of, installed

    version = installed()
    document: dict[str, object] = {"sdk": version}
    try:
        ask = ask_of(version)
    except Exception as problem:  # noqa: BLE001 - of a library that does not fit the SDK, anything may come
        return document | {"trouble": "unsupported", "words": str(problem) or type(problem).__name__}
    if not callable(ask):
        return document | {"trouble": ask}
    try:
        answer, genesis = ask(url, netuid)
        return document | {"answer": answer and dict(answer), "genesis": genesis}
    except Exception as problem:  # noqa: BLE001 - the SDKs raise whatever their libraries do
        from dendrite_cli.sdk.trouble import trouble

        found = trouble(problem, url)
        return document | {"trouble": found.kind, "words": found.words}


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001 - it is told, and nothing is to run after it
        sys.excepthook(*sys.exc_info())
        # the threads of an SDK would keep the interpreter from ending
        os._exit(1)
