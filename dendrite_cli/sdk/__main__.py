"""The child process: asks the installed SDK for one metagraph, says it as one line of JSON, and is gone.

Nothing else may reach the pipe of the answer, so it is taken from under stdout before any SDK is loaded. The process
ends without tear-down, which in the SDKs takes long or never ends.
"""

import json
import os
import sys
import threading
import time

ORPHANED = 0.5
"""Seconds between two looks at whether the parent is still there."""


def main() -> None:
    """Answer the request on stdin."""
    answer = os.dup(1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.read())
    threading.Thread(target=_watch, args=(request["parent"],), daemon=True).start()
    document = memoryview(b"\n" + json.dumps(_document(request["url"], request["netuid"])).encode())
    while document:
        document = document[os.write(answer, document) :]
    os._exit(0)


def _watch(parent: int) -> None:
    """End with the parent, whatever ended it."""
    while os.getppid() == parent:
        time.sleep(ORPHANED)
    os._exit(1)


def _document(url: str, netuid: int) -> dict[str, object]:
    from dendrite_cli.sdk.installed import ask_of, installed

    version = installed()
    document: dict[str, object] = {"sdk": version}
    try:
        ask = ask_of(version)
    except ImportError as problem:
        return document | {"trouble": "unsupported", "words": str(problem)}
    if not callable(ask):
        return document | {"trouble": ask}
    try:
        answer, genesis = ask(url, netuid)
    except Exception as problem:  # noqa: BLE001 - the SDKs raise whatever their libraries do
        from dendrite_cli.sdk.trouble import trouble

        found = trouble(problem, url)
        return document | {"trouble": found.kind, "words": found.words}
    return document | {"answer": answer and dict(answer), "genesis": genesis}


if __name__ == "__main__":
    main()
