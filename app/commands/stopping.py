"""Ctrl+C and SIGTERM while bytes move: the transfer is asked to stop, and leaves all in order."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType

from app.transfer import Stopped

_ONE_WISH = 0.5
"""Seconds in which signals are one wish: a terminal sends Ctrl+C to the whole group, and a wrapper that heard
of it forwards it once more."""


class Terminated(KeyboardInterrupt):
    """SIGTERM ended the command."""


class Signals:
    """What was asked for while a block of `stopped_by_signals` runs."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Nothing was asked for yet; `monotonic` tells seconds that never step."""
        self.asked: SimpleQueue[bool] = SimpleQueue()
        self._monotonic = monotonic
        self._first: int | None = None
        self._since = 0.0

    def heed(self) -> None:
        """Go on, unless somebody asked for the end.

        Raises:
            KeyboardInterrupt: by Ctrl+C.
            Terminated: by SIGTERM.
        """
        if self._first is not None:
            raise Terminated if self._first == signal.SIGTERM else KeyboardInterrupt

    def arrived(self, number: int, _frame: FrameType | None) -> None:
        """The handler. Whoever asks again does not want to wait: the second one ends it where it is.

        One that comes within half a second of the first is the same one.
        """
        if self._first is not None:
            if self._monotonic() - self._since >= _ONE_WISH:
                self.heed()
            return
        self._first, self._since = number, self._monotonic()
        self.asked.put(True)  # the one thing that a handler may do to what other threads wait for


@contextmanager
def stopped_by_signals(
    stop: Callable[[], None], *, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[Signals]:
    """Have Ctrl+C and SIGTERM ask for the end while the block runs, instead of breaking it anywhere.

    An exception in the middle of a step could leave a lock taken that other threads wait for. A signal that
    is ignored, as Ctrl+C by what a shell runs in the background, stays so.

    Args:
        stop: asks for the end; called once, from another thread. The block then ends by `Stopped`, or by
            `Signals.heed`.
        monotonic: seconds that never step; they tell a second wish from the echo of the first.

    Raises:
        KeyboardInterrupt: in place of `Stopped`, when Ctrl+C asked for it.
        Terminated: when SIGTERM did.
    """
    signals = Signals(monotonic=monotonic)
    if threading.current_thread() is not threading.main_thread():
        yield signals  # only the main thread hears of signals
        return

    def wait() -> None:
        if signals.asked.get():
            stop()

    waiting = threading.Thread(target=wait, name="stopped-by-signals", daemon=True)
    waiting.start()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heard = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in heard:
        signal.signal(number, signals.arrived)
    try:
        yield signals
    except Stopped:
        signals.heed()
        raise
    finally:
        for number in heard:
            signal.signal(number, before[number])
        signals.asked.put(False)
        waiting.join()
