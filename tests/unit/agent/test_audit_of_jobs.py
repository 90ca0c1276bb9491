"""What the trail tells of jobs, evidence and the configuration; without the agent's threads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.audit import AuditNotes, AuditRecord, AuditTrail, JobAudit, acting, trail_records
from agent.catalogue import HoldReason, Scope, TimeRange, open_archive, open_catalogue
from agent.jobs import DROP, FileRow, FileState, JobJournal, JobRow
from agent.service.masking import masked_names
from agent.service.rounds import RuleRounds
from app.agentlink import ErrorReply, JobState, Via
from app.domain.errors import LocalError
from app.domain.files import SealedBundle
from app.masking import FileReport, PseudonymKey, load_rules, open_engine
from app.transfer import Level

AT = datetime(2026, 6, 14, 15, 20, tzinfo=UTC)
KEY = bytes(32)
REPORT = FileReport(
    encoding="utf-8", lines=2, raw_size=20, masked_size=22, masked_sha256="m" * 64, counts={"TEL": 3}
)


class Desk:
    """A journal, a trail and who follows; `restart` as after a kill."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = AT
        self.journal = JobJournal(data / "journal.db", wall=self._wall)
        self.open()

    def open(self) -> None:
        self.trail = AuditTrail(self.data, KEY, wall=self._wall)
        self.audit = JobAudit(
            trail=self.trail, journal=self.journal, level_of=lambda _key: "A", rule_set="r" * 64, key="k1"
        )

    def restart(self) -> None:
        self.trail.close()
        self.open()
        self.audit.catch_up()

    def close(self) -> None:
        self.trail.close()
        self.journal.close()

    def make(self, number: str = "j1", *, source: str = "sip") -> JobRow:
        self.journal.create(
            JobRow(
                id=number,
                case="0003256109",
                source=source,
                via=Via.HTTPS,
                state=JobState.COLLECTING,
                name=f"{source}.zip",
                created=AT,
                changed=AT,
            ),
            [
                FileRow(
                    job=number,
                    number=1,
                    name="sips_a/TEL-88b1.log",
                    path=Path("/logs/+493090182007.log"),
                    state=FileState.WAITING,
                    segment=f"segment of {number}",
                    application="sips_a",
                    raw_size=20,
                )
            ],
        )
        return self.row(number)

    def row(self, number: str) -> JobRow:
        row = self.journal.job(number)
        assert row is not None
        return row

    def move(self, after: JobState, *, problem: ErrorReply | None = None, number: str = "j1") -> None:
        self.now += timedelta(seconds=1)
        assert self.journal.move(number, before=tuple(JobState), after=after, problem=problem)

    def records(self) -> list[AuditRecord]:
        return list(trail_records(self.data / "audit"))

    def kinds(self) -> list[str]:
        return [record.kind for record in self.records()]

    def _wall(self) -> datetime:
        return self.now


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.close()


def seal(desk: Desk, *, masked_by: str = "") -> None:
    desk.journal.masked(desk.journal.files("j1")[0], report=REPORT)
    bundle = SealedBundle(
        path=Path("sip.zip"), name="sip.zip", size=300, sha256="b" * 64, manifest_sha256="f" * 64
    )
    desk.journal.volumes.note_sealed("j1", 1, bundle, key="key", packed_sizes={}, masked_by=masked_by)
    desk.move(JobState.SENDING)


def leave(desk: Desk, number: int = 1) -> None:
    """A bundle is about to be sent."""
    volume = next(each for each in desk.journal.volumes.of("j1") if each.number == number)
    desk.audit.before_sending(desk.row("j1"), volume)


def test_what_becomes_of_a_bundle_of_other_rules_is_told_with_the_rules_of_then(desk: Desk) -> None:
    desk.make()
    desk.audit.follow("j1")
    seal(desk, masked_by="o" * 64 + " k0")
    (volume,) = desk.journal.volumes.of("j1")
    desk.audit.outdated(desk.row("j1"), volume, 120, True)
    desk.audit.outdated(desk.row("j1"), volume, 120, True)
    (record,) = [record for record in desk.records() if record.kind == "outdated"]
    assert (record.by, record.case) == ("agent", "0003256109")
    assert record.facts == {
        "sha256": "b" * 64,
        "size": 300,
        "rule_set": "o" * 64,
        "key": "k0",
        "there": 120,
        "withdrawn": True,
    }


