"""Which actions a case offers, and the visible reason when it does not (design principle 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.access import AccessLevel, Action, level_name, may
from app.domain.cases import CaseState, Priority, Status, Turn, turn_of
from app.domain.files import may_send_files
from app.domain.followup import FollowUpDays, files_deleted_at, follow_up
from app.portal.contract import Case, SftpAccount
from ui.widgets.moments import date_text, moment_text
from ui.widgets.quantities import span_text

_PORTAL_ONLY = "Not in this version; use the portal in your browser"


class CaseAction(StrEnum):
    """Actions of header and rail, in their order."""

    REPLY = "reply"
    ATTACH = "attach"
    ESCALATE = "escalate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Offer:
    """An action with its state.

    Attributes:
        line: the visible line below it: what it does, or why it is not possible now and what is.
    """

    action: CaseAction
    label: str
    icon: str
    enabled: bool
    line: str


def offers(
    case: Case,
    level: AccessLevel | None,
    *,
    now: datetime,
    contacts: Sequence[str] = (),
    reopen_days: int = 30,
) -> list[Offer]:
    """What may be done with a case now.

    Args:
        case: the case.
        level: the reader's access level for the case's account.
        now: the time now, aware.
        contacts: names of Designated Contacts, named when the reader may only read.
        reopen_days: the portal's number of R-CASE-11.
    """
    state = CaseState(case.status, case.substatus)
    refusal = _refusal(level, contacts)
    if refusal:
        reply = attach = Offer(CaseAction.REPLY, "Reply or attach files", "arrow_reply", False, refusal)
    elif case.status is Status.CLOSED:
        line = closed_way_on(case, now=now, reopen_days=reopen_days)
        reply = Offer(CaseAction.REPLY, "Reply or attach files", "arrow_reply", False, line)
        attach = reply
    else:
        line = "Sets the case back to Open" if case.status is not Status.OPEN else "Support is told at once"
        reply = attach = Offer(CaseAction.REPLY, "Reply or attach files", "arrow_reply", True, line)
    return [
        reply,
        Offer(CaseAction.ATTACH, "Attach files", "attach", attach.enabled, attach.line),
        Offer(CaseAction.ESCALATE, "Escalate", "arrow_trending_lines", False, _why_not_escalate(case, state)),
        Offer(
            CaseAction.CLOSE,
            "Close case",
            "checkmark_circle",
            False,
            "Already closed" if case.status is Status.CLOSED else _PORTAL_ONLY,
        ),
    ]


def closed_way_on(case: Case, *, now: datetime, reopen_days: int) -> str:
    """Why a closed case takes nothing, and the way on that is left (R-CASE-11, R-CASE-12)."""
    if case.closed_by_follow_up:
        return "The follow-up timer closed it. Only a phone call reopens it: Call support, F8"
    if case.closed_at is None:
        return may_send_files(case.status).reason
    last = case.closed_at + timedelta(days=reopen_days)
    if now > last:
        return f"Closed more than {reopen_days} days ago. Open a new case that refers to it, or call (F8)"
    until = date_text(last, now=now)
    return f"It can be reopened until {until}, with new information: in the portal or by phone (F8)"


def _refusal(level: AccessLevel | None, contacts: Sequence[str]) -> str:
    verdict = may(level, Action.CHANGE_CASES)
    if verdict.allowed:
        return ""
    if contacts:
        return f"Replies and files need a {level_name(AccessLevel.READ_WRITE)}: {' or '.join(contacts)}"
    return verdict.reason


def _why_not_escalate(case: Case, state: CaseState) -> str:
    if case.status is Status.CLOSED:
        return "Only active cases can be escalated"
    if case.escalated_since is not None:
        return "Already escalated. If the impact grew, reply or call"
    if turn_of(state) is Turn.YOU:
        return "Not yet: support waits for your answer"
    if case.priority is Priority.LOW:
        return "Ask for Medium in a reply first"
    if case.priority is Priority.CRITICAL:
        return "Critical cases are escalated by phone"
    return _PORTAL_ONLY


def posting_hint(case: Case) -> str:
    """The hint beside *Post* (R-CASE-9, R-CASE-12)."""
    if case.status is Status.OPEN:
        return "Support sees it at once"
    timed = follow_up(
        CaseState(case.status, case.substatus), priority=case.priority, since=case.waiting_since
    )
    return "Posting sets the case to Open" + (" and stops the timer" if timed is not None else "")


@dataclass(frozen=True, slots=True)
class TimerLine:
    """One line below the follow-up ring."""

    icon: str
    label: str
    value: str
    due: bool


def timer_lines(case: Case, *, now: datetime, days: FollowUpDays) -> list[TimerLine]:
    """Reminders and the close of a running timer (R-CASE-12); empty when none runs."""
    timer = follow_up(
        CaseState(case.status, case.substatus), priority=case.priority, since=case.waiting_since, days=days
    )
    if timer is None:
        return []
    steps = (("Reminder 1", timer.first_reminder), ("Reminder 2", timer.second_reminder))
    upcoming = next((at for _, at in (*steps, ("", timer.closes)) if at > now), None)
    lines = [
        TimerLine(
            "checkmark" if at <= now else "clock",
            label,
            moment_text(at, now=now) + (", sent" if at <= now else ""),
            due=at == upcoming,
        )
        for label, at in steps
    ]
    closes = TimerLine(
        "checkmark_circle", "Case closes", moment_text(timer.closes, now=now), due=timer.closes == upcoming
    )
    return [*lines, closes]


def timer_note() -> str:
    """The sentence below the timer's lines."""
    return "Any reply stops the timer. After an automatic close, only a phone call reopens the case."


