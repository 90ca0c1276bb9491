"""Who answers the API: jobs from their desk, and the agent at a glance."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agent.alarms import AlarmDesk
from agent.api import callers_folders
from agent.audit import AuditDesk, AuditNotes, JobAudit
from agent.catalogue import Catalogue, LogDesk
from agent.jobs import JobDesk, JobJournal, Ruling, TransferPace
from agent.requests import RequestCounter
from agent.service.figures import Figures
from agent.service.reachability import Reachability
from agent.watch import Watcher
from app import __version__
from app.agentlink import (
    AlarmRef,
    Alarms,
    AlarmsAsk,
    AlarmShown,
    AuditAsk,
    AuditCheck,
    AuditCheckAsk,
    AuditPage,
    CallAsk,
    CallView,
    CaseDraft,
    CaseDrafts,
    ConfigShown,
    Confirm,
    Coverage,
    CoverageAsk,
    DraftRef,
    Drop,
    FindAsk,
    FoundLogs,
    Health,
    HeldEvidence,
    HoldAsk,
    HoldRef,
    Holds,
    Job,
    JobPlace,
    JobPriority,
    JobRef,
    JobRetry,
    Jobs,
    JobsAsk,
    LendAsk,
    Lent,
    LimitsShown,
    LogAsk,
    LogAskDenial,
    LogAskRef,
    LogAsks,
    Preview,
    PreviewAsk,
    Quarantine,
    ReadinessReport,
    RequestKeyTrust,
    RulesShown,
    SearchAnswer,
    SearchAsk,
    Status,
    TransferLimits,
    WatchedFolder,
)
from app.domain.errors import RefusedError, WorldError

_log = logging.getLogger(__name__)
_DISK_FULL = "CF-1802"


@dataclass(slots=True)
class Seen:
    """What the last looks at the folders told beyond the catalogue.

    Attributes:
        trouble: why the agent cannot record what it sees at present, for people; empty while it can.
        archives: packed files that are not opened, by folder.
        make_room: frees space that was held back for a full disk; whether there was any.
    """

    trouble: str = ""
    archives: dict[Path, int] = field(default_factory=dict)
    make_room: Callable[[], bool] = lambda: False

    def recorded(self) -> None:
        """Something was written to the state: so it can be."""
        self.trouble = ""

    def not_recorded(self, error: WorldError) -> None:
        """Something could not be written, and is tried again: the log tells it once, people hear it on."""
        if error.code == _DISK_FULL and self.make_room():
            _log.info("the disk is full: space that was held back is given up")
            return
        trouble = f"{error.title}. {error.happened}"
        if trouble != self.trouble:
            _log.info("what was seen cannot be recorded (%s)", error.code)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How the agent as a service is."""

    draining: bool
    config: ConfigShown


