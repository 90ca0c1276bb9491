"""Segments that went long ago are forgotten, now and then: looking for them costs with all that are gone."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

_KEPT = timedelta(days=30)
_EVERY = 3600.0


class LongGone:
    """Deletes the rows of segments that have been gone for a month and that nothing holds.

    The newest of all stays: without it the next one would get its number, by which others know it.
    """

    def __init__(self) -> None:
        self._next: dict[int, float] = {}

    def forget(self, connection: sqlite3.Connection, folder: int, *, now: float, wall: datetime) -> None:
        """Forget those of a folder, at the first call for it and once an hour.

        Args:
            connection: in a transaction.
            folder: its id.
            now: monotonic seconds.
            wall: aware UTC time.
        """
        if now < self._next.get(folder, now):
            return
        self._next[folder] = now + _EVERY
        connection.execute(
            "DELETE FROM segments WHERE folder = ? AND state = 'gone' AND changed < ? "
            "AND id NOT IN (SELECT segment FROM held) AND id < (SELECT max(id) FROM segments)",
            (folder, (wall - _KEPT).isoformat()),
        )