def test_a_job_of_a_rule_is_told_from_its_making_to_its_proof(desk: Desk) -> None:
    desk.make()
    desk.audit.follow("j1")
    seal(desk)
    leave(desk)
    desk.move(JobState.VERIFIED)
    desk.audit.follow("j1")
    records = desk.records()
    assert [(record.kind, record.by, record.case) for record in records] == [
        ("created", "rule sip", "0003256109"),
        ("sending", "rule sip", "0003256109"),
        ("sent", "rule sip", "0003256109"),
    ]
    assert records[1].facts["files"] == [
        {
            "name": "sips_a/TEL-88b1.log",
            "raw_size": 20,
            "raw_sha256": "",
            "sha256": "m" * 64,
            "values": 3,
        }
    ]
    assert (records[1].facts["rule_set"], records[1].facts["key"]) == ("r" * 64, "k1")
    assert (records[2].facts["sha256"], records[2].facts["level"]) == ("b" * 64, "A")


def test_a_bundle_that_was_sealed_under_other_rules_is_told_with_these(desk: Desk) -> None:
    desk.make()
    seal(desk, masked_by=f"{'o' * 64} k0")
    leave(desk)
    (record,) = [record for record in desk.records() if record.kind == "sending"]
    assert (record.facts["rule_set"], record.facts["key"]) == ("o" * 64, "k0")


def several(desk: Desk, *, sealed: int) -> None:
    """A job of two files, each in a bundle of its own, of which so many are sealed."""
    row = JobRow("j1", "0003256109", "sip", Via.HTTPS, JobState.COLLECTING, "sip.zip", AT, AT)
    files = [
        FileRow("j1", n, f"{n}.log", Path(f"/logs/{n}.log"), FileState.WAITING, segment=f"s{n}", volume=n)
        for n in (1, 2)
    ]
    desk.journal.create(row, files)
    for file in files:
        desk.journal.masked(file, report=REPORT)
    for number in range(1, sealed + 1):
        seal_volume(desk, number)
    desk.move(JobState.MASKING if sealed == 1 else JobState.SENDING)


def seal_volume(desk: Desk, number: int) -> None:
    name = f"sip-v{number:02d}.zip"
    bundle = SealedBundle(Path(name), name, 300, str(number) * 64, "f" * 64)
    desk.journal.volumes.note_sealed("j1", number, bundle, key=f"key{number}", packed_sizes={})


def arrive(desk: Desk, number: int) -> None:
    desk.journal.volumes.note_verified("j1", number, resumed=0, level=Level.SERVER_SHA256)
    desk.audit.follow("j1")


def test_each_bundle_of_a_job_is_told_once_with_its_own_files_and_digest(desk: Desk) -> None:
    several(desk, sealed=2)
    for number in (1, 2):
        leave(desk, number)
        leave(desk, number)
        arrive(desk, number)
    desk.move(JobState.VERIFIED)
    desk.restart()
    told = [(record.kind, record.case, record.facts) for record in desk.records()[1:]]
    assert {case for _kind, case, _facts in told} == {"0003256109"}
    sending = [facts for kind, _case, facts in told if kind == "sending"]
    assert [facts["bundle"]["sha256"] for facts in sending] == ["1" * 64, "2" * 64]
    assert [[file["name"] for file in facts["files"]] for facts in sending] == [["1.log"], ["2.log"]]
    assert [facts for kind, _case, facts in told if kind == "sent"] == [
        {"sha256": "1" * 64, "size": 300, "level": "A"},
        {"sha256": "2" * 64, "size": 300, "level": "A"},
        {"bundles": 2, "size": 600},
    ]


def test_a_bundle_that_arrived_is_told_though_its_job_was_cancelled(desk: Desk) -> None:
    several(desk, sealed=1)
    leave(desk)
    desk.journal.volumes.note_verified("j1", 1, resumed=0, level=Level.SERVER_SHA256)
    desk.move(JobState.CANCELLED)
    desk.restart()  # killed before it could be told
    assert desk.kinds() == ["created", "sending", "sent", "cancelled"]


def test_a_bundle_that_arrived_ahead_is_told_before_its_job_ends(desk: Desk) -> None:
    several(desk, sealed=1)
    desk.audit.follow("j1")
    arrive(desk, 1)
    assert desk.kinds() == ["created", "sent"]


def test_a_range_of_a_segment_is_told_with_where_it_begins(desk: Desk) -> None:
    file = desk.journal.files(desk.make().id)[0]
    desk.journal.collected(
        file, path=file.path, size=20, sha256="a" * 64, modified_ns=0, start=4096, header=300
    )
    seal(desk)
    leave(desk)
    (sent,) = desk.records()[-1].facts["files"]
    assert (sent["from"], sent["header"]) == (4096, 300)


def test_no_path_of_this_machine_is_in_the_trail(desk: Desk) -> None:
    desk.make()
    seal(desk)
    leave(desk)
    written = b"".join(path.read_bytes() for path in (desk.data / "audit").iterdir())
    assert b"493090182007" not in written


def test_the_way_of_a_bundle_is_told_once_however_often_it_is_tried(desk: Desk) -> None:
    desk.make()
    seal(desk)
    leave(desk)
    leave(desk)
    assert desk.kinds() == ["created", "sending"]


