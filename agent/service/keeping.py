"""When what grows is kept: after every change that a pass has seen, and now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from agent.keeping import Keeper
from agent.service.repeating import Repeating

_REST = 1.0
"""Seconds between two rounds: what grows is taken in larger pieces."""
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
        self._clock = clock
        self._stock_at = clock() + _STOCK_EVERY
        self._thread = Repeating(
            self.once,
            name="keep",
            cannot="what grows cannot be kept now",
            begin=begin,
            rest=_REST,
            patience=30.0,
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the piece that is being taken."""
        self._thread.stop()

    def note(self, touched: Iterable[int]) -> None:
        """A pass has seen these segments anew.

        Raises:
            LocalError: it cannot be recorded; the pass is to be repeated.
        """
        ids = tuple(touched)
        if ids:
            self._keeper.note(ids)
            self._thread.wake()

    def take_stock(self) -> None:
        """Rules or cases are others than before."""
        self._keeper.take_stock()
        self._thread.wake()

    def once(self) -> float | None:
        """One round; seconds after which the next one is owed."""
        if self._clock() >= self._stock_at:
            self._stock_at = self._clock() + _STOCK_EVERY
            self._keeper.take_stock()
        kept = self._keeper.keep(wanted=lambda: not self._thread.ending)
        if kept.closed:
            self._closed()
        return kept.again
