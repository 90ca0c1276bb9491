"""The thread that keeps what grows, and how it is told of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from agent.keeping import Keeper
from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_REST = 1.0
"""Seconds between two rounds: what grows is taken in larger pieces."""
_EVERY = 20.0
_STOCK_EVERY = 600.0


class KeepingRounds:
    """One round at the start, soon after every change, and every 20 seconds."""

    def __init__(
        self,
        keeper: Keeper,
        *,
        closed: Callable[[], None],
        begin: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing runs before `start`.

        Args:
            keeper: what is done in a round.
            closed: called when there is something to be sent that was not there before.
            begin: called first by the thread: it may lower its priority.
            clock: monotonic seconds.
        """
        self._keeper = keeper
        self._closed = closed
        self._begin = begin
        self._clock = clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._stock_at = clock() + _STOCK_EVERY
        self._thread = threading.Thread(target=self._run, name="keep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece that is being taken."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def note(self, touched: Iterable[int]) -> None:
        """A pass has seen these segments anew.

        Raises:
            LocalError: it cannot be recorded; the pass is to be repeated.
        """
        ids = tuple(touched)
        if ids:
            self._keeper.note(ids)
            self._wake.set()

    def take_stock(self) -> None:
        """Rules or cases are others than before."""
        self._keeper.take_stock()
        self._wake.set()

    def once(self) -> float | None:
        """One round; seconds after which the next one is owed."""
        if self._clock() >= self._stock_at:
            self._stock_at = self._clock() + _STOCK_EVERY
            self._keeper.take_stock()
        kept = self._keeper.keep(wanted=lambda: not self._stop.is_set())
        if kept.closed:
            self._closed()
        return kept.again

    def _run(self) -> None:
        self._begin()
        while not self._stop.is_set():
            self._wake.clear()
            again: float | None = None
            try:
                again = self.once()
            except WorldError as error:
                _log.info("what grows cannot be kept now (%s)", error.code)
            except Exception:  # noqa: BLE001 - the border of this thread
                _log.exception("a round of keeping failed; it is repeated")
            if not self._stop.wait(_REST):
                self._wake.wait(_EVERY if again is None else min(max(0.0, again - _REST), _EVERY))
