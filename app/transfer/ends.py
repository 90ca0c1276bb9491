"""How long the peer keeps unfinished files, as the journal remembers it for a sender that starts again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.domain.errors import LocalError
from app.transfer.journal import Journal

_log = logging.getLogger(__name__)

_WORTH = 60.0
"""Seconds by which an end must differ from the one in the journal, to be written there."""


class JournalEnds:
    """`Ends` in the journal, by this machine's clock: what an earlier process was told counts, too."""

    def __init__(self, journal: Journal, transfer: int, *, wall: Callable[[], float]) -> None:
        """Read what the journal knows.

        Args:
            journal: of the transfer.
            transfer: its id.
            wall: seconds since 1970.
        """
        self._journal = journal
        self._transfer = transfer
        self._wall = wall
        self._known = journal.ends(transfer)
        self._lock = threading.Lock()

    def note(self, name: str, seconds: float) -> None:
        """`Ends.note`; a shift of less than a minute is not worth a row."""
        until = self._wall() + seconds
        with self._lock:
            before = self._known.get(name)
            if before is not None and abs(before - until) < _WORTH:
                return
            self._known[name] = until
            try:
                self._journal.note_end(self._transfer, name, until=until)
            except LocalError as error:  # on a full disk: a later process will ask the peer
                _log.info("transfer %d: the end of an upload is not kept: %s", self._transfer, error.code)

    def left(self, name: str) -> float | None:
        """`Ends.left`."""
        with self._lock:
            until = self._known.get(name)
        return None if until is None else until - self._wall()
