"""When this agent ran: what happened in between nobody saw."""

from __future__ import annotations

from itertools import pairwise

from app.storage import Database

LEAST_GAP = 60_000
"""Milliseconds from which on a stretch without an agent is told."""
_KEPT = 90 * 86_400_000


class Activity:
    """The runs of this agent; milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        """Use the catalogue's database."""
        self._database = database
        self._run = 0

    def alive(self, now: int) -> None:
        """The agent runs at this moment; the first call of a process begins a run."""
        with self._database.transaction() as connection:
            if self._run:
                connection.execute("UPDATE runs SET last = max(last, ?) WHERE id = ?", (now, self._run))
                return
            connection.execute("DELETE FROM runs WHERE last < ?", (now - _KEPT,))
            cursor = connection.execute("INSERT INTO runs (first, last) VALUES (?, ?)", (now, now))
            self._run = int(cursor.lastrowid or 0)

    def off(self, *, first: int, last: int) -> list[tuple[int, int]]:
        """Stretches in this range in which no agent ran, from the first known run on."""
        rows = self._database.rows("SELECT first, last FROM runs ORDER BY id")
        found = []
        for before, after in pairwise(rows):
            begin, end = before["last"], after["first"]
            if end - begin >= LEAST_GAP and end >= first and begin <= last:
                found.append((begin, end))
        return found
