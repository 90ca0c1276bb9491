"""The journal of jobs: every step is a row before it is an act, and nothing is claimed twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agent.jobs.abandoned import AbandonedJobs
from agent.jobs.lost import JOURNAL_NAME, MIGRATIONS, lost_claims
from agent.jobs.pruning import EndedJobs
from agent.jobs.retry import LONGEST_WAIT
from agent.jobs.rows import (
    FileRow,
    FileState,
    JobRow,
    SegmentMark,
    Tally,
    file_row,
    job_row,
    mark_text,
    report_text,
)
from agent.jobs.taken import TakenUp, whole_head
from agent.jobs.tallies import tallies_of
from agent.jobs.volumes import UNPLANNED, VolumeLedger
from agent.jobs.waits import WaitingJobs
from app.agentlink import ErrorReply, JobState
from app.masking import FileReport
from app.storage import Database, DuplicateRow, Durability, migrations_in, open_database

Wall = Callable[[], datetime]
RUNNING = (JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING, JobState.SENDING, JobState.VERIFYING)


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


class JobJournal:
    """Jobs in SQLite (WAL, ``synchronous=FULL``). Usable from any thread.

    Attributes:
        lost: what is not known of before; None when no journal was lost.
    """

    def __init__(self, path: Path, *, wall: Wall = utc_now, masks_by: str = "") -> None:
        """Open or make it.

        Args:
            path: of the database.
            wall: aware UTC time.
            masks_by: rules and key of the agent now; see `TakenUp`.

        Raises:
            LocalError: it cannot be opened, or was written by a newer program.
        """
        self._database = open_database(path, migrations_in(MIGRATIONS), durability=Durability.FULL)
        self._wall = wall
        self.lost = lost_claims(self._database)
        self.volumes = VolumeLedger(self._database)
        self.taken = TakenUp(self._database, by=masks_by)
        self.ended = EndedJobs(self._database)
        self.abandoned = AbandonedJobs(self._database)
        self.waits = WaitingJobs(self._database)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def create(self, job: JobRow, files: Sequence[FileRow], *, batch: bool = False) -> bool:
        """A new job with its files, and the claims on their segments; all of it or nothing.

        Args:
            job: its row.
            files: their rows; one with a segment claims it for the job's rule.
            batch: note that the rule has made a batch now.

        Returns:
            Whether it was made: not when one of its segments is claimed already, by another rule or this one.
        """
        keys = [file.segment for file in files if file.segment]
        try:
            with self._database.transaction() as connection:
                if self.taken.is_elsewhere(connection, job.source, job.case, keys):
                    return False
                connection.execute(
                    "INSERT INTO jobs (id, case_number, source, via, state, name, created, changed, back_to, "
                    "problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        job.id,
                        job.case,
                        job.source,
                        job.via,
                        job.state,
                        job.name,
                        job.created.isoformat(),
                        job.changed.isoformat(),
                        job.back_to or "",
                        _problem_text(job.problem),
                    ),
                )
                connection.execute("UPDATE jobs SET place = number WHERE id = ?", (job.id,))
                connection.executemany(
                    "INSERT INTO job_files (job, number, name, path, segment, application, state, raw_size, "
                    "mark, start, header, volume, identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            *(job.id, f.number, f.name, str(f.path), f.segment, f.application),
                            *(
                                f.state,
                                f.raw_size,
                                mark_text(f.mark),
                                f.start,
                                f.header,
                                f.volume,
                                f.identity,
                            ),
                        )
                        for f in files
                    ],
                )
                connection.executemany(
                    "INSERT INTO ranges (rule, application, head, upto, mark, job, number) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            *(job.source, f.application, whole_head(f.mark.print), f.mark.print.size),
                            *(mark_text(f.mark), job.id, f.number),
                        )
                        for f in files
                        if f.mark is not None
                    ],
                )
                connection.executemany(
                    "INSERT INTO claims (rule, segment, job) VALUES (?, ?, ?)",
                    [(job.source, f.segment, job.id) for f in files if f.segment],
                )
                if batch:
                    connection.execute(
                        "INSERT INTO batches (rule, last) VALUES (?, ?) "
                        "ON CONFLICT (rule) DO UPDATE SET last = excluded.last",
                        (job.source, job.created.isoformat()),
                    )
        except DuplicateRow:
            return False
        return True

    def claimed(self, rule: str) -> set[str]:
        """Keys of all segments that were ever claimed for the rule."""
        return {row[0] for row in self._database.rows("SELECT segment FROM claims WHERE rule = ?", (rule,))}

    def claimed_among(self, rule: str, segments: Collection[str]) -> set[str]:
        """Those of these, by key, that were ever claimed for the rule."""
        rows = self._database.rows(
            "SELECT segment FROM claims WHERE rule = ? AND segment IN (SELECT value FROM json_each(?))",
            (rule, msgspec.json.encode(list(segments)).decode()),
        )
        return {row["segment"] for row in rows}

    def claim_of(self, rule: str, key: str) -> JobState | None:
        """The state of the job that has claimed a segment for the rule; None when none has."""
        row = self._database.row(
            "SELECT jobs.state AS state FROM claims JOIN jobs ON jobs.id = claims.job "
            "WHERE claims.rule = ? AND claims.segment = ?",
            (rule, key),
        )
        return None if row is None else JobState(row["state"])

    def masked_among(self, segments: Collection[str]) -> set[str]:
        """Those, by key, that jobs have claimed and that nobody has to mask any more.

        A person may try again what is in quarantine, as long as its job has not ended; and what a cancelled
        job has masked is gone, while another rule may take it up.
        """
        return masked_among(self._database, segments)

    def release(self, rule: str, file: FileRow) -> None:
        """Let a later job claim a segment that could not be read now, and carry its bytes."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM claims WHERE rule = ? AND segment = ?", (rule, file.segment))
            connection.execute(
                "DELETE FROM contents WHERE rule = ? AND job = ? AND number = ?",
                (rule, file.job, file.number),
            )
            connection.execute("DELETE FROM ranges WHERE job = ? AND number = ?", (file.job, file.number))

    def last_batch(self, rule: str) -> datetime | None:
        """When the rule last made a batch."""
        row = self._database.row("SELECT last FROM batches WHERE rule = ?", (rule,))
        return None if row is None else datetime.fromisoformat(row[0])

    def job(self, job: str) -> JobRow | None:
        """One job."""
        row = self._database.row("SELECT * FROM jobs WHERE id = ?", (job,))
        return None if row is None else job_row(row)

    def jobs(self, *, case: str = "", limit: int = 200) -> list[JobRow]:
        """Jobs, newest first."""
        rows = self._database.rows(
            "SELECT * FROM jobs WHERE ? IN ('', case_number) ORDER BY number DESC LIMIT ?", (case, limit)
        )
        return [job_row(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return {
            row[0]: row[1] for row in self._database.rows("SELECT state, count(*) FROM jobs GROUP BY state")
        }

    def tally(self, rule: str) -> list[Tally]:
        """What became of all files that a rule claimed."""
        return tallies_of(self._database, rule)

    def files(self, job: str) -> list[FileRow]:
        """The files of a job, in order."""
        rows = self._database.rows("SELECT * FROM job_files WHERE job = ? ORDER BY number", (job,))
        return [file_row(row) for row in rows]

    def files_of(self, jobs: Iterable[str]) -> dict[str, list[FileRow]]:
        """The files of several jobs at once."""
        found: dict[str, list[FileRow]] = {job: [] for job in jobs}
        rows = self._database.rows(
            "SELECT * FROM job_files WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job, number",
            (msgspec.json.encode(list(found)).decode(),),
        )
        for row in rows:
            found[row["job"]].append(file_row(row))
        return found

    def quarantined(self, *, limit: int = 500) -> list[tuple[JobRow, FileRow, datetime]]:
        """Quarantined files, newest first, with their jobs and the time."""
        rows = self._database.rows(
            "SELECT * FROM job_files WHERE state = 'quarantined' ORDER BY at DESC LIMIT ?", (limit,)
        )
        found = []
        for row in rows:
            job = self.job(row["job"])
            if job is not None:
                found.append((job, file_row(row), datetime.fromisoformat(row["at"])))
        return found

    def quarantined_count(self) -> int:
        """How many files are in quarantine."""
        row = self._database.row("SELECT count(*) FROM job_files WHERE state = 'quarantined'")
        return 0 if row is None else int(row[0])

    def due(self, now: datetime) -> list[JobRow]:
        """Jobs that have something to do now, in their order: the oldest first, unless a person moved one.

        A clock that was set back puts nothing off: what would wait longer than anything may is due.
        """
        rows = self._database.rows(
            "SELECT * FROM jobs WHERE state IN (SELECT value FROM json_each(?)) "
            "OR (state = 'waiting' AND (next_attempt IS NULL OR next_attempt <= ? OR next_attempt > ?))"
            " ORDER BY place",
            (
                msgspec.json.encode(list(RUNNING)).decode(),
                now.isoformat(),
                (now + LONGEST_WAIT).isoformat(),
            ),
        )
        return [job_row(row) for row in rows]

    def next_due(self, *, after: datetime) -> datetime | None:
        """When the first job is due that waits, or that was cancelled and left something, and is not yet."""
        row = self._database.row(
            "SELECT min(next_attempt) FROM jobs WHERE state IN ('waiting', 'cancelled') AND next_attempt > ?",
            (after.isoformat(),),
        )
        return None if row is None or row[0] is None else datetime.fromisoformat(row[0])

    def due_now(self, code: str, now: datetime) -> int:
        """Jobs that wait for this reason are due now: it is gone; how many there were."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET next_attempt = ? WHERE state = 'waiting' AND next_attempt > ?"
                " AND json_extract(problem, '$.code') = ?",
                (now.isoformat(), now.isoformat(), code),
            )
            return cursor.rowcount

    def unfinished(self) -> set[str]:
        """Ids of all jobs that are not verified and not cancelled."""
        return {
            row[0]
            for row in self._database.rows("SELECT id FROM jobs WHERE state NOT IN ('verified', 'cancelled')")
        }

    def move(
        self,
        job: str,
        *,
        before: Iterable[JobState],
        after: JobState,
        back_to: JobState | None = None,
        problem: ErrorReply | None = None,
        next_attempt: datetime | None = None,
        attempts: int = 0,
        tries: int = 0,
    ) -> bool:
        """Another state, but only from one of these: whoever comes second has lost.

        Everything that belongs to the old state (problem, next attempt, where to go back to) is replaced.
        """
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = ?, back_to = ?, problem = ?, next_attempt = ?, attempts = ?, "
                "tries = ?, changed = ? WHERE id = ? AND state IN (SELECT value FROM json_each(?))",
                (
                    after,
                    back_to or "",
                    _problem_text(problem),
                    None if next_attempt is None else next_attempt.isoformat(),
                    attempts,
                    tries,
                    self._wall().isoformat(),
                    job,
                    msgspec.json.encode(list(before)).decode(),
                ),
            )
            return cursor.rowcount == 1

    def try_again(self, job: str, *, before: JobState, after: JobState) -> bool:
        """A failed job goes on; a bundle of it that holds what another rule has sent since is made anew."""
        with self._database.transaction() as connection:
            taken = self.taken.taken_meanwhile(connection, job) if before is JobState.FAILED else set()
            for volume in taken:
                self.volumes.lost(job, volume)
                self.mask_again(job, quarantined=False, volume=volume)
            if taken:
                self.collect_again(job)
            return self.move(job, before=(before,), after=JobState.COLLECTING if taken else after)

    def prioritise(self, job: str, priority: int) -> None:
        """Higher goes first."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET priority = ? WHERE id = ?", (priority, job))

    def place_before(self, job: str, other: str) -> None:
        """Another place in the order of the jobs that are not done: before `other`, or at the end."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, place FROM jobs WHERE state NOT IN ('verified', 'cancelled') ORDER BY place"
            ).fetchall()
            order, places = [row["id"] for row in rows], [row["place"] for row in rows]
            if job not in order or job == other:
                return
            order.remove(job)
            order.insert(order.index(other) if other in order else len(order), job)
            connection.executemany(
                "UPDATE jobs SET place = ? WHERE id = ?", list(zip(places, order, strict=True))
            )

    def confirm(self, job: str, *, acknowledgement: str, leave_out: Sequence[int]) -> bool:
        """The person's word, the files taken out, and the next state, in one."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE job_files SET state = 'left-out', kind = 'by hand', reason = 'Left out by hand.', "
                "at = ? WHERE job = ? AND number = ?",
                [(self._wall().isoformat(), job, number) for number in leave_out],
            )
            connection.execute("UPDATE jobs SET acknowledgement = ? WHERE id = ?", (acknowledgement, job))
            return self.move(job, before=(JobState.REVIEW,), after=JobState.BUNDLING)

    def collected(
        self,
        file: FileRow,
        *,
        path: Path,
        size: int,
        sha256: str,
        modified_ns: int,
        start: int = 0,
        header: int = 0,
        mark: SegmentMark | None = None,
    ) -> None:
        """Where the file lies, what is in it, which range of it is sent, and `mark` when that is another."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE job_files SET path = ?, raw_size = ?, raw_sha256 = ?, modified_ns = ?, start = ?, "
                "header = ?, mark = coalesce(?, mark) WHERE job = ? AND number = ?",
                (
                    *(str(path), size, sha256, modified_ns, start, header, mark_text(mark)),
                    *(file.job, file.number),
                ),
            )

    def collect_again(self, job: str) -> None:
        """Files that wait for masking are looked up anew."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE job_files SET raw_sha256 = '' WHERE job = ? AND state = 'waiting'", (job,)
            )

    def masked(self, file: FileRow, *, report: FileReport, by: str = "") -> None:
        """The masked copy is complete on the disk; `by` tells rules and key."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE job_files SET state = 'masked', report = ?, masked_by = ? "
                "WHERE job = ? AND number = ?",
                (report_text(report), by, file.job, file.number),
            )

    def mask_again(self, job: str, *, quarantined: bool, volume: int | None = None) -> None:
        """Masked files wait for masking again, unless their bundle is sealed; so do, if asked for, others.

        A file in quarantine that a sealed bundle's manifest has named goes into a later bundle.

        Args:
            job: its id.
            quarantined: whether files in quarantine are masked anew.
            volume: only those of this one.
        """
        states = [FileState.MASKED, *([FileState.QUARANTINED] if quarantined else [])]
        with self._database.transaction() as connection:
            connection.execute(
                "WITH sealed AS (SELECT number FROM volumes WHERE job = ?1 AND sha256 <> '') "
                "UPDATE job_files SET state = 'waiting', report = NULL, kind = '', reason = '', at = '', "
                "raw_sha256 = '', volume = iif(volume IN sealed, ?2, volume) "
                "WHERE job = ?1 AND state IN (SELECT value FROM json_each(?3)) "
                "AND volume = coalesce(?4, volume) AND NOT (state = 'masked' AND volume IN sealed)",
                (job, UNPLANNED, msgspec.json.encode(states).decode(), volume),
            )

    def without(self, file: FileRow, *, state: FileState, kind: str, reason: str) -> None:
        """The file is not in the bundle, and why."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE job_files SET state = ?, kind = ?, reason = ?, at = ? WHERE job = ? AND number = ?",
                (state, kind, reason, self._wall().isoformat(), file.job, file.number),
            )