@dataclass(frozen=True, slots=True)
class Overview:
    """The `agent.api.Desk` of a running agent."""

    jobs_desk: JobDesk
    ruling: Ruling
    alarm_desk: AlarmDesk
    log_desk: LogDesk
    journal: JobJournal
    catalogue: Catalogue
    watcher: Watcher
    reachability: Reachability
    folders: tuple[Path, ...]
    portal: str
    host: str
    started: datetime
    seen: Seen
    pace: TransferPace
    standing: Callable[[], ServiceState]
    audit_desk: AuditDesk
    job_audit: JobAudit
    notes: AuditNotes
    counter: RequestCounter
    figures: Figures

    def status(self) -> Status:
        """The agent at a glance."""
        return Status(
            version=__version__,
            host=self.host,
            started=self.started,
            portal=self.portal,
            portal_reachable=self.reachability.reachable,
            folders=[
                WatchedFolder(
                    path=folder.path,
                    readable=folder.readable and not self._silence(folder.path),
                    segments=folder.segments,
                    growing=folder.growing,
                    problem=self._silence(folder.path) or folder.problem or self.seen.trouble,
                    archives=self.seen.archives.get(Path(folder.path), 0),
                )
                for folder in self.catalogue.folders(self.folders)
            ],
            jobs=self.journal.counts(),
            quarantined=self.journal.quarantined_count(),
            watch=self.watcher.mode,
            watch_reason=self.watcher.reason,
            draining=self.standing().draining,
            config=self.standing().config,
            problems=[each for each in (self.log_desk.backlog_problem(),) if each is not None],
        )

    def _silence(self, folder: str) -> str:
        """What is wrong with a folder whose file system does not answer; empty when it does."""
        seconds = self.watcher.silent(Path(folder))
        return "" if seconds is None else f"It has not answered for {seconds:.0f} seconds."

    def health(self) -> Health:
        """How the agent is and was."""
        return self.figures.health()

    def jobs(self, ask: JobsAsk) -> Jobs:
        """Jobs, newest first."""
        return self.jobs_desk.jobs(ask)

    def job(self, ask: JobRef) -> Job:
        """One job."""
        return self.jobs_desk.job(ask.job)

    def drop(self, ask: Drop) -> Job:
        """A new job from chosen files.

        Raises:
            RefusedError: the agent is being drained (CF-1280).
        """
        if self.standing().draining:
            raise RefusedError(
                "The agent takes no new job",
                happened="It is being drained, so that it can be stopped or updated.",
                todo="Try again when it works again (caseferry-agent undrain).",
                code="CF-1280",
            )
        return self.jobs_desk.drop(ask, within=callers_folders())

    def preview(self, ask: PreviewAsk) -> Preview:
        """Lines before and after."""
        return self.jobs_desk.preview(ask)

    def confirm(self, ask: Confirm) -> Job:
        """Go on after review."""
        return self.jobs_desk.confirm(ask)

    def pause(self, ask: JobRef) -> Job:
        """Stop for now."""
        return self.jobs_desk.pause(ask.job)

    def resume(self, ask: JobRef) -> Job:
        """Go on."""
        return self._went_on(self.jobs_desk.resume(ask.job))

    def cancel(self, ask: JobRef) -> Job:
        """End for good."""
        return self.jobs_desk.cancel(ask.job)

    def retry(self, ask: JobRetry) -> Job:
        """Try again now."""
        return self._went_on(self.jobs_desk.retry(ask.job, not_there=ask.not_there))

    def prioritise(self, ask: JobPriority) -> Job:
        """Sooner or later than others."""
        return self.jobs_desk.prioritise(ask)

    def move(self, ask: JobPlace) -> Job:
        """Another place in the order."""
        return self.jobs_desk.move(ask)

    def limits(self) -> LimitsShown:
        """How fast it may send."""
        return self.pace.shown()

    def set_limits(self, ask: TransferLimits) -> LimitsShown:
        """Other limits."""
        return self._limited(self.pace.set(ask))

    def reset_limits(self) -> LimitsShown:
        """Those of the configuration again."""
        return self._limited(self.pace.reset())

    def lend(self, ask: LendAsk) -> Lent:
        """Bytes for another program of this machine."""
        return self.pace.lend(ask)

    def quarantine(self) -> Quarantine:
        """What could not be masked."""
        return self.jobs_desk.quarantine()

    def rules(self) -> RulesShown:
        """What automatic rules did, and did not."""
        return self.ruling.shown()

    def alarms(self, ask: AlarmsAsk) -> Alarms:
        """What was seen in logs."""
        return self.alarm_desk.alarms(ask)

    def alarm(self, ask: AlarmRef) -> AlarmShown:
        """One alarm."""
        return self.alarm_desk.alarm(ask.alarm)

    def drafts(self) -> CaseDrafts:
        """Cases that are proposed."""
        return self.alarm_desk.drafts()

    def draft(self, ask: DraftRef) -> CaseDraft:
        """One of them."""
        return self.alarm_desk.draft(ask.draft)

    def take_draft(self, ask: DraftRef) -> CaseDraft:
        """A person takes it."""
        return self.alarm_desk.take_draft(ask.draft)

    def find(self, ask: FindAsk) -> FoundLogs:
        """Which bytes of which segments."""
        return self.log_desk.find(ask)

    def search(self, ask: SearchAsk) -> SearchAnswer:
        """Records that hold a text."""
        return self.log_desk.search(ask)

    def call(self, ask: CallAsk) -> CallView:
        """The records of one call."""
        return self.log_desk.call(ask)

    def hold(self, ask: HoldAsk) -> HeldEvidence:
        """Keep segments."""
        held = self.log_desk.hold(ask)
        self.notes.evidence(self.log_desk.evidence, by_caller=held.hold)
        return held

    def release(self, ask: HoldRef) -> Holds:
        """End a hold."""
        left = self.log_desk.release(ask)
        self.notes.evidence(self.log_desk.evidence, by_caller=ask.hold)
        return left

    def holds(self) -> Holds:
        """What is held."""
        return self.log_desk.holds()

    def readiness(self) -> ReadinessReport:
        """How well the logs would serve."""
        return self.log_desk.readiness()

    def coverage(self, ask: CoverageAsk) -> Coverage:
        """What was written when."""
        return self.log_desk.coverage(ask)

    def audit(self, ask: AuditAsk) -> AuditPage:
        """Records of the audit trail."""
        return self.audit_desk.entries(ask)

    def check_audit(self, ask: AuditCheckAsk) -> AuditCheck:
        """Whether the audit trail is whole."""
        return self.audit_desk.check(ask)

    def requests(self) -> LogAsks:
        """What support asked for."""
        return self.counter.requests()

    def allow_request(self, ask: LogAskRef) -> LogAsk:
        """Send what a request asks for."""
        return self.counter.allow(ask.request)

    def deny_request(self, ask: LogAskDenial) -> LogAsk:
        """Refuse a request."""
        return self.counter.deny(ask.request, ask.reason)

    def trust_request_key(self, ask: RequestKeyTrust) -> LogAsks:
        """Agree to the portal's key."""
        return self.counter.trust(ask.fingerprint)

    def _went_on(self, job: Job) -> Job:
        self.job_audit.went_on(job.id)
        return job

    def _limited(self, limits: LimitsShown) -> LimitsShown:
        self.notes.limits(msgspec.to_builtins(limits), at=datetime.now(UTC))
        return limits
