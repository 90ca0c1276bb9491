"""When this agent ran: what happened in between nobody saw."""

from __future__ import annotations

from itertools import pairwise

from app.storage import Database

LEAST_GAP = 60_000
"""Milliseconds from which on a stretch without an agent is told."""
STANDS = 300_000
"""Milliseconds without a sign of life after which an agent stood: stopped, or its disk did not answer."""
_KEPT = 90 * 86_400_000


class Activity:
    """The runs of this agent; milliseconds UTC."""

    def __init__(self, database: Database) -> None:
        """Use the catalogue's database."""
        self._database = database
        self._run = 0

    def alive(self, now: int) -> None:
        """The agent runs now; the first call of a process, and the first after it stood, begins a run."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT last FROM runs WHERE id = ?", (self._run,)).fetchone()
            if row is not None and now - row["last"] < STANDS:
                connection.execute("UPDATE runs SET last = max(last, ?) WHERE id = ?", (now, self._run))
                return
            connection.execute("DELETE FROM runs WHERE last < ?", (now - _KEPT,))
            cursor = connection.execute("INSERT INTO runs (first, last) VALUES (?, ?)", (now, now))
            self._run = int(cursor.lastrowid or 0)

    def off(self, *, first: int, last: int, now: int | None = None) -> list[tuple[int, int]]:
        """Stretches in this range in which no agent ran, from the first known run on.

        Args:
            first: of the range.
            last: of the range.
            now: the present: one that stands up to now is told as well; None when that is not asked.
        """
        rows = self._database.rows("SELECT first, last FROM runs ORDER BY id")
        between = [(before["last"], after["first"], LEAST_GAP) for before, after in pairwise(rows)]
        if rows and now is not None:
            between.append((rows[-1]["last"], now, STANDS))
        return [
            (begin, end)
            for begin, end, least in between
            if end - begin >= least and end >= first and begin <= last
        ]
