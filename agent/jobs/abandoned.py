"""Cancelled jobs of which the other side may have an unfinished upload: it is thrown away there.

Kept in the row of the job, so that it is done after a restart, too, and tried again while nobody answers.
What still cannot be done after a week is left to the other side, which lets go of it by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.jobs.retry import LONGEST_WAIT
from agent.jobs.rows import JobRow, job_row
from app.storage import Database

_FIRST = timedelta(seconds=30)
_TRIED_FOR = timedelta(days=7)


class AbandonedJobs:
    """In the journal's database. Usable from any thread."""

    def __init__(self, database: Database) -> None:
        """Use the journal's database."""
        self._database = database

    def due(self, now: datetime) -> list[JobRow]:
        """Those to be looked at now; a clock that was set back puts nothing off."""
        rows = self._database.rows(
            "SELECT * FROM jobs WHERE state = 'cancelled' AND next_attempt IS NOT NULL "
            "AND (next_attempt <= ? OR next_attempt > ?) ORDER BY place",
            (now.isoformat(), (now + LONGEST_WAIT).isoformat()),
        )
        return [job_row(row) for row in rows]

    def put_off(self, job: JobRow, now: datetime) -> None:
        """Look at it later, the longer the more often that was done; written before it is tried.

        Raises:
            LocalError: it cannot be recorded.
        """
        wait = min(LONGEST_WAIT, _FIRST * 2 ** min(job.attempts, 10))
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET next_attempt = ?, attempts = attempts + 1 "
                "WHERE id = ? AND state = 'cancelled'",
                ((now + wait).isoformat(), job.id),
            )

    def over(self, job: JobRow) -> None:
        """Nothing of it is at the other side any more, or it is left to that.

        Raises:
            LocalError: it cannot be recorded.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET next_attempt = NULL, attempts = 0 WHERE id = ? AND state = 'cancelled'",
                (job.id,),
            )


def is_left_alone(job: JobRow, now: datetime) -> bool:
    """Whether it has been tried for long enough."""
    return now - job.changed > _TRIED_FOR
