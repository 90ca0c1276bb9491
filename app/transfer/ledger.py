"""The parts of a running transfer on their way into the journal: many marks, few commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.transfer.journal import Journal
from app.transfer.parts import Part

_LONGEST = 0.1


class Ledger:
    """Marks of one transfer. Usable from several threads.

    *sent* is durable before the part's first byte leaves, and takes along every *acked* that waits; those are
    durable within a tenth of a second, as `keep` is called that often. What a kill loses of them is asked of
    the peer again, or sent again.
    """

    def __init__(self, journal: Journal, transfer: int, *, monotonic: Callable[[], float]) -> None:
        self._journal = journal
        self._transfer = transfer
        self._monotonic = monotonic
        self._waiting: list[Part] = []
        self._since = 0.0
        self._lock = threading.Lock()

    def sent(self, part: Part) -> None:
        """Durable when it returns."""
        self._add(part)
        self.flush()

    def acked(self, part: Part) -> None:
        """Durable soon."""
        self._add(part)

    def keep(self) -> None:
        """Commit what waits for long enough."""
        if self._waiting and self._monotonic() - self._since >= _LONGEST:
            self.flush()

    def flush(self) -> None:
        """Commit what waits.

        Raises:
            LocalError: the disk is full, for one; it goes on waiting.
        """
        with self._lock:
            if self._waiting:
                self._journal.note_parts(self._transfer, self._waiting)
                self._waiting = []

    def _add(self, part: Part) -> None:
        with self._lock:
            if not self._waiting:
                self._since = self._monotonic()
            self._waiting.append(part)
