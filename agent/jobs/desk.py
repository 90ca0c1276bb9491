"""What people ask of jobs: list, drop, preview, confirm, pause, resume, cancel, retry."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from agent.jobs.collected import SourceMoved
from agent.jobs.destinations import vault_name
from agent.jobs.dropping import OwnFiles
from agent.jobs.intake import Intake
from agent.jobs.journal import RUNNING, JobJournal, Wall, utc_now
from agent.jobs.preview import Previews
from agent.jobs.progress import ProgressBoard
from agent.jobs.rows import FileRow, FileState, JobRow
from agent.jobs.spool import Spool
from agent.jobs.steps import steps_of
from agent.jobs.volumes import VolumeRow, weakest_level
from agent.jobs.workshop import Workshop
from app.agentlink import (
    FINAL_STATES,
    MOST_PRIORITY,
    Confirm,
    Drop,
    Job,
    JobFile,
    JobPlace,
    JobPriority,
    Jobs,
    JobsAsk,
    JobState,
    JobVolume,
    Preview,
    PreviewAsk,
    PreviewLine,
    Quarantine,
    Quarantined,
)
from app.domain.errors import InputError, LocalError, RefusedError
from app.masking import MaskingError
from app.secrets import SecretStore

_MOST_LINES = 500
_MOST_JOBS = 500
_MAY_PAUSE = frozenset({*RUNNING, JobState.WAITING})
_MAY_MOVE = frozenset({JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING, JobState.SENDING})
_MAY_CANCEL = frozenset(JobState) - frozenset(FINAL_STATES)
_STEPS = len(JobState)
"""A job that works can go on by so many states while somebody stops it."""
_MAY_RETRY = frozenset({JobState.FAILED, JobState.WAITING})


class Vouch(Protocol):
    """Takes a person's word on where a bundle is not; `app.transfer.Journal.vouch` is it."""

    def __call__(self, key: str, *, now: float) -> str: ...  # noqa: D102


def _nobody_vouches(key: str, *, now: float) -> str:
    """There is no journal of transfers."""
    del key, now
    return ""


