"""Hand-written stand-ins for the portal and the agent, for tests of pages: real types, no network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from app.agentlink import (
    AgentEvent,
    AlarmShown,
    Confirm,
    Drop,
    Events,
    Job,
    Jobs,
    JobsAsk,
    JobState,
    LendAsk,
    Lent,
    LimitsFrom,
    LimitsShown,
    Preview,
    PreviewAsk,
    PreviewLine,
    Quarantine,
    Status,
    TransferLimits,
)
from app.domain.access import AccessLevel
from app.domain.errors import CaseferryError
from app.portal import Draft
from app.portal.contract import (
    Acknowledgement,
    AgentCredential,
    Capabilities,
    Case,
    CaseFile,
    CaseFilter,
    Contact,
    Event,
    Limits,
    Me,
    Membership,
    NewAgent,
    NewAgentCredential,
    Page,
    SftpAccount,
    Update,
    UploadState,
    ViewCounts,
)
from app.transfer import Limiter
from tests.peers.made_up import (
    NOW,
    NUMBER,
    PAIR,
    a_case,
    a_feed,
    a_job,
    a_manifest,
    an_update,
    at,
    some_files,
    some_jobs,
    trace_line,
)
from ui.shell.services import FetchingPace, HostKeyBook, Services


class FakePortal:
    """A portal in memory.

    Attributes:
        fail: raised by the next call of a method with this name.
        delay: seconds every call takes, as a slow portal does.
        calls: names of the methods that were called, with their arguments.
    """

    def __init__(self, *, level: AccessLevel = AccessLevel.READ_WRITE) -> None:
        self.level = level
        self.case_now = a_case()
        self.feed = a_feed()
        self.case_files = some_files()
        self.manifests = {"f-1": msgspec.json.encode(a_manifest()), "f-2": msgspec.json.encode(a_manifest(0))}
        self.account: SftpAccount | None = SftpAccount(
            case=NUMBER,
            host="sftp.portal.example",
            port=2222,
            host_key="ssh-ed25519 AAAAexample",
            user="cs0003256109",
            password="fake-Pa55word",
            created=at(12, 13, 30),
            expires=at(17, 13, 30),
        )
        self.fail: dict[str, CaseferryError] = {}
        self.delay = 0.0
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.page_size = 50

    def _enter(self, name: str, *arguments: object) -> None:
        self.calls.append((name, arguments))
        if self.delay:
            time.sleep(self.delay)
        error = self.fail.pop(name, None)
        if error is not None:
            raise error

    def called(self, name: str) -> list[tuple[object, ...]]:
        """Arguments of every call of a method."""
        return [arguments for called, arguments in self.calls if called == name]

    def capabilities(self) -> Capabilities:
        self._enter("capabilities")
        return Capabilities("Portal", "1", Limits(), [], [], [], None, demo=True)

    def me(self) -> Me:
        self._enter("me")
        return Me("c-1", "Nadia", "Ferrow", "nadia.ferrow@abc.example", "ABC", "NL", self.accounts())

    def accounts(self) -> list[Membership]:
        return [Membership(PAIR, self.level)]

    def contacts(self, account: str) -> list[Contact]:
        self._enter("contacts", account)
        return [
            Contact("c-2", "Tom", "Halberg", "tom.halberg@abc.example", "ABC", "NL", AccessLevel.READ_WRITE)
        ]

    def cases(self, wanted: CaseFilter) -> Page[Case]:
        self._enter("cases", wanted)
        return Page([self.case_now], None, 1)

    def counts(self, account: str) -> ViewCounts:
        self._enter("counts", account)
        return ViewCounts({})

    def case(self, number: str) -> Case:
        self._enter("case", number)
        return replace(self.case_now, number=number)

    def updates(self, number: str, cursor: str = "") -> Page[Update]:
        self._enter("updates", number, cursor)
        first = int(cursor or 0)
        last = first + self.page_size
        more = str(last) if last < len(self.feed) else None
        return Page([replace(u, case=number) for u in self.feed[first:last]], more, len(self.feed))

    def comment(self, number: str, text: str, key: str) -> Update:
        self._enter("comment", number, text, key)
        update = an_update(
            f"u-{len(self.feed) + 1}", NOW, text, author="Nadia Ferrow", from_support=False, mine=True
        )
        self.feed.insert(0, update)
        return update

    def files(self, number: str) -> list[CaseFile]:
        self._enter("files", number)
        return list(self.case_files)

    def manifest(self, number: str, file_id: str) -> bytes:
        self._enter("manifest", number, file_id)
        return self.manifests[file_id]

    def download(
        self,
        number: str,
        file_id: str,
        target: Path,
        *,
        on_progress: Callable[[int, int], None] | None = None,
        limiter: Limiter | None = None,
    ) -> object:
        self._enter("download", number, file_id)
        if on_progress is not None:
            on_progress(3, 6)
        target.write_bytes(b"collect")
        return target

    def acknowledge(self, number: str) -> Acknowledgement:
        self._enter("acknowledge", number)
        return Acknowledgement("ack-1", number, NOW, NOW + timedelta(hours=8))

    def sftp_account(self, number: str) -> SftpAccount | None:
        self._enter("sftp_account", number)
        return self.account

    def create_sftp_account(self, number: str) -> SftpAccount:
        self._enter("create_sftp_account", number)
        self.account = SftpAccount(
            case=number,
            host="sftp.portal.example",
            port=2222,
            host_key="ssh-ed25519 AAAAexample",
            user=f"cs{number}",
            password="another-Pa55word",
            created=NOW,
            expires=NOW + timedelta(hours=120),
        )
        return self.account

    def upload_state(self, upload_id: str) -> UploadState:
        raise NotImplementedError(upload_id)

    def agents(self, account: str) -> list[AgentCredential]:
        self._enter("agents", account)
        return []

    def register_agent(self, new: NewAgent) -> NewAgentCredential:
        raise NotImplementedError(new.server)

    def revoke_agent(self, agent_id: str) -> None:
        raise NotImplementedError(agent_id)

    def events(self, last_id: int) -> Iterator[Event]:
        yield from ()


class FakeAgent:
    """An agent in memory; `push` wakes its long poll."""

    def __init__(self, jobs: list[Job] | None = None, *, lines: int = 50_000) -> None:
        self.all_jobs = {job.id: job for job in (some_jobs() if jobs is None else jobs)}
        self.lines = lines
        self.fail: dict[str, CaseferryError] = {}
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self._wake = threading.Condition()
        self._last = 0
        self.closed = False
        self.alarms: dict[int, AlarmShown] = {}
        self._subjects: dict[int, str] = {}
        self.shown = LimitsShown(TransferLimits(), LimitsFrom.CONFIGURATION, fixed=False, rate_now=None)

    def _enter(self, name: str, *arguments: object) -> None:
        self.calls.append((name, arguments))
        error = self.fail.get(name)
        if error is not None:
            raise error

    def called(self, name: str) -> list[tuple[object, ...]]:
        """Arguments of every call of a method."""
        return [arguments for called, arguments in self.calls if called == name]

    def push(self, *jobs: Job) -> None:
        """Jobs changed."""
        with self._wake:
            for job in jobs:
                self.all_jobs[job.id] = job
            self._last += max(len(jobs), 1)
            self._wake.notify_all()

    def close(self) -> None:
        """Let every waiting poll go."""
        with self._wake:
            self.closed = True
            self._wake.notify_all()

    def status(self) -> Status:
        raise NotImplementedError

    def jobs(self, ask: JobsAsk | None = None) -> Jobs:
        self._enter("jobs", ask)
        return Jobs(list(self.all_jobs.values()))

    def job(self, job: str) -> Job:
        self._enter("job", job)
        return self.all_jobs[job]

    def drop(self, drop: Drop) -> Job:
        self._enter("drop", drop)
        job = a_job("dropped-1", JobState.MASKING, case=drop.case, via=drop.via, size=0)
        self.push(job)
        return job

    def preview(self, ask: PreviewAsk) -> Preview:
        self._enter("preview", ask)
        found: list[PreviewLine] = []
        number = ask.first
        while number <= self.lines and len(found) < ask.limit:
            line = trace_line(number)
            if line.hits or not ask.changed_only:
                found.append(line)
            number += 1
        return Preview(found, self.lines)

    def confirm(self, confirm: Confirm) -> Job:
        self._enter("confirm", confirm)
        return self._move(confirm.job, JobState.BUNDLING)

    def pause(self, job: str) -> Job:
        self._enter("pause", job)
        return self._move(job, JobState.PAUSED)

    def resume(self, job: str) -> Job:
        self._enter("resume", job)
        return self._move(job, JobState.SENDING)

    def cancel(self, job: str) -> Job:
        self._enter("cancel", job)
        return self._move(job, JobState.CANCELLED)

    def retry(self, job: str, *, not_there: bool = False) -> Job:
        self._enter("retry", job, *(["not there"] if not_there else []))
        return self._move(job, JobState.SENDING)

    def prioritise(self, job: str, priority: int) -> Job:
        self._enter("prioritise", job, priority)
        moved = replace(self.all_jobs[job], priority=priority)
        self.push(moved)
        return moved

    def move(self, job: str, *, before: str = "") -> Job:
        self._enter("move", job, before)
        order = sorted(self.all_jobs.values(), key=lambda each: each.place)
        ids = [each.id for each in order if each.id != job]
        ids.insert(ids.index(before) if before else len(ids), job)
        self.push(*(replace(self.all_jobs[each], place=place) for place, each in enumerate(ids)))
        return self.all_jobs[job]

    def limits(self) -> LimitsShown:
        self._enter("limits")
        return self.shown

    def set_limits(self, limits: TransferLimits) -> LimitsShown:
        self._enter("set_limits", limits)
        self.shown = replace(self.shown, limits=limits, set_by=LimitsFrom.PERSON, rate_now=limits.rate)
        return self.shown

    def reset_limits(self) -> LimitsShown:
        self._enter("reset_limits")
        self.shown = LimitsShown(
            TransferLimits(), LimitsFrom.CONFIGURATION, fixed=self.shown.fixed, rate_now=None
        )
        return self.shown

    def lend(self, ask: LendAsk) -> Lent:
        self._enter("lend", ask)
        return Lent(ask.bytes)

    def quarantine(self) -> Quarantine:
        return Quarantine([])

    def alarm(self, alarm: int) -> AlarmShown:
        self._enter("alarm", alarm)
        return self.alarms[alarm]

    def raise_alarm(self, alarm: AlarmShown) -> None:
        """Something was seen in logs."""
        with self._wake:
            self.alarms[alarm.alarm] = alarm
            self._last += 1
            self._subjects[self._last] = str(alarm.alarm)
            self._wake.notify_all()

    def events(self, since: int, timeout: float = 25.0) -> Events:
        error = self.fail.get("events")
        if error is not None:
            raise error
        with self._wake:
            if timeout:
                self._wake.wait_for(lambda: self._last > since or self.closed, timeout=min(timeout, 5))
            return Events(self._last, [self._event(n) for n in range(since + 1, self._last + 1)])

    def _event(self, number: int) -> AgentEvent:
        subject = self._subjects.get(number, "")
        return AgentEvent(number, "alarm" if subject else "job", subject)

    def _move(self, job: str, state: JobState) -> Job:
        moved = replace(self.all_jobs[job], state=state, problem=None)
        self.push(moved)
        return moved


class FakeCopy:
    """The offline copy: what pages of one case ask of it."""

    def __init__(self, *cases: Case) -> None:
        self.held = {case.number: case for case in cases}

    def row(self, number: str) -> Case | None:
        return self.held.get(number)

    def rows(self, numbers: list[str]) -> list[Case]:
        return [self.held[number] for number in numbers if number in self.held]


class FakeDrafts:
    """Drafts in memory."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def get(self, case: str, place: str = "reply") -> Draft | None:
        text = self.held.get(case)
        return Draft(text, NOW) if text else None

    def put(self, case: str, text: str, place: str = "reply") -> None:
        self.held[case] = text


def fake_services(
    *,
    portal: FakePortal | None = None,
    agent: FakeAgent | None = None,
    drafts: object | None = None,
    host_keys: HostKeyBook | None = None,
    pace: FetchingPace | None = None,
    copy: object | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
) -> Services:
    """Services made of fakes."""
    case = a_case("0003256187", subject="Routing falls to default")
    return Services(
        portal=portal or FakePortal(),  # type: ignore[arg-type]
        agent=agent,
        copy=copy or FakeCopy(a_case(), case),  # type: ignore[arg-type]
        clock=clock,
        drafts=drafts or FakeDrafts(),  # type: ignore[arg-type]
        host_keys=host_keys,
        pace=pace,
    )
