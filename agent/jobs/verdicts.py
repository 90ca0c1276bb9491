"""What a rule does with one closed segment: send it, wait, or not, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.catalogue import Segment, SegmentLines, SegmentState
from agent.jobs.levels import reaches, weightiest
from agent.jobs.rules import Rule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = timedelta(milliseconds=1)


class CaseState(StrEnum):
    """What is known of a case at the portal."""

    OPEN = "open"
    """It takes files (R-FILE-1)."""
    CLOSED = "closed"
    UNKNOWN = "unknown"
    """The portal knows no such case of this agent's combination."""
    UNASKED = "not asked yet"
    NO_ANSWER = "no answer"
    """The portal was asked, has not answered, and never did before."""


NO_CASE = frozenset({CaseState.CLOSED, CaseState.UNKNOWN})
"""States in which a case takes nothing."""


class Verdict(StrEnum):
    """What becomes of a segment that a rule has not sent yet."""

    SEND = "send"
    ELSEWHERE = "in the case"
    """Another rule has taken it up for the same case."""
    NOT_DUE = "not due"
    UNASKED = "case not asked"
    UNREAD = "unread"
    UNREADABLE = "unreadable"
    CASE_CLOSED = "case closed"
    CASE_UNKNOWN = "case unknown"
    APPLICATION = "application"
    TOO_OLD = "too old"
    LEVEL = "level"
    NO_ALARM = "no alarm"


REFUSED = frozenset(
    {
        Verdict.CASE_CLOSED,
        Verdict.CASE_UNKNOWN,
        Verdict.APPLICATION,
        Verdict.TOO_OLD,
        Verdict.LEVEL,
        Verdict.NO_ALARM,
    }
)
"""Not sent as things are; all others wait."""
SETTLED = frozenset({Verdict.APPLICATION, Verdict.LEVEL})
"""What stays so as long as neither the segment nor the rule is another."""

WORDS: Mapping[Verdict, str] = {
    Verdict.SEND: "They are sent next.",
    Verdict.ELSEWHERE: "They are already in the case, or on their way there, by rule {rule}.",
    Verdict.NOT_DUE: "Their time has not come yet.",
    Verdict.UNASKED: "The portal was not asked yet whether the case takes files.",
    Verdict.UNREAD: "Their lines are not read yet.",
    Verdict.UNREADABLE: "The agent cannot read them now.",
    Verdict.CASE_CLOSED: "The case is closed (R-FILE-1).",
    Verdict.CASE_UNKNOWN: "The portal knows no such case of this agent's combination.",
    Verdict.APPLICATION: "Their application does not belong to the rule.",
    Verdict.TOO_OLD: "They are older than the rule's max_age.",
    Verdict.LEVEL: "They hold no record of the rule's level.",
    Verdict.NO_ALARM: "None of their lines is near an alarm.",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a decision needs beside rule and segment.

    Attributes:
        case: state of a case by number; must not wait for the portal.
        lines: what the lines of segments tell, by key.
        alarms: begin and end of every alarm of an alarm rule, by its name.
    """

    case: Callable[[str], CaseState]
    lines: Callable[[Iterable[str]], Mapping[str, SegmentLines]]
    alarms: Callable[[str], Sequence[tuple[datetime, datetime]]]


def offered(rule: Rule, closed: Iterable[Segment], *, claimed: set[str]) -> list[Segment]:
    """The closed segments in the rule's folders that no job of it has claimed, each content once."""
    folders = {str(folder) for folder in rule.folders}
    found: dict[str, Segment] = {}
    for segment in closed:
        if str(segment.folder) in folders and segment.key not in claimed:
            found.setdefault(segment.key, segment)
    return list(found.values())


def judge(
    rule: Rule,
    segment: Segment,
    *,
    case: CaseState,
    lines: SegmentLines | None,
    alarms: Sequence[tuple[datetime, datetime]],
    now: datetime,
) -> Verdict:
    """What the rule does with a segment; whether it can be read, and whether a batch is due, is not asked.

    Args:
        rule: of which no job has claimed it.
        segment: closed.
        case: of the rule's case.
        lines: None when nothing of it was read yet, or when the rule does not ask.
        alarms: of the rule's alarm.
        now: aware.
    """
    if not rule.wants(segment.application):
        return Verdict.APPLICATION
    refused = _by_case(case) if rule.asks_case else None
    if refused is not None:
        return refused
    if rule.max_age is not None and now - _changed(segment) > rule.max_age:
        return Verdict.TOO_OLD
    if not rule.asks_lines:
        return Verdict.SEND
    gone = segment.state is SegmentState.GONE
    if gone and lines is None:
        return Verdict.SEND  # nobody is going to read its lines: rather too much than nothing
    if lines is None or not (gone or lines.complete):
        return Verdict.UNREAD
    if rule.level is not None and not reaches(weightiest(lines.kinds), rule.level):
        return Verdict.LEVEL
    if rule.when.alarm and not _near(lines, alarms, around=rule.when.around):
        return Verdict.NO_ALARM
    return Verdict.SEND


def _by_case(case: CaseState) -> Verdict | None:
    """A portal that does not answer stops no preparation: nothing is sent before it has been asked."""
    if case is CaseState.CLOSED:
        return Verdict.CASE_CLOSED
    if case is CaseState.UNKNOWN:
        return Verdict.CASE_UNKNOWN
    return Verdict.UNASKED if case is CaseState.UNASKED else None


def _changed(segment: Segment) -> datetime:
    return _EPOCH + (segment.modified_ns // 1000) * _MICROSECOND


def _near(lines: SegmentLines, alarms: Sequence[tuple[datetime, datetime]], *, around: timedelta) -> bool:
    if lines.least is None or lines.most is None:
        return False
    first, last = _EPOCH + lines.least * _MILLISECOND, _EPOCH + lines.most * _MILLISECOND
    return any(first <= end + around and last >= begin - around for begin, end in alarms)