def test_what_a_kill_left_unrecorded_is_recorded_once_at_the_next_start(desk: Desk) -> None:
    desk.make()
    desk.audit.follow("j1")
    desk.move(JobState.VERIFIED)
    desk.make("j2")
    desk.restart()
    desk.restart()
    assert [(record.job, record.kind) for record in desk.records()] == [
        ("j1", "created"),
        ("j1", "sent"),
        ("j2", "created"),
    ]


def test_a_person_who_confirms_pauses_and_cancels_is_named_by_its_token(desk: Desk) -> None:
    desk.make(source=DROP)
    desk.move(JobState.REVIEW)
    with acting("endpoint file"):
        desk.journal.confirm("j1", acknowledgement="ack-1", leave_out=[])
        desk.audit.follow("j1")
        desk.move(JobState.PAUSED)
        desk.audit.follow("j1")
        desk.audit.went_on("j1")
        desk.move(JobState.CANCELLED)
        desk.audit.follow("j1")
    told = [(record.kind, record.by) for record in desk.records()]
    words = ["created", "confirmed", "paused", "resumed", "cancelled"]
    assert told == [(word, "endpoint file") for word in words]
    assert desk.records()[1].facts == {"approval": "ack-1"}


@pytest.mark.parametrize(("code", "kind"), [("CF-1271", "refused"), ("CF-1871", "failed")])
def test_a_refusal_is_told_with_its_rule(desk: Desk, code: str, kind: str) -> None:
    desk.make()
    problem = ErrorReply(code=code, title="t", happened="h", todo="d", rule="R-FILE-1")
    desk.move(JobState.FAILED, problem=problem)
    desk.audit.follow("j1")
    last = desk.records()[-1]
    assert (last.kind, last.facts) == (kind, {"code": code, "because": "R-FILE-1"})


def test_a_file_in_quarantine_is_told_once(desk: Desk) -> None:
    desk.make()
    file = desk.journal.files("j1")[0]
    desk.journal.without(file, state=FileState.QUARANTINED, kind="binary", reason="It is no text.")
    desk.move(JobState.BUNDLING)
    desk.audit.follow("j1")
    desk.move(JobState.FAILED)
    desk.audit.follow("j1")
    told = [record.facts for record in desk.records() if record.kind == "quarantined"]
    assert [(facts["name"], facts["reason"]) for facts in told] == [("sips_a/TEL-88b1.log", "binary")]


def full(_event: object) -> bool:
    raise LocalError("t", happened="h", todo="d", code="CF-1880")


def test_a_trail_that_cannot_be_written_stops_sending_and_tells_who_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.make()
    seal(desk)
    with monkeypatch.context() as broken:
        broken.setattr(AuditTrail, "append", lambda _trail, event: full(event))
        desk.audit.follow("j1")
        with pytest.raises(LocalError, match="CF-1880"):
            leave(desk)
        with acting("endpoint file"), pytest.raises(LocalError, match="CF-1880"):
            desk.audit.follow("j1")
    desk.make("j2")
    desk.audit.follow("j2")
    assert {record.job for record in desk.records()} == {"j1", "j2"}


def test_the_configuration_is_told_when_it_is_another_one(desk: Desk) -> None:
    notes = AuditNotes(desk.trail)
    path = desk.data / "agent.toml"
    for text in ("a", "a", "b", "a"):
        path.write_text(text, encoding="utf-8")
        notes.config(path, rules=1, rule_set="r", key="k")
    assert desk.kinds() == ["config"] * 3


def test_evidence_is_told_when_it_is_held_and_when_it_is_released(desk: Desk) -> None:
    notes = AuditNotes(desk.trail)
    catalogue = open_catalogue(desk.data / "catalogue.db", quiet=1.0)
    archive = open_archive(
        catalogue, desk.data, host="h", quota=1000, with_ids=False, wall=lambda: AT, rules=UTC
    )
    scope = Scope(("sips_*",), range=TimeRange.between(AT, AT + timedelta(hours=1)))
    hold = archive.evidence.hold(
        HoldReason.INCIDENT, label="call of Ada Smith", scope=scope, keep=timedelta(days=1)
    )
    notes.evidence(archive.evidence)
    notes.evidence(archive.evidence)
    archive.evidence.release(hold.id)
    notes.evidence(archive.evidence)
    archive.close()
    catalogue.close()
    assert desk.kinds() == ["held", "released"]
    assert "Ada" not in str(desk.records())