def no_timer_text(case: Case) -> str:
    """What the rail says where the ring would be, when no timer runs."""
    turn = turn_of(CaseState(case.status, case.substatus))
    return {
        Turn.SUPPORT: "Support has the next move. No timer runs.",
        Turn.THIRD_PARTY: "A third party has the next move. No timer runs.",
        Turn.YOU: "Support waits for you. No timer runs.",
        Turn.NOBODY: "The case is closed.",
    }[turn]


def retention_text(case: Case, *, now: datetime, keep_days: int) -> str:
    """How long the files stay on the portal (R-CASE-17)."""
    ends = files_deleted_at(
        CaseState(case.status, case.substatus), closed_at=case.closed_at, keep_days=keep_days
    )
    if ends is None:
        return (
            "While the case is open, files stay on the portal. "
            f"They are deleted {keep_days} days after the case closes."
        )
    if ends <= now:
        return f"The files were deleted on {date_text(ends, now=now)}, {keep_days} days after the close."
    return (
        f"All files are deleted on {date_text(ends, now=now)}, in {span_text(ends - now)}. "
        "Save a copy if you need them later."
    )


@dataclass(frozen=True, slots=True)
class AccountLife:
    """How long a temporary SFTP account still lives.

    Attributes:
        share: of its life that is left, 0.0 to 1.0.
        role: colour role of the bar: accent, amber below 24 h, red below 12 h.
    """

    share: float
    role: str
    left: str
    ends: str
    alive: bool


def account_life(account: SftpAccount, *, now: datetime) -> AccountLife:
    """The bar of a temporary account (R-FILE-5)."""
    whole = account.expires - account.created
    left = max(account.expires - now, timedelta())
    hours = left / timedelta(hours=1)
    role = "accent.base" if hours >= 24 else "wait.fg" if hours >= 12 else "danger.solid"
    total = round(whole / timedelta(hours=1))
    return AccountLife(
        share=min(left / whole, 1.0) if whole else 0.0,
        role=role,
        left=f"{int(hours)} h of {total} h left" if left else f"Ended after {total} h",
        ends=moment_text(account.expires, now=now),
        alive=bool(left),
    )


def changed_by_text(case: Case, *, now: datetime, by_support: bool | None) -> str:
    """``changed by support, 9 Jun 16:20``; without a name when the latest update is not known yet."""
    who = "" if by_support is None else " by support" if by_support else " by your side"
    verb = "closed" if case.status is Status.CLOSED else "changed"
    at = case.closed_at if case.status is Status.CLOSED and case.closed_at else case.updated
    if case.status is Status.CLOSED:
        who = " by the follow-up timer" if case.closed_by_follow_up else ""
    return f"{verb}{who}, {moment_text(at, now=now)}"
