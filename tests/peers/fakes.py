"""Hand-written stand-ins for the portal and the agent, for tests of pages: real types, no network.

The data are those of one invented case; no name, number or address belongs to anybody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from app.agentlink import (
    AgentEvent,
    Confirm,
    Drop,
    ErrorReply,
    Events,
    Hit,
    Job,
    JobFile,
    Jobs,
    JobsAsk,
    JobState,
    Preview,
    PreviewAsk,
    PreviewLine,
    Quarantine,
    Status,
    Via,
)
from app.bundle.manifest import LeftOut, Manifest, Member
from app.domain.access import AccessLevel
from app.domain.cases import CaseType, Priority, Stage, Substatus
from app.domain.cases import Status as CaseStatus
from app.domain.errors import CaseferryError
from app.domain.files import FileCheck, Origin
from app.portal import Draft
from app.portal.contract import (
    AccountPair,
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
    UpdateKind,
    UploadState,
    ViewCounts,
)
from ui.shell.services import Services

NOW = datetime(2023, 6, 14, 14, 32, tzinfo=UTC)
NUMBER = "0003256109"
PAIR = AccountPair("acc-1001", "ABC Testing Co", "ABC Testing Co", "ABC Testing Co", True, "Business Care")


def at(day: int, hour: int, minute: int) -> datetime:
    """A moment of June 2023."""
    return datetime(2023, 6, day, hour, minute, tzinfo=UTC)


def a_case(number: str = NUMBER, **changes: object) -> Case:
    """The case of the tests, waiting for information."""
    case = Case(
        number=number,
        subject="Calls drop after re-INVITE timeout on trunk DN",
        account=PAIR.id,
        end_user=PAIR.end_user,
        type=CaseType.TECHNICAL,
        status=CaseStatus.AWAITING_INFORMATION,
        substatus=Substatus.INFORMATION_REQUIRED,
        priority=Priority.HIGH,
        stage=Stage.PRODUCTION,
        component="SIP Server",
        version="8.1.103",
        opened=at(2, 14, 50),
        updated=at(9, 16, 20),
        contact="Nadia Ferrow",
        owner="Ilse Brandt",
        etag='"1"',
        waiting_since=at(9, 16, 20),
        agents_affected=240,
        reference="INC-48213",
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def an_update(update_id: str, when: datetime, text: str, **changes: object) -> Update:
    """An entry of the feed; a message of support unless told otherwise."""
    update = Update(
        id=update_id,
        case=NUMBER,
        kind=UpdateKind.MESSAGE,
        at=when,
        author="Ilse Brandt",
        from_support=True,
        mine=False,
        channel="portal",
        text=text,
    )
    return replace(update, **changes)  # type: ignore[arg-type]


def a_feed() -> list[Update]:
    """Twelve entries, newest first."""
    system = {"kind": UpdateKind.SYSTEM, "author": "", "channel": ""}
    status = {"kind": UpdateKind.STATUS, "author": "", "channel": ""}
    mine = {"author": "Nadia Ferrow", "from_support": False, "mine": True}
    code = (
        "    10:42:17.204: Sending  [0,UDP] 642 bytes to 198.51.100.24:5060 >>>>>\n"
        "    SIP/2.0 200 OK   CSeq: 2 INVITE   Call-ID: 8f2e1c-77@198.51.100.24\n"
        "    10:42:49.208: SIPTR[218]: Timer H fired, ACK not received, releasing"
    )
    return [
        an_update(
            "u-7",
            at(12, 13, 30),
            "Support created a temporary SFTP account after your call, valid for 120 hours",
            **system,
        ),
        an_update(
            "u-6", at(11, 16, 20), "Automatic reminder 1 was emailed to you: information needed", **system
        ),
        an_update(
            "u-5",
            at(9, 16, 20),
            "Status changed from Open · Investigation to Awaiting Information. Follow-up timer started",
            **status,
        ),
        an_update(
            "u-4",
            at(9, 16, 20),
            "Please send the SIP Server logs of both instances with x-sip-log=1 covering one dropped call, and "
            f"the time of the call. We see the 200 OK but not the ACK that should follow:\n\n{code}",
        ),
        an_update(
            "u-3",
            at(9, 11, 3),
            "The carrier confirms they send the re-INVITE every 900 s. About 40 calls per hour drop, always "
            "at the session refresh.",
            channel="email",
            files=["f-2", "f-3"],
            **mine,
        ),
        an_update("u-2", at(8, 14, 12), "Ilse Brandt became case owner", **system),
        an_update(
            "u-1",
            at(2, 14, 50),
            "Since the trunk change on 1 June, calls that last longer than 15 minutes are released by "
            "SIP Server. Agents see the call end without a reason.",
            **mine,
        ),
    ]


def a_file(file_id: str, name: str, size: int, when: datetime, **changes: object) -> CaseFile:
    """A file that was sent and verified."""
    file = CaseFile(
        id=file_id,
        case=NUMBER,
        name=name,
        size=size,
        sha256=f"{sum(map(ord, name)) % 256:02x}" * 32,
        origin=Origin.CUSTOMER,
        check=FileCheck.VERIFIED,
        via="https",
        sent=when,
        sent_by="Nadia Ferrow",
    )
    return replace(file, **changes)  # type: ignore[arg-type]


def some_files() -> list[CaseFile]:
    """Sent and received ones, one of every check."""
    support = {"origin": Origin.SUPPORT, "via": "", "sent_by": "Ilse Brandt"}
    return [
        a_file("f-1", "sip-traces-0609.zip", 612_000_000, at(14, 14, 20), has_manifest=True, resumed=1),
        a_file("f-2", "sbc-capture-siteA.zip", 88_000_000, at(9, 11, 1), has_manifest=True),
        a_file("f-3", "sip-config-export.cfg", 214_000, at(9, 11, 1)),
        a_file("f-4", "trunk-notes.txt", 9_000, at(8, 17, 2), check=FileCheck.UNKNOWN, via="sftp", sha256=""),
        a_file("f-5", "sip-8.1.103.51-hotfix-readme.pdf", 1_100_000, at(8, 15, 40), **support),
        a_file("f-6", "collect-sip-traces.txt", 6_000, at(8, 15, 40), **support),
    ]


def a_member(name: str, raw_mb: float, packed_mb: float, counts: dict[str, int]) -> Member:
    """A file inside a bundle."""
    digest = f"{sum(map(ord, name)) * 7919 % 16**8:08x}" * 8
    return Member(
        name=name,
        application="SIP Server",
        host="HOST-1",
        first=at(9, 10, 15),
        last=at(9, 10, 30),
        raw_size=int(raw_mb * 1e6),
        raw_lines=int(raw_mb * 9_000),
        masked_size=int(raw_mb * 1e6),
        packed_size=int(packed_mb * 1e6),
        masked_sha256=digest,
        packed_sha256=digest,
        encoding="utf-8",
        counts=counts,
    )


def a_manifest(extra: int = 8) -> Manifest:
    """Six named files and some more."""
    members = [
        a_member(
            "SIP_Server_A.20230609_101500_312.log", 512, 81, {"TEL": 604, "NAME": 84, "IP": 36, "KEYED": 18}
        ),
        a_member(
            "SIP_Server_A.20230609_103000_871.log",
            498,
            79,
            {"TEL": 560, "NAME": 71, "IP": 31, "MAIL": 14, "CARD": 12},
        ),
        a_member(
            "SIP_Server_A.20230609_104500_120.log", 506, 80, {"TEL": 590, "NAME": 61, "IP": 38, "MAIL": 12}
        ),
        a_member(
            "SIP_Server_B.20230609_101500_554.log", 341, 52, {"TEL": 300, "NAME": 60, "MAIL": 22, "KEYED": 20}
        ),
        a_member(
            "SIP_Server_B.20230609_104500_009.log", 338, 51, {"TEL": 290, "NAME": 54, "IP": 32, "MAIL": 20}
        ),
        a_member("trunk_dn_options.cfg", 0.018, 0.004, {}),
    ]
    members += [
        a_member(f"URS_Primary.20230609_1{i:02}500.log", 200 + i, 30, {"TEL": 30 + i}) for i in range(extra)
    ]
    counts: dict[str, int] = {}
    for member in members:
        for kind, count in member.counts.items():
            counts[kind] = counts.get(kind, 0) + count
    return Manifest(
        format=1,
        case=NUMBER,
        host="HOST-1",
        created_by="caseferry 0.1",
        rule_set="default 1",
        rule_set_sha256="ab" * 32,
        engine="reference 1",
        key_id="5f1c09ee",
        members=members,
        left_out=[LeftOut("core.1201", "binary", "not a text file")],
        counts=counts,
    )


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


def a_job(job_id: str, state: JobState, **changes: object) -> Job:
    """A job in a state."""
    job = Job(
        id=job_id,
        case="0003256187",
        name=f"{job_id}.zip",
        source="drop",
        via=Via.HTTPS,
        state=state,
        created=at(14, 14, 17),
        changed=at(14, 14, 24),
        raw_size=41_000_000_000,
        size=6_400_000_000,
    )
    return replace(job, **changes)  # type: ignore[arg-type]


def some_jobs() -> list[Job]:
    """A job in every state that the page shows differently."""
    files = [
        JobFile(f"mcp_{i}.log", "masked" if i < 18 else "waiting", 10_000_000, lines=900) for i in range(41)
    ]
    counts = {"TEL": 2604, "NAME": 391, "MAIL": 57, "CARD": 38, "IP": 212, "KEYED": 116}
    problem = ErrorReply(
        code="CF-1313",
        title="The temporary SFTP account ended",
        happened="It ended at 12:30, after 120 hours.",
        todo="Create a new account on the case's page, or send the files over HTTPS.",
    )
    return [
        a_job(
            "urs-ors-statsrv-0614",
            JobState.SENDING,
            sent=3_100_000_000,
            rate=11_800_000.0,
            resumed=1,
            counts=counts,
        ),
        a_job(
            "statserver-heap-0614",
            JobState.SENDING,
            case="0003256098",
            via=Via.SFTP,
            size=2_300_000_000,
            sent=1_900_000_000,
            rate=2_400_000.0,
            created=at(14, 14, 10),
        ),
        a_job(
            "mcp-site-b-0614",
            JobState.MASKING,
            case="0003256150",
            files=files,
            raw_size=410_000_000,
            size=0,
            created=at(14, 14, 5),
        ),
        a_job(
            "rm-ports-0613",
            JobState.FAILED,
            case="0003256226",
            via=Via.SFTP,
            size=3_000_000_000,
            sent=1_200_000_000,
            problem=problem,
            created=at(13, 18, 0),
        ),
        a_job(
            "ors-strategy-0614",
            JobState.REVIEW,
            case=NUMBER,
            files=files[:6],
            counts={"TEL": 88},
            quarantined=1,
            created=at(14, 13, 58),
        ),
        a_job(
            "config-export-full",
            JobState.PAUSED,
            case="0003256033",
            size=801_000_000,
            sent=96_000_000,
            created=at(14, 13, 40),
            changed=at(14, 13, 51),
        ),
        a_job(
            "ixn-db-failover",
            JobState.WAITING,
            case="0003255940",
            size=14_200_000_000,
            source="nightly-ixn",
            created=at(14, 12, 0),
        ),
        a_job(
            "sip-traces-0609",
            JobState.VERIFIED,
            case=NUMBER,
            size=612_000_000,
            sent=612_000_000,
            counts=counts,
            sha256="9c1f" * 16,
            created=at(14, 11, 0),
            changed=at(14, 14, 20),
        ),
    ]


_TRACE = (
    ("10:42:17.171: Received [0,UDP] from {ip}", (("IP", "ip"),)),
    ("INVITE sip:{to}@{ip} SIP/2.0", (("TEL", "to"), ("IP", "ip"))),
    ('From: "{name}" <sip:{tel}@{ip}>', (("NAME", "name"), ("TEL", "tel"), ("IP", "ip"))),
    ("Call-ID: 8f2e1c-77@{ip}", (("IP", "ip"),)),
    ("Session-Expires: 900;refresher=uac", ()),
    ("10:42:17.204: distribute_event: EventRinging", ()),
    ("  AttributeThisDN      '7001'", ()),
    ("  AttributeANI         '{tel}'", (("TEL", "tel"),)),
    ("  AttributeConnID      008a02f4c1d3e0b1", ()),
    ("    'EMAIL'            '{mail}'", (("MAIL", "mail"),)),
    ("    'CARD'             '{card}'", (("CARD", "card"),)),
    ("    'POLICY_NO'        '{key}'", (("KEYED", "key"),)),
    ("    'LANG'             'en-GB'", ()),
    ("10:42:49.208: Timer H fired, no ACK received", ()),
)
_VALUES = {
    "ip": ("198.51.100.24", "<IP:41c0b7aa02d91e55>"),
    "to": ("18005550142", "<TEL:0f2a9177c6e03d10>"),
    "tel": ("+12025550187", "<TEL:88b1e4290cd3f7a6>"),
    "name": ("J. Example", "<NAME:7c3d5e90aa41b206>"),
    "mail": ("j.example@example.com", "<MAIL:d20f83be117c5a94>"),
    "card": ("4111111111111111", "<CARD:9a04c7716f2be350>"),
    "key": ("AB-2041-7793", "<KEYED:5f9e10b3a86d2c47>"),
}


def trace_line(number: int) -> PreviewLine:
    """A line of an invented trace, with what was replaced in it."""
    pattern, hits = _TRACE[(number - 1) % len(_TRACE)]
    before = pattern.format(**{name: raw for name, (raw, _) in _VALUES.items()})
    after = pattern.format(**{name: token for name, (_, token) in _VALUES.items()})
    found = []
    for kind, name in hits:
        raw, token = _VALUES[name]
        found.append(Hit(kind, f"{kind.lower()}-rule", raw, token, before.index(raw), after.index(token)))
    return PreviewLine(number, before, after, found)


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

    def retry(self, job: str) -> Job:
        self._enter("retry", job)
        return self._move(job, JobState.SENDING)

    def quarantine(self) -> Quarantine:
        return Quarantine([])

    def events(self, since: int, timeout: float = 25.0) -> Events:
        error = self.fail.get("events")
        if error is not None:
            raise error
        with self._wake:
            if timeout:
                self._wake.wait_for(lambda: self._last > since or self.closed, timeout=min(timeout, 5))
            return Events(self._last, [AgentEvent(n, "job") for n in range(since + 1, self._last + 1)])

    def _move(self, job: str, state: JobState) -> Job:
        moved = replace(self.all_jobs[job], state=state, problem=None)
        self.push(moved)
        return moved


def a_review_job(lines: int = 50_000) -> Job:
    """A dropped job whose masking is to be looked at: masked files, one held back, one without findings."""
    counts = {"TEL": 2604, "NAME": 391, "IP": 212, "KEYED": 116, "MAIL": 57, "CARD": 38}
    names = [
        ("SIP_Server_A.20230609_101500_312.log", {"TEL": 600, "NAME": 142}),
        ("SIP_Server_A.20230609_103000_871.log", {"TEL": 560, "IP": 128}),
        ("SIP_Server_A.20230609_104500_120.log", {"TEL": 601, "NAME": 100}),
        ("SIP_Server_B.20230609_101500_554.log", {"TEL": 402}),
        ("trunk_dn_options.cfg", {}),
    ]
    files = [JobFile(name, "masked", 500_000_000, lines=lines, counts=found) for name, found in names]
    files.append(JobFile("core.1201", "quarantined", 7_000_000, reason="It is not a text file."))
    return a_job(
        "sip-traces-0609", JobState.REVIEW, case=NUMBER, size=0, files=files, counts=counts, quarantined=1
    )


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
    )