@dataclass(frozen=True, slots=True)
class JobDesk:
    """Answers about jobs. Methods may be called from any thread.

    Attributes:
        drops: whether files that a person chose are taken.
        drop_folders: where they must lie; anywhere when empty.
        own: the agent's own files, which are not sent.
        changed: called with a job's id after every change.
        wall: aware UTC time.
        vouch: records that a person knows that a bundle is not where it was sent to (`Journal.vouch`).
    """

    journal: JobJournal
    intake: Intake
    workshop: Workshop
    progress: ProgressBoard
    spool: Spool
    previews: Previews
    vault: SecretStore
    drops: bool
    drop_folders: Sequence[Path]
    own: OwnFiles
    changed: Callable[[str], None]
    wall: Wall = utc_now
    vouch: Vouch = _nobody_vouches

    def jobs(self, ask: JobsAsk) -> Jobs:
        """Jobs, newest first.

        Raises:
            InputError: the limit is out of range.
        """
        if not 1 <= ask.limit <= _MOST_JOBS:
            raise _out_of_range("limit", 1, _MOST_JOBS)
        rows = self.journal.jobs(case=ask.case, limit=ask.limit)
        files = self.journal.files_of(row.id for row in rows)
        volumes = self.journal.volumes.of_jobs(row.id for row in rows)
        return Jobs(jobs=[self._shown(row, files[row.id], volumes[row.id]) for row in rows])

    def job(self, job: str) -> Job:
        """One job.

        Raises:
            InputError: there is none of this id.
        """
        return self._shown(self._row(job), self.journal.files(job), self.journal.volumes.of(job))

    def drop(self, drop: Drop, *, within: Sequence[Path] | None = None) -> Job:
        """A job of chosen files; it stops at *review*.

        Args:
            drop: the request.
            within: the folders from which this caller may take them; anywhere when None.

        Raises:
            RefusedError: this agent takes none, or not from there.
            InputError: a path or the case number is not right.
        """
        if not self.drops:
            raise RefusedError(
                "This agent takes no dropped files",
                happened="Its configuration says drops = false.",
                todo="Use the agent of your own computer, or ask the administrator of this server.",
                code="CF-1291",
            )
        job = self.intake.drop(drop, folders=self.drop_folders, own=self.own, within=within)
        self.workshop.wake()
        return self.job(job.id)

    def preview(self, ask: PreviewAsk) -> Preview:
        """Lines of one file before and after.

        Raises:
            InputError: no such job or file, or a number out of range.
            RefusedError: the job is not in review.
            LocalError: the source is not what was masked any more.
        """
        if ask.first < 1:
            raise _out_of_range("first", 1, 2**53)
        if not 1 <= ask.limit <= _MOST_LINES:
            raise _out_of_range("limit", 1, _MOST_LINES)
        row = self._row(ask.job)
        if row.state is not JobState.REVIEW:
            raise _wrong_state(row, "shown line by line")
        file = self._file(ask.job, ask.name)
        if file.report is None:
            raise _wrong_state(row, "shown: this file was not masked")
        return Preview(lines=self._lines(file, ask), total_lines=file.report.lines)

    def confirm(self, confirm: Confirm) -> Job:
        """The person has seen what was masked (R-FILE-1); the job goes on.

        Raises:
            InputError: no such job, or a file to leave out is not in it.
            RefusedError: it is not in review, no acknowledgement is given, or nothing would be left.
        """
        row = self._row(confirm.job)
        if row.state is not JobState.REVIEW:
            raise _wrong_state(row, "confirmed")
        if not confirm.acknowledgement:
            raise RefusedError(
                "The acknowledgement is missing",
                happened="Files are sent only after a person has acknowledged what is in them.",
                todo="Acknowledge it in the review.",
                rule="R-FILE-1",
                code="CF-1293",
            )
        numbers = [self._file(row.id, name).number for name in confirm.leave_out]
        left = [
            f for f in self.journal.files(row.id) if f.state is FileState.MASKED and f.number not in numbers
        ]
        if not left:
            raise RefusedError(
                "No file is left to send",
                happened="Every masked file was taken out.",
                todo="Keep at least one file, or cancel the job.",
                code="CF-1294",
            )
        if not self.journal.confirm(row.id, acknowledgement=confirm.acknowledgement, leave_out=numbers):
            raise _wrong_state(self._row(row.id), "confirmed")
        return self._went_on(row.id)

    def pause(self, job: str) -> Job:
        """Stop for now.

        Raises:
            RefusedError: nothing of it runs.
        """
        self._stop(job, _MAY_PAUSE, after=JobState.PAUSED, what="paused")
        self.workshop.interrupt(job, cancel=False)
        return self._told(job)

    def resume(self, job: str) -> Job:
        """Go on where `pause` stopped.

        Raises:
            RefusedError: it is not paused.
        """
        row = self._row(job)
        if row.state is not JobState.PAUSED or not self.journal.move(
            job, before=(JobState.PAUSED,), after=_resumes_at(row)
        ):
            raise _wrong_state(row, "resumed")
        return self._went_on(job)

    def cancel(self, job: str) -> Job:
        """End for good. Sources stay; segments stay claimed, so that nothing sends them after all.

        What the other side has unfinished of it is thrown away there, as soon as it can be reached.

        Raises:
            RefusedError: it has ended already.
        """
        begun = any(volume.key and not volume.verified for volume in self.journal.volumes.of(job))
        due = self.wall() if begun else None
        row = self._stop(job, _MAY_CANCEL, after=JobState.CANCELLED, what="cancelled", next_attempt=due)
        self.workshop.interrupt(job, cancel=True)
        if not self.workshop.is_busy(job):
            self.spool.remove(job)
        if row.dropped and not begun:
            self.vault.delete(vault_name(job))
        self.progress.forget(job)
        return self._told(job)

    def retry(self, job: str, *, not_there: bool = False) -> Job:
        """Try again now, with everything that was prepared; files in quarantine are masked anew.

        Args:
            job: its id.
            not_there: see `app.agentlink.JobRetry`.

        Raises:
            RefusedError: it neither failed nor waits.
        """
        row = self._row(job)
        if row.state not in _MAY_RETRY:
            raise _wrong_state(row, "tried again")
        for volume in self.journal.volumes.of(job) if not_there else ():
            self.vouch(volume.key, now=self.wall().timestamp())
        after = _resumes_at(row)
        if after is JobState.MASKING:
            self.journal.mask_again(job, quarantined=True)
            after = JobState.COLLECTING
        if not self.journal.try_again(job, before=row.state, after=after):
            raise _wrong_state(self._row(job), "tried again")
        self.workshop.away.wanted_now(row)
        return self._went_on(job)

    def prioritise(self, ask: JobPriority) -> Job:
        """Have it sent before those of a lower priority; what runs is not interrupted.

        Raises:
            InputError: no such job, or the priority is out of range.
            RefusedError: it has ended.
        """
        if not -MOST_PRIORITY <= ask.priority <= MOST_PRIORITY:
            raise _out_of_range("priority", -MOST_PRIORITY, MOST_PRIORITY)
        row = self._row(ask.job)
        if row.state in FINAL_STATES:
            raise _wrong_state(row, "sent sooner or later")
        self.journal.prioritise(ask.job, ask.priority)
        return self._went_on(ask.job)

    def move(self, ask: JobPlace) -> Job:
        """Another place in the order of what waits.

        Raises:
            InputError: there is no such job, or none that it could go before.
            RefusedError: one of them has ended.
        """
        for row in [self._row(ask.job), *([self._row(ask.before)] if ask.before else [])]:
            if row.state in FINAL_STATES:
                raise _wrong_state(row, "put in order")
        self.journal.place_before(ask.job, ask.before)
        return self._went_on(ask.job)

    def quarantine(self) -> Quarantine:
        """Files that could not be masked, newest first."""
        return Quarantine(
            files=[
                Quarantined(
                    job=job.id,
                    case=job.case,
                    name=file.name,
                    reason=file.reason,
                    at=at,
                    raw_size=file.raw_size,
                )
                for job, file, at in self.journal.quarantined()
            ]
        )

    def _lines(self, file: FileRow, ask: PreviewAsk) -> list[PreviewLine]:
        try:
            return self.previews.lines(file, ask)
        except (SourceMoved, MaskingError) as error:
            raise _source_changed() from error

    def _stop(
        self,
        job: str,
        allowed: Set[JobState],
        *,
        after: JobState,
        what: str,
        next_attempt: datetime | None = None,
    ) -> JobRow:
        """Move it on from the state it is in, which may be another one by the time it is looked at.

        Raises:
            RefusedError: it is in none of the allowed states.
        """
        for _ in range(_STEPS):
            row = self._row(job)
            back_to = _resumes_at(row) if after is JobState.PAUSED else None
            if row.state not in allowed:
                break
            if self.journal.move(
                job, before=(row.state,), after=after, back_to=back_to, next_attempt=next_attempt
            ):
                return row
        raise _wrong_state(row, what)

    def _row(self, job: str) -> JobRow:
        row = self.journal.job(job)
        if row is None:
            raise InputError(
                "There is no such job",
                happened="The agent knows no job of this id.",
                todo="Ask for the list of jobs again.",
                code="CF-1198",
            )
        return row

    def _file(self, job: str, name: str) -> FileRow:
        for file in self.journal.files(job):
            if file.name == name:
                return file
        raise InputError(
            "There is no such file in the job",
            happened="The job has no file of this name.",
            todo="Ask for the job again; use the names it shows.",
            code="CF-1199",
        )

    def _went_on(self, job: str) -> Job:
        self.workshop.wake()
        return self._told(job)

    def _told(self, job: str) -> Job:
        self.changed(job)
        return self.job(job)

    def _shown(self, row: JobRow, files: Sequence[FileRow], volumes: Sequence[VolumeRow]) -> Job:
        moved = self.progress.of(row.id)
        counts: dict[str, int] = {}
        for file in files:
            if file.state is FileState.MASKED and file.report is not None:
                for kind, count in file.report.counts.items():
                    counts[kind] = counts.get(kind, 0) + count
        arrived = sum(volume.size for volume in volumes if volume.verified)
        sent = row.size if row.state is JobState.VERIFIED else max(arrived, moved.sent if moved else 0)
        runs = moved if row.state in _MAY_MOVE else None
        return Job(
            id=row.id,
            case=row.case,
            name=row.name,
            source=row.source,
            via=row.via,
            state=row.state,
            created=row.created,
            changed=row.changed,
            raw_size=sum(file.raw_size for file in files),
            size=row.size,
            sent=sent,
            rate=runs.rate if runs else 0.0,
            resumed=max(row.resumed, moved.resumed if moved else 0),
            sha256=row.sha256,
            files=[_file_shown(file) for file in files],
            counts=counts,
            quarantined=sum(file.state is FileState.QUARANTINED for file in files),
            problem=row.problem or (runs.problem if runs else None),
            next_attempt=None if row.state in FINAL_STATES else row.next_attempt,
            paused_from=row.back_to if row.state is JobState.PAUSED else None,
            priority=row.priority,
            place=row.place,
            eta=runs.eta_of_all(row.size - sent) if runs else None,
            connections=runs.connections if runs else 0,
            acked=list(runs.acked) if runs else [],
            moving=list(runs.moving) if runs else [],
            held=bool(runs and runs.held) or self.workshop.holds_back(row),
            queued=row.state in _MAY_MOVE and not self.workshop.is_busy(row.id),
            volumes=[_volume_shown(volume) for volume in volumes],
            steps=steps_of(row, files, volumes),
            level=weakest_level(volumes),
        )