def masked_among(database: Database, segments: Collection[str]) -> set[str]:
    """See `JobJournal.masked_among`."""
    rows = database.rows(
        "SELECT segment FROM job_files JOIN jobs ON jobs.id = job_files.job "
        "WHERE segment <> '' AND segment IN (SELECT value FROM json_each(?)) AND jobs.state <> 'cancelled' "
        "GROUP BY segment HAVING max(job_files.state = 'waiting' "
        "OR (job_files.state = 'quarantined' AND jobs.state <> 'verified')) = 0",
        (msgspec.json.encode(list(segments)).decode(),),
    )
    return {row["segment"] for row in rows}


def masked_at(data: Path, segments: Collection[str]) -> set[str]:
    """The same, by the journal in the data folder of an agent, which may be running; none without one.

    Raises:
        LocalError: the journal cannot be read.
    """
    path = data / JOURNAL_NAME
    if not path.is_file():
        return set()
    database = Database(path, durability=Durability.NORMAL)
    try:
        version = database.row("PRAGMA user_version")
        is_ours = version is not None and version[0] == migrations_in(MIGRATIONS)[-1].number
        return masked_among(database, segments) if is_ours else set()
    finally:
        database.close()


def _problem_text(problem: ErrorReply | None) -> str | None:
    return None if problem is None else msgspec.json.encode(problem).decode()
