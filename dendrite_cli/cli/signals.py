"""What signals do while a run goes on: stop it, quit at once, or suspend it with a tidy screen."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Self

_ENDING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Takes SIGINT, SIGTERM and SIGTSTP over, and gives them back.

    Python's own handlers rather than the event loop's: they run also while the loop is busy with somebody's class, so
    that a second Ctrl-C always quits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], None], wipe: Callable[[], None]) -> None:
        """`stop` ends the run and `wipe` cleans the screen; both are called on the loop, between its callbacks."""
        self.received: signal.Signals | None = None
        """The first of those that end a run."""
        self._loop = loop
        self._stop = stop
        self._wipe = wipe
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        for number in _ENDING:
            self._before[number] = signal.signal(number, self._end)
        # whoever started us may have asked that it be ignored
        if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
            self._before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._suspend)
        return self

    def __exit__(self, *_problem: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            with suppress(Exception):
                self._wipe()
            os._exit(128 + number)
        self.received = signal.Signals(number)
        self._loop.call_soon_threadsafe(self._stop)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._suspend_now)

    def _suspend_now(self) -> None:
        """Do what the signal does by default; the screen is drawn anew when we are continued."""
        self._wipe()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
