"""The rules of the support process that stand so far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import AccessLevel, Action, may
from app.domain.cases import (
    SUBSTATUSES,
    CaseState,
    Priority,
    Status,
    Substatus,
    Turn,
    parse_case_number,
    turn_of,
)
from app.domain.errors import InputError
from app.domain.files import may_send_files
from app.domain.followup import files_deleted_at, follow_up, state_after_customer_comment

ASKED = datetime(2026, 6, 9, 16, 20, tzinfo=UTC)
PAIRS = [CaseState(status=status, substatus=sub) for status, subs in SUBSTATUSES.items() for sub in subs]


@given(st.integers(min_value=0, max_value=9_999_999_999))
def test_a_case_number_has_ten_digits(number: int) -> None:
    assert parse_case_number(f" {number} ") == f"{number:010d}"


@pytest.mark.parametrize("text", ["", "12345678901", "12a", "-1", "٣٤", "1\n2"])
def test_what_is_no_case_number_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_case_number(text)
    assert refused.value.code == "CF-1101"


def test_a_substatus_belongs_to_one_status() -> None:
    with pytest.raises(InputError):
        CaseState(status=Status.OPEN, substatus=Substatus.RESOLVED)


@pytest.mark.parametrize(
    ("substatus", "turn"),
    [
        (Substatus.NEW, Turn.SUPPORT),
        (Substatus.MAINTENANCE_REVIEW, Turn.SUPPORT),
        (Substatus.INFORMATION_REQUIRED, Turn.YOU),
        (Substatus.REPLIED, Turn.YOU),
        (Substatus.FIXED, Turn.YOU),
        (Substatus.THIRD_PARTY_PENDING, Turn.THIRD_PARTY),
        (Substatus.CANCELLED, Turn.NOBODY),
    ],
)
def test_whose_turn_it_is_follows_from_the_substatus(substatus: Substatus, turn: Turn) -> None:
    state = next(pair for pair in PAIRS if pair.substatus is substatus)
    assert turn_of(state) is turn


@pytest.mark.parametrize(
    ("level", "action", "allowed"),
    [
        (None, Action.USE_KNOWLEDGE, False),
        (AccessLevel.BASIC, Action.USE_KNOWLEDGE, True),
        (AccessLevel.BASIC, Action.SEE_CASES, False),
        (AccessLevel.READ_ONLY, Action.SEE_CASES, True),
        (AccessLevel.READ_ONLY, Action.CHANGE_CASES, False),
        (AccessLevel.READ_ONLY, Action.TRANSFER_FILES, False),
        (AccessLevel.READ_WRITE, Action.TRANSFER_FILES, True),
        (AccessLevel.READ_WRITE, Action.DOWNLOAD_SOFTWARE, True),
    ],
)
def test_the_access_table_holds(level: AccessLevel | None, action: Action, allowed: bool) -> None:
    assert may(level, action).allowed is allowed


def test_a_refusal_names_its_rule_and_a_way_out() -> None:
    refusal = may(AccessLevel.READ_ONLY, Action.CHANGE_CASES)
    assert (refusal.rule, bool(refusal.reason), bool(refusal.way_out)) == ("R-ACC-3", True, True)


def test_the_follow_up_reminds_after_two_and_five_days_and_closes_after_ten() -> None:
    state = CaseState(status=Status.AWAITING_INFORMATION, substatus=Substatus.INFORMATION_REQUIRED)
    timer = follow_up(state, priority=Priority.HIGH, since=ASKED)
    assert timer is not None
    assert [moment - ASKED for moment in (timer.first_reminder, timer.second_reminder, timer.closes)] == [
        timedelta(days=2),
        timedelta(days=5),
        timedelta(days=10),
    ]


@pytest.mark.parametrize("state", [p for p in PAIRS if turn_of(p) is not Turn.YOU])
def test_no_timer_runs_when_it_is_not_the_customers_turn(state: CaseState) -> None:
    assert follow_up(state, priority=Priority.MEDIUM, since=ASKED) is None


def test_a_critical_case_has_no_timer() -> None:
    state = CaseState(status=Status.SOLUTION_PROPOSED, substatus=Substatus.REPLIED)
    assert follow_up(state, priority=Priority.CRITICAL, since=ASKED) is None


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=30)))
def test_what_remains_and_what_is_over_make_the_whole(after: timedelta) -> None:
    state = CaseState(status=Status.SOLUTION_PROPOSED, substatus=Substatus.FIXED)
    timer = follow_up(state, priority=Priority.LOW, since=ASKED)
    assert timer is not None
    now = ASKED + after
    assert timer.remaining(now) >= timedelta()
    assert 0.0 <= timer.share_elapsed(now) <= 1.0


@pytest.mark.parametrize("state", PAIRS)
def test_a_customers_comment_opens_what_waits_for_the_customer(state: CaseState) -> None:
    after = state_after_customer_comment(state)
    waits = state.status in (Status.AWAITING_INFORMATION, Status.SOLUTION_PROPOSED)
    assert after.status is (Status.OPEN if waits else state.status)


def test_files_go_thirty_days_after_closing() -> None:
    closed = CaseState(status=Status.CLOSED, substatus=Substatus.RESOLVED)
    assert files_deleted_at(closed, closed_at=ASKED) == ASKED + timedelta(days=30)


@pytest.mark.parametrize("status", list(Status))
def test_files_belong_to_a_case_that_is_not_closed(status: Status) -> None:
    verdict = may_send_files(status)
    assert verdict.allowed is (status is not Status.CLOSED)
    assert verdict.rule == "R-FILE-1"