def test_what_alarms_and_age_hold_and_release_is_the_agents_doing_whoever_calls_meanwhile(desk: Desk) -> None:
    notes = AuditNotes(desk.trail)
    catalogue = open_catalogue(desk.data / "catalogue.db", quiet=1.0)
    now = [AT]
    archive = open_archive(
        catalogue, desk.data, host="h", quota=1000, with_ids=False, wall=lambda: now[0], rules=UTC
    )
    scope = Scope(range=TimeRange.between(AT, AT + timedelta(hours=1)))

    def hold(reason: HoldReason, *, days: int) -> int:
        return archive.evidence.hold(reason, label="l", scope=scope, keep=timedelta(days=days)).id

    hold(HoldReason.ALARM, days=1)
    mine = hold(HoldReason.INCIDENT, days=9)
    with acting("paired p-1"):
        notes.evidence(archive.evidence, by_caller=mine)
    now[0] += timedelta(days=2)
    archive.evidence.renew()
    archive.evidence.release(mine)
    with acting("paired p-1"):
        notes.evidence(archive.evidence, by_caller=mine)
    archive.close()
    catalogue.close()
    assert [(record.kind, record.by) for record in desk.records()] == [
        ("held", "agent"),
        ("held", "paired p-1"),
        ("released", "agent"),
        ("released", "paired p-1"),
    ]


def test_what_an_alarm_holds_is_told_at_once_and_not_at_the_next_change_of_a_log(desk: Desk) -> None:
    notes = AuditNotes(desk.trail, clock=lambda: 100.0)
    catalogue = open_catalogue(desk.data / "catalogue.db", quiet=1.0)
    archive = open_archive(
        catalogue, desk.data, host="h", quota=1000, with_ids=False, wall=lambda: AT, rules=UTC
    )
    notes.evidence_if_possible(archive.evidence)
    told: list[int] = []

    def act() -> bool:
        scope = Scope((), range=TimeRange.between(AT, AT + timedelta(hours=1)))
        archive.evidence.hold(HoldReason.ALARM, label="alarm 1: a", scope=scope, keep=timedelta(days=1))
        return True

    def acted(done: bool) -> None:
        notes.evidence_if_possible(archive.evidence, at_once=done)
        told.extend(record.facts["hold"] for record in desk.records() if record.kind == "held")

    RuleRounds(
        refresh=lambda: False,
        act=act,
        acted=acted,
        claim=lambda: None,
        changed=lambda: None,
        prune=lambda: None,
    ).once()
    archive.close()
    catalogue.close()
    assert told == [1]


def test_the_names_of_held_applications_are_masked(desk: Desk) -> None:
    engine = open_engine(load_rules(), PseudonymKey(bytes(range(32))))
    notes = AuditNotes(desk.trail, name=masked_names(engine))
    catalogue = open_catalogue(desk.data / "catalogue.db", quiet=1.0)
    archive = open_archive(
        catalogue, desk.data, host="h", quota=1000, with_ids=False, wall=lambda: AT, rules=UTC
    )
    scope = Scope(("sips_*", "+4930901820417"), range=TimeRange.between(AT, AT + timedelta(hours=1)))
    archive.evidence.hold(HoldReason.INCIDENT, label="l", scope=scope, keep=timedelta(days=1))
    notes.evidence(archive.evidence)
    archive.close()
    catalogue.close()
    names = desk.records()[-1].facts["applications"]
    assert (len(names), "sips_*" in names, "+4930901820417" in names) == (2, True, False)


def test_who_is_let_in_no_more_because_too_many_are_is_told_with_that(desk: Desk) -> None:
    notes = AuditNotes(desk.trail)
    notes.pairings({"p-1": "operator"})
    notes.pairings({"p-2": "operator"}, made_room={"p-1"})
    told = [(record.kind, record.facts) for record in desk.records() if record.kind == "unpaired"]
    assert told == [("unpaired", {"because": "too many paired"})]


def test_who_is_let_in_and_who_no_more_is_told_once_also_after_a_kill(desk: Desk) -> None:
    AuditNotes(desk.trail).pairings({"p-1": "operator", "p-2": "viewer"})
    desk.restart()
    notes = AuditNotes(desk.trail)
    notes.pairings({"p-1": "operator", "p-2": "viewer"})
    with acting("endpoint file"):
        notes.pairings({"p-2": "viewer"})
    told = [(record.kind, record.id, record.by) for record in desk.records()]
    assert told == [
        ("paired", "pairing/p-1/made", "agent"),
        ("paired", "pairing/p-2/made", "agent"),
        ("unpaired", "pairing/p-1/ended", "endpoint file"),
    ]


def test_pairing_is_told_with_its_role(desk: Desk) -> None:
    notes = AuditNotes(desk.trail)
    with acting("endpoint file"):
        notes.pairing("p-1", role="operator")
        notes.pairing("p-1", role="operator", ended=True)
    assert [(record.kind, record.by) for record in desk.records()] == [
        ("paired", "endpoint file"),
        ("unpaired", "endpoint file"),
    ]