def _volume_shown(volume: VolumeRow) -> JobVolume:
    return JobVolume(
        name=volume.name,
        size=volume.size,
        sha256=volume.sha256,
        verified=volume.verified,
        level=volume.level,
    )


def _file_shown(file: FileRow) -> JobFile:
    report = file.report
    return JobFile(
        name=file.name,
        state=file.state.value,
        raw_size=file.raw_size,
        packed_size=file.packed_size,
        lines=report.lines if report else 0,
        counts=dict(report.counts) if report else {},
        reason=file.reason,
    )


def _resumes_at(row: JobRow) -> JobState:
    """The state in which work on the job begins again."""
    at = row.back_to or row.state
    return JobState.SENDING if at is JobState.VERIFYING else at


def _wrong_state(row: JobRow, what: str) -> RefusedError:
    return RefusedError(
        "That is not possible now",
        happened=f"The job is {row.state}; it cannot be {what}.",
        todo="Look at the job again; it may have gone on meanwhile.",
        code="CF-1292",
    )


def _out_of_range(name: str, least: int, most: int) -> InputError:
    return InputError(
        "A number is out of range",
        happened=f"{name} must be {least} to {most}.",
        todo="Ask for fewer at once.",
        code="CF-1189",
    )


def _source_changed() -> LocalError:
    return LocalError(
        "The file has changed since it was masked",
        happened="Its source is not there any more, or holds something else than the masked copy.",
        todo="Cancel this job and drop the file again to see what it holds now.",
        code="CF-1895",
    )
