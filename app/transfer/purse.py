"""One limit for two programs: bytes that the limiter of another one on this machine lets this one move."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from app.domain.errors import WorldError
from app.transfer.bandwidth import Pace, SystemPace

Lend = Callable[[int], int | None]
"""Asks for so many bytes, and waits until some are due: how many may be moved; 0 when none were due in time,
None when there is no limit. It blocks, and raises `WorldError` when nobody answers."""

_LUMPS_A_SECOND = 8
"""What is asked for at once: so little that what is left in a purse costs no exactness over ten seconds."""

_LOOK_EVERY = 0.1
_PATIENCE = 3.0
_SILENT_FOR = 5.0
_STALE_AFTER = 2.0


class Purse:
    """What was lent and is not moved yet. Usable from any thread.

    A lender that cannot be asked, or does not answer, holds nobody up for longer than `_PATIENCE` seconds:
    until it answers, what its own limiter allows is all that this program keeps to.
    """

    def __init__(
        self, lend: Lend, *, beside: Callable[[Callable[[], None]], None], pace: Pace | None = None
    ) -> None:
        """Nothing is asked for yet.

        Args:
            lend: see `Lend`.
            beside: does a call in a thread of its own.
            pace: the time it lives by.
        """
        self._lend = lend
        self._beside = beside
        self._pace = pace or SystemPace()
        self._changed = threading.Condition()
        self._there = 0
        self._drawn_at = self._asked_at = self._silent_until = self._pace.now()
        self._asking = False

    def draw(self, size: int, *, rate: int, going: Callable[[], None]) -> None:
        """Take so many bytes out of it; wait until they are there.

        Args:
            size: bytes.
            rate: bytes per second of the limit: how much is asked for at once.
            going: called while it waits, and may take its time; raises to end the waiting.
        """
        lump = max(rate // _LUMPS_A_SECOND, size)
        with self._changed:
            if self._pace.now() - self._drawn_at > _STALE_AFTER:
                self._there = 0
            while self._there < size and not self._away():
                self._ask(lump)
                if self._there >= size:
                    break
                self._pace.wait(self._changed, _LOOK_EVERY)
                self._changed.release()
                try:
                    going()
                finally:
                    self._changed.acquire()
            self._drawn_at = self._pace.now()
            self._there = max(0, self._there - size)
            if self._there < lump // 2 and not self._away():
                self._ask(lump)

    def _away(self) -> bool:
        now = self._pace.now()
        return now < self._silent_until or (self._asking and now - self._asked_at > _PATIENCE)

    def _ask(self, lump: int) -> None:
        if not self._asking:
            self._asking, self._asked_at = True, self._pace.now()
            self._beside(partial(self._fill, lump))

    def _fill(self, lump: int) -> None:
        got: int | None = 0
        try:
            got = self._lend(lump)
        except WorldError:
            with self._changed:
                self._silent_until = self._pace.now() + _SILENT_FOR
        finally:
            with self._changed:
                self._asking = False
                self._there += lump if got is None else got
                self._changed.notify_all()
