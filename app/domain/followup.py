"""The auto follow-up timer and the deadlines of a closed case (R-CASE-11, 12, 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.cases import CaseState, Priority, Status, Substatus

_WAITS_FOR_CUSTOMER = frozenset({Substatus.INFORMATION_REQUIRED, Substatus.REPLIED, Substatus.FIXED})


@dataclass(frozen=True, slots=True)
class FollowUpDays:
    """The days the portal announces (``/capabilities``); the numbers of R-CASE-12 are the default."""

    first_reminder: int = 2
    second_reminder: int = 5
    close: int = 10


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A running timer. All times are aware; the periods are of 24 hours (R-CASE-12)."""

    started: datetime
    first_reminder: datetime
    second_reminder: datetime
    closes: datetime

    def remaining(self, now: datetime) -> timedelta:
        """Time until the case is closed; never negative."""
        return max(self.closes - now, timedelta())

    def share_elapsed(self, now: datetime) -> float:
        """How much of the whole period is over, 0.0 to 1.0."""
        whole = (self.closes - self.started).total_seconds()
        return min(max((now - self.started).total_seconds() / whole, 0.0), 1.0)


def follow_up(
    state: CaseState, *, priority: Priority, since: datetime | None, days: FollowUpDays | None = None
) -> FollowUp | None:
    """The follow-up timer of a case, or None when none runs (R-CASE-12).

    Args:
        state: status and sub-status.
        priority: a critical production-down case has no timer.
        since: when support asked or proposed; None when the portal does not say.
        days: the portal's numbers; the defaults of the rule when None.
    """
    if since is None or state.substatus not in _WAITS_FOR_CUSTOMER or priority is Priority.CRITICAL:
        return None
    period = days or FollowUpDays()
    return FollowUp(
        started=since,
        first_reminder=since + timedelta(days=period.first_reminder),
        second_reminder=since + timedelta(days=period.second_reminder),
        closes=since + timedelta(days=period.close),
    )


def files_deleted_at(state: CaseState, *, closed_at: datetime | None, keep_days: int = 30) -> datetime | None:
    """When the portal deletes the case's files (R-CASE-17), or None while the case is not closed."""
    if state.status is not Status.CLOSED or closed_at is None:
        return None
    return closed_at + timedelta(days=keep_days)


def state_after_customer_comment(state: CaseState) -> CaseState:
    """The state after a comment by the customer (R-CASE-9)."""
    if state.status in (Status.AWAITING_INFORMATION, Status.SOLUTION_PROPOSED):
        return CaseState(status=Status.OPEN, substatus=Substatus.INVESTIGATION)
    return state
