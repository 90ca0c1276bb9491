"""Jobs that wait for the other side: those to be sent, and cancelled ones that left something there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from agent.jobs.rows import JobRow, job_row
from app.storage import Database


class WaitingJobs:
    """In the journal's database. Usable from any thread."""

    def __init__(self, database: Database) -> None:
        """Use the journal's database."""
        self._database = database

    def to_send(self) -> list[JobRow]:
        """All of them."""
        rows = self._database.rows(
            "SELECT * FROM jobs WHERE next_attempt IS NOT NULL AND (state = 'cancelled'"
            " OR (state = 'waiting' AND back_to IN ('sending', 'verifying')))"
        )
        return [job_row(row) for row in rows]

    def hasten(self, now: datetime, jobs: Collection[str]) -> int:
        """Those of these jobs that wait for the other side are due now; how many were not."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET next_attempt = ? WHERE next_attempt > ? AND (state = 'cancelled'"
                " OR (state = 'waiting' AND back_to IN ('sending', 'verifying')))"
                " AND id IN (SELECT value FROM json_each(?))",
                (now.isoformat(), now.isoformat(), _list(jobs)),
            )
            return cursor.rowcount

    def put_off(self, until: datetime, jobs: Collection[str]) -> None:
        """None of these jobs is tried before that time; one that waits for longer still does."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET next_attempt = ? WHERE next_attempt < ? AND state = 'waiting'"
                " AND back_to IN ('sending', 'verifying') AND id IN (SELECT value FROM json_each(?))",
                (until.isoformat(), until.isoformat(), _list(jobs)),
            )


def _list(jobs: Collection[str]) -> str:
    return msgspec.json.encode(list(jobs)).decode()
