"""Made-up cases, files, jobs and traces for tests of pages; nothing here belongs to anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.agentlink import (
    ErrorReply,
    Hit,
    Job,
    JobFile,
    JobState,
    PreviewLine,
    Via,
)
from app.bundle.manifest import LeftOut, Manifest, Member
from app.domain.cases import CaseType, Priority, Stage, Substatus
from app.domain.cases import Status as CaseStatus
from app.domain.files import FileCheck, Origin
from app.portal.contract import (
    AccountPair,
    Case,
    CaseFile,
    Update,
    UpdateKind,
)

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
            "Please send the SIP Server logs of both instances with x-sip-log=1 covering one dropped call, "
            f"and the time of the call. We see the 200 OK but not the ACK that should follow:\n\n{code}",
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
            level="A",
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
