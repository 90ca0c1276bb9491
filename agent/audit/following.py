"""What happens to jobs, as records of the trail: derived from the journal, so that a crash loses none."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent.audit.acting import current_actor
from agent.audit.record import AuditEvent, EventKind, Fact
from agent.audit.trail import AuditTrail
from agent.jobs import REQUEST, FileRow, FileState, JobJournal, JobRow, VolumeRow
from app.agentlink import JobState
from app.domain.errors import LocalError

_log = logging.getLogger(__name__)

_HAS_MASKED = frozenset(
    {
        JobState.REVIEW,
        JobState.BUNDLING,
        JobState.SENDING,
        JobState.VERIFYING,
        JobState.VERIFIED,
        JobState.FAILED,
        JobState.WAITING,
        JobState.CANCELLED,
    }
)
_ENDED = frozenset({JobState.VERIFIED, JobState.CANCELLED})
_ENDS_WITH_IT = frozenset({JobState.SENDING, JobState.VERIFYING, JobState.VERIFIED})
"""A job of one bundle: that it arrived is told by the job's end."""

_REFUSED = "CF-12"
AGENT = "agent"


@dataclass(slots=True)
class JobAudit:
    """Follows jobs. Methods may be called from any thread.

    Attributes:
        level_of: how a transfer was proven (``A`` to ``D``), by its key; empty when not known.
        rule_set, key: digest of the rules and id of the pseudonym key that files are masked with.
        approval_of: who or what let a job be sent that was asked for from outside; empty for others.
    """

    trail: AuditTrail
    journal: JobJournal
    level_of: Callable[[str], str]
    rule_set: str
    key: str
    approval_of: Callable[[JobRow], str] = lambda _job: ""
    _seen: dict[str, tuple[JobState, datetime, int]] = field(default_factory=dict)
    _owed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def catch_up(self) -> None:
        """Record what a crash left between act and record; what cannot be recorded now is owed."""
        try:
            begun = self.trail.index.open_since("job/", begun="created", ended="ended")
            with self._lock:
                self._owed |= {*begun, *self.journal.unfinished()}
        except LocalError as error:
            _log.info("the audit trail cannot be read (%s)", error.code)
        self.follow("")

    def follow(self, job: str) -> None:
        """A job was made or has changed; recorded before who asked for it is answered.

        What cannot be recorded for the agent itself is recorded with the next change; nothing of a job is
        sent meanwhile, see `before_sending`.

        Raises:
            LocalError: a person asked, and the trail cannot be written.
        """
        with self._lock:
            wanted = [*([job] if job else []), *sorted(self._owed - {job})]
        for each in wanted:
            try:
                self._follow(each)
                with self._lock:
                    self._owed.discard(each)
            except LocalError as error:
                with self._lock:
                    self._owed.add(each)
                if current_actor():
                    raise
                _log.info("job %s: the audit trail cannot be written (%s)", each, error.code)
                return

    def forget(self, jobs: Sequence[str]) -> None:
        """These jobs ended long ago and are forgotten by the journal, too; the trail itself keeps them.

        Raises:
            LocalError: it cannot be recorded.
        """
        self.trail.index.forget(f"job/{job}/" for job in jobs)

    def before_sending(self, job: JobRow, volume: VolumeRow) -> None:
        """Record the bundle that is about to leave; nothing of it has left yet.

        Raises:
            LocalError: the trail cannot be written; the job must not be sent.
        """
        self._follow(job.id)
        files = [file for file in self.journal.files(job.id) if file.volume == volume.number]
        rule_set, _, key = (volume.masked_by or f"{self.rule_set} {self.key}").partition(" ")
        self._record(
            job,
            EventKind.SENDING,
            f"sending/{volume.sha256[:16]}",
            by=_source(job),
            facts={
                "bundle": {"name": volume.name, "size": volume.size, "sha256": volume.sha256},
                "manifest_sha256": volume.manifest_sha256,
                "via": job.via.value,
                "rule_set": rule_set,
                "key": key,
                "approval": job.acknowledgement or self.approval_of(job),
                "files": [_sent(file) for file in files if file.state is FileState.MASKED],
            },
        )

    def outdated(self, job: JobRow, volume: VolumeRow, there: int, withdrawn: bool) -> None:
        """Record what becomes of a sealed bundle after rules or key have changed.

        Args:
            job: whose it is.
            volume: with the rules and key of then.
            there: bytes of it that the other side has; thrown away there when it is withdrawn.
            withdrawn: whether it is; else the other side has it whole.

        Raises:
            LocalError: the trail cannot be written; nothing must be withdrawn or sent.
        """
        rule_set, _, key = volume.masked_by.partition(" ")
        facts: dict[str, Fact] = {
            "sha256": volume.sha256,
            "size": volume.size,
            "rule_set": rule_set,
            "key": key,
            "there": there,
            "withdrawn": withdrawn,
        }
        event = f"outdated/{volume.sha256[:16]}"
        self._record(job, EventKind.OUTDATED, event, by=AGENT, facts=facts)

    def went_on(self, job: str) -> None:
        """A person let a job go on, or tried it again.

        Raises:
            LocalError: the trail cannot be written.
        """
        row = self.journal.job(job)
        if row is not None:
            self._record(row, EventKind.RESUMED, f"resumed/{row.changed.isoformat()}", by=_who())

    def _follow(self, job: str) -> None:
        row = self.journal.job(job)
        if row is None:
            return
        volumes = self.journal.volumes.of(job)
        now = (row.state, row.changed, sum(volume.verified for volume in volumes))
        if self._seen.get(job) == now:
            return
        self._created(row)
        if row.acknowledgement:
            facts: dict[str, Fact] = {"approval": row.acknowledgement}
            self._record(row, EventKind.CONFIRMED, "confirmed", by=_who(), facts=facts)
        if row.state in _HAS_MASKED:
            self._quarantined(row)
        self._arrived(row, volumes)
        self._state(row, volumes)
        self._seen[job] = now
        if row.state in _ENDED:
            self._seen.pop(job, None)

    def _created(self, row: JobRow) -> None:
        if self.trail.index.has(f"job/{row.id}/created"):
            return
        files = self.journal.files(row.id)
        facts: dict[str, Fact] = {"files": len(files), "size": sum(file.raw_size for file in files)}
        self._record(row, EventKind.CREATED, "created", by=_source(row), facts=facts)

    def _quarantined(self, row: JobRow) -> None:
        for file in self.journal.files(row.id):
            if file.state is FileState.QUARANTINED or (row.dropped and file.kind == "unreadable"):
                reason = hashlib.sha256(f"{file.kind}\n{file.reason}".encode()).hexdigest()[:8]
                facts: dict[str, Fact] = {
                    "name": file.name,
                    "size": file.raw_size,
                    "sha256": file.raw_sha256,
                    "reason": file.kind,
                }
                event = f"quarantined/{file.number}/{reason}"
                self._record(row, EventKind.QUARANTINED, event, by=AGENT, facts=facts)

    def _arrived(self, row: JobRow, volumes: Sequence[VolumeRow]) -> None:
        """Bundles that the other side has, of a job of several or of one that goes no further."""
        if len(volumes) == 1 and row.state in _ENDS_WITH_IT:
            return
        for volume in volumes:
            if volume.verified:
                facts: dict[str, Fact] = {
                    "sha256": volume.sha256,
                    "size": volume.size,
                    "level": self.level_of(volume.key),
                }
                self._record(row, EventKind.SENT, _arrival(volume), by=_source(row), facts=facts)

    def _state(self, row: JobRow, volumes: Sequence[VolumeRow]) -> None:
        changed = row.changed.isoformat()
        problem = row.problem
        facts: dict[str, Fact] = {} if problem is None else {"code": problem.code, "because": problem.rule}
        if row.state is JobState.VERIFIED:
            facts = {"sha256": row.sha256, "size": row.size, "level": self.level_of(row.key)}
            told = [v for v in volumes if self.trail.index.has(f"job/{row.id}/{_arrival(v)}")]
            if told:
                facts = {"bundles": len(volumes), "size": row.size}
            self._record(row, EventKind.SENT, "ended", by=_source(row), facts=facts)
        elif row.state is JobState.CANCELLED:
            self._record(row, EventKind.CANCELLED, "ended", by=_who(), facts=facts)
        elif row.state is JobState.PAUSED:
            self._record(row, EventKind.PAUSED, f"paused/{changed}", by=_who())
        elif row.state is JobState.FAILED and problem is not None:
            kind = EventKind.REFUSED if problem.code.startswith(_REFUSED) else EventKind.FAILED
            self._record(row, kind, f"failed/{changed}", by=AGENT, facts=facts)

    def _record(
        self, row: JobRow, kind: EventKind, event: str, *, by: str, facts: dict[str, Fact] | None = None
    ) -> None:
        self.trail.append(
            AuditEvent(
                id=f"job/{row.id}/{event}",
                kind=kind,
                by=by,
                case=row.case,
                job=row.id,
                rule=row.source,
                facts=facts or {},
            )
        )


def _who() -> str:
    """The caller; after a crash it is not known any more who it was."""
    return current_actor() or AGENT


def _source(job: JobRow) -> str:
    """Who or what started the job."""
    if job.dropped:
        return _who()
    if job.source.startswith(REQUEST):
        return f"request {job.source.removeprefix(REQUEST)}"
    return f"rule {job.source}"


def _arrival(volume: VolumeRow) -> str:
    return f"arrived/{volume.sha256[:16]}"


def _sent(file: FileRow) -> Fact:
    report = file.report
    part: dict[str, Fact] = {"from": file.start, "header": file.header} if file.start else {}
    return {
        **part,
        "name": file.name,
        "raw_size": file.raw_size,
        "raw_sha256": file.raw_sha256,
        "sha256": "" if report is None else report.masked_sha256,
        "values": 0 if report is None else sum(report.counts.values()),
    }
