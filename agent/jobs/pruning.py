"""Which jobs the journal forgets, and what stays of them so that nothing is ever sent twice.

A job is forgotten 90 days after its end, when the catalogue knows none of its segments any more: not under
their names, not renamed, not grown. What stays for good is the digest of every content that was sent, by rule
and application: a file that comes back from a backup is known by it. Jobs that failed or wait are never
forgotten, and the audit trail keeps what became of all of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from agent.catalogue import Trace
from agent.jobs.rows import SegmentMark
from agent.jobs.taken import keep_contents
from app.decoding import ready
from app.storage import Database

KEPT = timedelta(days=90)
_EVERY = timedelta(days=1)
_AT_ONCE = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EndedJob:
    """A job of long ago.

    Attributes:
        number: in the order in which jobs were made.
        traces: of the segments that it claimed; empty for a person's.
    """

    id: str
    number: int
    traces: frozenset[Trace]


class EndedJobs:
    """Ended jobs in the journal's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def before(self, moment: datetime, *, behind: int, most: int = _AT_ONCE) -> list[EndedJob]:
        """Jobs that ended before `moment` (UTC), by their numbers, from the one behind `behind`."""
        rows = self._database.rows(
            "SELECT id, number FROM jobs WHERE state IN ('verified', 'cancelled') AND changed < ? "
            "AND number > ? ORDER BY number LIMIT ?",
            (moment.isoformat(), behind, most),
        )
        traces: dict[str, set[Trace]] = {row["id"]: set() for row in rows}
        asked = (json.dumps(list(traces)),)
        for row in self._database.rows(
            "SELECT job, segment FROM claims WHERE job IN (SELECT value FROM json_each(?))", asked
        ):
            traces[row["job"]].add(Trace(row["segment"]))
        for row in self._database.rows(
            "SELECT job, head, mark FROM ranges WHERE job IN (SELECT value FROM json_each(?))", asked
        ):
            # ids of files are too large for SQLite
            mark = msgspec.json.decode(row["mark"], type=ready(SegmentMark))
            traces[row["job"]].add(Trace(mark.generation, str(mark.device), str(mark.inode), row["head"]))
        return [EndedJob(row["id"], row["number"], frozenset(traces[row["id"]])) for row in rows]

    def forget(self, jobs: Sequence[str]) -> None:
        """Remove them with all that belongs to them but the digests of what was sent."""
        asked = (json.dumps(list(jobs)),)
        with self._database.transaction() as connection:
            keep_contents(connection, asked[0])
            for table in ("ranges", "claims", "volumes", "job_files"):
                connection.execute(
                    f"DELETE FROM {table} WHERE job IN (SELECT value FROM json_each(?))",  # noqa: S608 - ours
                    asked,
                )
            connection.execute("DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?))", asked)


@dataclass(slots=True)
class Pruning:
    """Forgets once a day. For one thread.

    Attributes:
        jobs: of the journal.
        known: which of these traces the catalogue knows.
        forgotten: called with ids of jobs before they are forgotten; what it fails to do is done next time.
        others: whatever else forgets by age, called with the present.
        wall: aware UTC time.
    """

    jobs: EndedJobs
    known: Callable[[Collection[Trace]], Collection[Trace]]
    forgotten: Callable[[Sequence[str]], None]
    others: Sequence[Callable[[datetime], object]]
    wall: Callable[[], datetime]
    _last: datetime | None = None

    def look(self) -> int:
        """Forget what is due, if that was not done today; how many jobs.

        Raises:
            LocalError: it cannot be recorded; it is tried again at the next call.
        """
        now = self.wall()
        if self._last is not None and timedelta() <= now - self._last < _EVERY:
            return 0
        count = self._forget_jobs(now - KEPT)
        for other in self.others:
            other(now)
        self._last = now
        if count:
            _log.info("%d jobs that ended more than %d days ago are forgotten", count, KEPT.days)
        return count

    def _forget_jobs(self, before: datetime) -> int:
        count = behind = 0
        while old := self.jobs.before(before, behind=behind):
            behind = old[-1].number
            known = self.known({trace for job in old for trace in job.traces})
            over = [job.id for job in old if job.traces.isdisjoint(known)]
            if over:
                self.forgotten(over)
                self.jobs.forget(over)
            count += len(over)
        return count
