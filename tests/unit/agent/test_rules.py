"""Automatic rules: what is sent, what waits, what is not sent and why."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.catalogue import lines_of
from agent.jobs import (
    CaseState,
    CaseStates,
    FileRow,
    FileState,
    Intake,
    JobJournal,
    JobRow,
    Level,
    PortalDestinations,
    Rule,
    RuleBook,
    Ruling,
    Sight,
    Verdict,
    When,
    can_be_read,
)
from app.agentlink import MOST_NAMES, ErrorReply, JobState, RuleShown, Via
from app.domain.errors import CredentialsError, InputError, RefusedError, UnreachableError
from app.masking import PseudonymKey, load_rules, reference_engine
from app.secrets import FileVault
from app.settings import Trust
from tests.peers.timed_logs import KnownSegment, TimedSite
from tests.unit.agent.test_jobs_decisions import RULE, segment

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ENGINE = reference_engine(load_rules(), PseudonymKey(bytes(range(32))))
NEW = segment("a")


@dataclass
class Portal:
    """Says what it is told to say, and counts."""

    answer: bool | Exception = True
    asked: int = 0

    def ask(self, _number: str) -> bool:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def away() -> UnreachableError:
    return UnreachableError("Away", happened="It is away.", todo="Wait.", code="CF-1580")


def not_known() -> InputError:
    return InputError("Unknown", happened="None.", todo="None.", code="CF-1183")


@dataclass
class Desk:
    """Cases, with clocks that only move when told."""

    folder: Path
    portal: Portal = field(default_factory=Portal)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.book = RuleBook(self.folder / "rules.db", wall=lambda: self.now)
        self.cases = self.open()

    def open(self) -> CaseStates:
        return CaseStates(self.portal.ask, self.book, wall=lambda: self.now, clock=self.seconds)

    def seconds(self) -> float:
        return self.now.timestamp()

    def later(self, minutes: float) -> None:
        self.now += minutes * MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.book.close()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (True, CaseState.OPEN),
        (False, CaseState.CLOSED),
        (not_known(), CaseState.UNKNOWN),
        (away(), CaseState.NO_ANSWER),
    ],
)
def test_the_portal_is_asked_for_a_case(desk: Desk, answer: bool | Exception, state: CaseState) -> None:
    assert desk.cases.state("1") is CaseState.UNASKED
    desk.portal.answer = answer
    assert desk.cases.refresh(["1", "1"])
    assert (desk.cases.state("1"), desk.portal.asked) == (state, 1)


def test_while_the_portal_is_being_asked_nothing_is_known_yet(desk: Desk) -> None:
    seen: list[CaseState] = []

    def ask(number: str) -> bool:
        seen.append(cases.state(number))
        return False

    cases = CaseStates(ask, desk.book, wall=lambda: desk.now, clock=desk.seconds)
    cases.refresh(["1"])
    assert (seen, cases.state("1")) == ([CaseState.UNASKED], CaseState.CLOSED)


def test_an_answer_counts_for_some_minutes_and_then_the_portal_is_asked_again(desk: Desk) -> None:
    desk.cases.refresh(["1"])
    desk.later(4)
    assert not desk.cases.refresh(["1"])
    assert desk.portal.asked == 1
    desk.portal.answer = False
    desk.later(2)
    assert desk.cases.refresh(["1"])
    assert desk.cases.state("1") is CaseState.CLOSED


def test_a_portal_that_is_away_leaves_what_it_said_before_also_after_a_restart(desk: Desk) -> None:
    desk.portal.answer = False
    desk.cases.refresh(["1"])
    desk.portal.answer = away()
    restarted = desk.open()
    assert not restarted.refresh(["1"])
    assert restarted.state("1") is CaseState.CLOSED


@pytest.mark.parametrize(
    ("answer", "error"), [(False, RefusedError), (not_known(), RefusedError), (away(), UnreachableError)]
)
def test_nothing_is_sent_unless_the_portal_says_that_the_case_is_open(
    desk: Desk, answer: bool | Exception, error: type[Exception]
) -> None:
    desk.cases.require_open("1")
    desk.cases.require_open("1")
    assert desk.portal.asked == 1
    desk.later(6)
    desk.portal.answer = answer
    with pytest.raises(error):
        desk.cases.require_open("1")


def test_a_case_that_was_closed_a_minute_after_the_portal_was_asked_gets_nothing(desk: Desk) -> None:
    desk.portal.answer = True
    desk.cases.require_open(RULE.case)
    desk.later(0.25)
    desk.cases.require_open(RULE.case)
    assert desk.portal.asked == 1
    desk.portal.answer = False
    desk.later(1)
    with pytest.raises(RefusedError, match="CF-1296"):
        desk.cases.require_open(RULE.case)


def test_a_case_that_was_reopened_is_asked_for_at_once_when_something_is_sent(desk: Desk) -> None:
    desk.portal.answer = False
    with pytest.raises(RefusedError) as refused:
        desk.cases.require_open("1")
    assert refused.value.rule == "R-FILE-1"
    desk.portal.answer = True
    desk.cases.require_open("1")


@pytest.mark.parametrize(
    ("while_open", "via", "asked"),
    [(True, Via.SFTP, 1), (False, Via.SFTP, 1), (True, Via.HTTPS, 0)],
)
def test_the_state_of_the_case_is_asked_before_a_rule_sends_by_sftp(
    desk: Desk, while_open: bool, via: Via, asked: int
) -> None:
    class Token:
        def bearer(self) -> str:
            return ""

        def rejected(self, token: str | None = None) -> None:
            del token

    desk.portal.answer = False
    destinations = PortalDestinations(
        url="https://portal.example",
        trust=Trust(),
        tokens=Token(),
        vault=FileVault(desk.folder / "vault", bytes(32)),
        rules={"all": replace(RULE, via=via, while_open=while_open)},
        require_open=desk.cases.require_open,
    )
    job = JobRow("1", RULE.case, "all", via, JobState.SENDING, "one.zip", NOW, NOW)
    with contextlib.suppress(RefusedError, CredentialsError):  # the rule has no account
        destinations.of(job)
    assert desk.portal.asked == asked


class Line:
    """Rules over a folder with a catalogue that has read it."""

    def __init__(self, root: Path, rule: Rule) -> None:
        self.site = TimedSite(root)
        self.rule = replace(rule, folders=(self.site.folder,))
        self.case = CaseState.OPEN
        self.alarms: list[tuple[datetime, datetime]] = []
        self.journal = JobJournal(root / "journal.db", wall=lambda: NOW)
        self.book = RuleBook(root / "rules.db", wall=lambda: NOW)
        self.ruling = Ruling(
            [self.rule],
            journal=self.journal,
            catalogue=self.site.catalogue,
            book=self.book,
            sight=Sight(
                case=lambda _number: self.case,
                lines=lambda keys: lines_of(self.site.catalogue.database, keys),
                alarms=lambda _name: self.alarms,
            ),
            readable=can_be_read,
            wall=lambda: NOW,
            zone=UTC,
        )
        self.intake = Intake(
            journal=self.journal,
            engine=ENGINE,
            vault=FileVault(root / "vault", bytes(32)),
            ruling=self.ruling,
            created=lambda _job: None,
            wall=lambda: NOW,
        )

    def put(self, *texts: str) -> None:
        """One closed segment for each text, ten minutes apart, and the live one."""
        for number, text in enumerate([*texts, "Std 05060 live"]):
            moment = START + number * 10 * MINUTE
            known = KnownSegment(f"sips_a.20230609_{moment:%H%M%S}_000.log")
            known.begin(moment)
            known.add(moment, text)
            (self.site.folder / known.name).write_bytes(known.content)
        self.site.settle()

    def shown(self) -> RuleShown:
        (found,) = self.ruling.shown().rules
        return found

    def reasons(self) -> dict[str, int]:
        return {each.reason: each.files for each in self.shown().not_sent}

    def waiting(self) -> dict[str, int]:
        return {each.reason: each.files for each in self.shown().waiting}

    def close(self) -> None:
        self.journal.close()
        self.book.close()
        self.site.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, replace(RULE, level=Level.WARNING))
    yield made
    made.close()


def test_only_segments_with_a_warning_are_sent_and_the_others_are_told_with_the_reason(line: Line) -> None:
    line.put("Std 47006 WARN dropped", "Trc 04120 quiet", "Alr 04504 lost")
    assert line.intake.claim() == 1
    (job,) = line.journal.jobs()
    names = sorted(file.path.name for file in line.journal.files(job.id))
    assert names == ["sips_a.20230609_080000_000.log", "sips_a.20230609_082000_000.log"]
    assert line.reasons() == {"level": 1}
    (reason,) = line.shown().not_sent
    assert (reason.application, reason.name) == ("sips_a", "sips_a.20230609_081000_000.log")


def test_a_closed_case_gets_nothing_and_everything_once_it_is_open_again(line: Line) -> None:
    line.case = CaseState.CLOSED
    line.put("Alr 1 a", "Alr 2 b")
    assert line.intake.claim() == 0
    assert (line.reasons(), line.shown().case_state) == ({"case closed": 2}, "closed")
    line.case = CaseState.OPEN
    assert line.intake.claim() == 1
    assert (line.reasons(), line.waiting()) == ({}, {"on its way": 2})


def test_segments_that_the_catalogue_has_not_read_wait(line: Line) -> None:
    line.site.indexer.catch_up = lambda **_: 0  # type: ignore[method-assign]
    line.put("Alr 1 a")
    assert line.intake.claim() == 0
    assert line.waiting() == {"unread": 1}


def test_only_segments_around_an_alarm_are_sent(tmp_path: Path) -> None:
    line = Line(tmp_path, replace(RULE, when=When(every=None, alarm="lost", around=2 * MINUTE)))
    line.put("Std 1 a", "Std 1 b", "Std 1 c")
    assert line.intake.claim() == 0
    assert line.reasons() == {"no alarm": 3}
    line.alarms.append((START + 11 * MINUTE, START + 11 * MINUTE))
    assert line.intake.claim() == 1
    assert (line.reasons(), line.waiting()) == ({"no alarm": 2}, {"on its way": 1})
    line.close()


def test_a_report_tells_what_became_of_claimed_files(line: Line) -> None:
    line.put("Alr 1 a", "Alr 2 b", "Alr 3 c")
    line.intake.claim()
    (job,) = line.journal.jobs()
    files: list[FileRow] = line.journal.files(job.id)
    line.journal.without(files[0], state=FileState.QUARANTINED, kind="quarantined", reason="It is odd.")
    line.journal.move(job.id, before=[JobState.COLLECTING], after=JobState.VERIFIED)
    assert (line.shown().sent, line.reasons(), line.waiting()) == (2, {"quarantined": 1}, {})
    line.journal.move(job.id, before=[JobState.VERIFIED], after=JobState.FAILED)
    assert (line.shown().sent, line.reasons()) == (0, {"quarantined": 1, "failed": 2})


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(JobState.VERIFIED, "They went to case 0003256109", id="sent"),
        pytest.param(JobState.FAILED, "They were for case 0003256109", id="not sent"),
        pytest.param(JobState.SENDING, "They are on their way to case 0003256109", id="on its way"),
    ],
)
def test_what_a_rule_took_up_for_the_case_that_it_had_before_is_told_by_itself(
    line: Line, state: JobState, said: str
) -> None:
    line.put("Alr 1 a", "Alr 2 b")
    line.intake.claim()
    (job,) = line.journal.jobs()
    line.journal.move(job.id, before=[JobState.COLLECTING], after=state)
    line.ruling.rules = [replace(line.rule, case="0003256110")]
    assert line.intake.claim() == 0
    shown = line.shown()
    (told,) = [*shown.waiting, *shown.not_sent]
    assert (shown.sent, told.reason, told.files, told.text.startswith(said)) == (0, "earlier case", 2, True)


def test_a_report_tells_of_a_case_that_was_closed_before_its_job_was_sent(line: Line) -> None:
    line.put("Alr 1 a")
    line.intake.claim()
    (job,) = line.journal.jobs()
    problem = ErrorReply("CF-1296", "The case is closed", rule="R-FILE-1")
    line.journal.move(job.id, before=[JobState.COLLECTING], after=JobState.FAILED, problem=problem)
    assert line.reasons() == {"case closed when sent": 1}


def test_a_report_names_what_waits_and_what_a_person_cancelled(line: Line) -> None:
    line.put("Alr 1 a")
    (waiting,) = line.shown().waiting
    line.intake.claim()
    (job,) = line.journal.jobs()
    (file,) = line.journal.files(job.id)
    (on_its_way,) = line.shown().waiting
    line.journal.move(job.id, before=[JobState.COLLECTING], after=JobState.CANCELLED)
    (cancelled,) = line.shown().not_sent
    assert [file.name.endswith(f"/{name}") for name in waiting.names] == [True]
    assert on_its_way.names == cancelled.names == [file.name]


def test_of_files_that_are_on_their_way_the_last_are_named_however_far_they_are(line: Line) -> None:
    for number, (state, count) in enumerate(((JobState.COLLECTING, MOST_NAMES), (JobState.SENDING, 2))):
        made, job = NOW + timedelta(hours=number), f"job-{number}"
        row = JobRow(job, RULE.case, RULE.name, Via.HTTPS, state, "j.zip", made, made)
        files = [
            FileRow(job, place, f"{job}/{place}.log", Path("a.log"), FileState.WAITING)
            for place in range(count)
        ]
        line.journal.create(row, files)
    (waiting,) = line.shown().waiting
    assert (waiting.files, len(waiting.names)) == (MOST_NAMES + 2, MOST_NAMES)
    assert waiting.names[:3] == ["job-1/1.log", "job-1/0.log", f"job-0/{MOST_NAMES - 1}.log"]


def test_by_sftp_a_closed_case_gets_nothing_whatever_the_rule_says(tmp_path: Path) -> None:
    line = Line(tmp_path, replace(RULE, via=Via.SFTP, while_open=False))
    line.case = CaseState.CLOSED
    line.put("Alr 1 a")
    made = line.intake.claim()
    told = (line.reasons(), line.shown().case_state)
    line.close()
    assert (made, told) == (0, ({"case closed": 1}, "closed"))


def test_what_was_not_sent_is_told_after_a_restart_and_until_it_is_sent(line: Line) -> None:
    line.case = CaseState.UNKNOWN
    line.put("Alr 1 a")
    line.intake.claim()
    again = RuleBook(line.site.root / "rules.db", wall=lambda: NOW)
    assert [(each.reason, each.count) for each in again.withheld("all")] == [(Verdict.CASE_UNKNOWN, 1)]
    again.forget_other_rules(["another"])
    assert again.withheld("all") == []
    again.close()


def test_what_was_not_sent_is_named_the_last_ones_first_and_so_many_at_most(tmp_path: Path) -> None:
    now = [NOW]
    book = RuleBook(tmp_path / "rules.db", wall=lambda: now[0])
    for number in range(MOST_NAMES + 5):
        now[0] += timedelta(seconds=1)
        segment = replace(NEW, path=f"a/{number}.log")
        book.note("all", {str(number): (segment, Verdict.LEVEL)}, now_wanted=set())
    book.note("all", {"old": (replace(NEW, path="old.log"), Verdict.TOO_OLD)}, now_wanted=set())
    level, old = book.withheld("all")
    book.close()
    assert (level.count, len(level.names), level.names[:2]) == (
        MOST_NAMES + 5,
        MOST_NAMES,
        (f"a/{MOST_NAMES + 4}.log", f"a/{MOST_NAMES + 3}.log"),
    )
    assert old.names == ("old.log",)


def test_what_is_remembered_of_segments_is_forgotten_with_their_rows(tmp_path: Path) -> None:
    now = [NOW]
    book = RuleBook(tmp_path / "rules.db", wall=lambda: now[0])

    def refuse(*keys: str) -> None:
        book.note("all", dict.fromkeys(keys, (NEW, Verdict.CASE_CLOSED)), now_wanted=set())

    refuse("old")
    now[0] += timedelta(days=31)
    refuse("new")
    refuse("newer")
    assert set(book._written["all"]) == {"new", "newer"}
    assert [each.count for each in book.withheld("all")] == [2]
    book.close()
