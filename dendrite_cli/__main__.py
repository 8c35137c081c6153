"""`python -m dendrite_cli` and the console script."""

import gc
import os
import signal
import sys

_INTERRUPTED = 128 + signal.SIGINT


def main() -> None:
    """Run the command line and exit with its code."""
    gc.disable()  # until a command begins: what is loaded stays, and looking for garbage takes a fifth of the time
    if sys.argv[1:2] == ["_complete"]:
        # a shell waits at every Tab: nothing that is slow is loaded
        from dendrite_cli.cli.complete import main as complete

        sys.exit(complete(sys.argv[2:]))
    try:
        from dendrite_cli.cli.app import main as run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # before there is anybody to take it
        code = _INTERRUPTED
    # all is said: one more Ctrl-C must not make another exit code of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    # `python -m` puts the current directory first, where a file could stand in for one of our dependencies
    sys.path[:] = [entry for entry in sys.path if entry not in {"", os.getcwd()}]  # noqa: PTH109 - pathlib is not loaded
    main()
