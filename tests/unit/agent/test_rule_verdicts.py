"""What a rule decides about one segment, by its case, its lines, alarms and age."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.catalogue import Segment, SegmentLines
from agent.jobs import CaseState, Level, Rule, Verdict, When, judge
from app.agentlink import Via
from app.logs import MessageKind
from tests.unit.agent.test_jobs_decisions import RULE, segment

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FRESH = replace(segment("a"), modified_ns=int(NOW.timestamp() * 1e9))


def verdict(
    rule: Rule,
    one: Segment = FRESH,
    *,
    case: CaseState = CaseState.OPEN,
    lines: SegmentLines | None = None,
    alarms: tuple[tuple[datetime, datetime], ...] = (),
) -> Verdict:
    return judge(rule, one, case=case, lines=lines, alarms=alarms, now=NOW)


def told(*kinds: MessageKind, complete: bool = True) -> SegmentLines:
    at = int(NOW.timestamp() * 1000)
    return SegmentLines(complete, at, at + 60_000, Counter(kinds))


@pytest.mark.parametrize(
    ("case", "found"),
    [
        (CaseState.OPEN, Verdict.SEND),
        (CaseState.CLOSED, Verdict.CASE_CLOSED),
        (CaseState.UNKNOWN, Verdict.CASE_UNKNOWN),
        (CaseState.UNASKED, Verdict.UNASKED),
        (CaseState.NO_ANSWER, Verdict.SEND),
    ],
)
def test_the_state_of_the_case_decides(case: CaseState, found: Verdict) -> None:
    assert verdict(RULE, case=case) is found
    assert verdict(replace(RULE, while_open=False), case=case) is Verdict.SEND
    assert verdict(replace(RULE, while_open=False, via=Via.SFTP), case=case) is found


@pytest.mark.parametrize(
    ("level", "kind", "found"),
    [
        (Level.WARNING, MessageKind.WARNING, Verdict.SEND),
        (Level.WARNING, MessageKind.ALARM, Verdict.SEND),
        (Level.WARNING, MessageKind.STANDARD, Verdict.LEVEL),
        (Level.STANDARD, MessageKind.STANDARD, Verdict.SEND),
        (Level.INTERACTION, MessageKind.MESSAGE, Verdict.LEVEL),
        (Level.TRACE, MessageKind.MESSAGE, Verdict.SEND),
        (Level.ALARM, MessageKind.ERROR, Verdict.LEVEL),
    ],
)
def test_a_segment_needs_a_record_of_the_level(level: Level, kind: MessageKind, found: Verdict) -> None:
    assert verdict(replace(RULE, level=level), lines=told(MessageKind.DEBUG, kind)) is found


def test_a_segment_that_is_not_read_to_its_end_waits() -> None:
    rule = replace(RULE, level=Level.ERROR)
    assert verdict(rule, lines=None) is Verdict.UNREAD
    assert verdict(rule, lines=told(MessageKind.ALARM, complete=False)) is Verdict.UNREAD


@pytest.mark.parametrize(
    ("begin", "found"),
    [
        (-11, Verdict.NO_ALARM),
        (-10, Verdict.SEND),
        (0, Verdict.SEND),
        (11, Verdict.SEND),
        (12, Verdict.NO_ALARM),
    ],
)
def test_a_set_around_an_alarm_takes_segments_with_lines_near_it(begin: int, found: Verdict) -> None:
    rule = replace(RULE, when=When(every=None, alarm="lost", around=10 * MINUTE))
    alarm = NOW + begin * MINUTE
    assert verdict(rule, lines=told(), alarms=((alarm, alarm),)) is found


def test_other_applications_and_old_segments_are_not_sent() -> None:
    assert verdict(replace(RULE, applications=("urs*",))) is Verdict.APPLICATION
    rule = replace(RULE, max_age=timedelta(days=7))
    week = int(timedelta(days=7).total_seconds() * 1e9)
    assert verdict(rule, replace(FRESH, modified_ns=FRESH.modified_ns - week)) is Verdict.SEND
    assert verdict(rule, replace(FRESH, modified_ns=FRESH.modified_ns - week - 10**6)) is Verdict.TOO_OLD
