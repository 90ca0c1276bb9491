"""Actions with reasons, timers, accounts and files of a case, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import AccessLevel
from app.domain.cases import Priority, Status, Substatus
from app.domain.files import FileCheck
from app.domain.followup import FollowUpDays
from app.portal.contract import SftpAccount
from tests.peers.fakes import FakePortal
from tests.peers.made_up import NOW, a_case, a_file, a_manifest, a_member, at, some_files
from ui.pages.case.actions import (
    CaseAction,
    account_life,
    offers,
    posting_hint,
    retention_text,
    timer_lines,
)
from ui.pages.case.file_text import check_text, member_row, second_line, space_used
from ui.pages.case.files_tab import free_path, read_manifest_bytes, safe_name

CLOSED = a_case(
    status=Status.CLOSED, substatus=Substatus.RESOLVED, closed_at=at(12, 9, 14), waiting_since=None
)
OPEN = a_case(status=Status.OPEN, substatus=Substatus.INVESTIGATION, waiting_since=None)


def offer(
    case: object, action: CaseAction, level: AccessLevel = AccessLevel.READ_WRITE, **more: object
) -> object:
    return next(each for each in offers(case, level, now=NOW, **more) if each.action is action)  # type: ignore[arg-type]


def test_a_designated_contact_may_reply_to_an_open_case() -> None:
    assert offer(a_case(), CaseAction.REPLY).enabled


def test_a_reader_is_told_who_may_reply() -> None:
    refused = offer(a_case(), CaseAction.REPLY, AccessLevel.READ_ONLY, contacts=["Tom Halberg"])
    assert not refused.enabled
    assert refused.line == "Replies and files need a Designated Contact: Tom Halberg"


def test_files_do_not_go_to_a_closed_case() -> None:
    refused = offer(CLOSED, CaseAction.ATTACH)
    assert not refused.enabled
    assert refused.line.startswith("It can be reopened until 12 Jul")


def test_a_case_closed_by_the_timer_is_reopened_by_phone_only() -> None:
    case = replace(CLOSED, closed_by_follow_up=True)
    assert "Only a phone call reopens it" in offer(case, CaseAction.REPLY).line


def test_after_thirty_days_a_closed_case_leads_to_a_new_one() -> None:
    case = replace(CLOSED, closed_at=NOW - timedelta(days=31))
    assert offer(case, CaseAction.REPLY).line.startswith("Closed more than 30 days ago. Open a new case")


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (a_case(), "Not yet: support waits for your answer"),
        (CLOSED, "Only active cases can be escalated"),
        (
            a_case(status=Status.OPEN, substatus=Substatus.NEW, priority=Priority.LOW),
            "Ask for Medium in a reply first",
        ),
    ],
)
def test_no_refused_action_is_without_its_reason(case: object, reason: str) -> None:
    assert offer(case, CaseAction.ESCALATE).line == reason


def test_every_action_has_a_line() -> None:
    assert all(
        each.line for case in (a_case(), CLOSED, OPEN) for each in offers(case, AccessLevel.BASIC, now=NOW)
    )


def test_the_hint_says_what_posting_does() -> None:
    assert posting_hint(a_case()) == "Posting sets the case to Open and stops the timer"
    assert posting_hint(OPEN) == "Support sees it at once"


def test_the_next_deadline_is_the_due_one() -> None:
    lines = timer_lines(a_case(), now=NOW, days=FollowUpDays())
    assert [(line.label, line.due) for line in lines] == [
        ("Reminder 1", False),
        ("Reminder 2", True),
        ("Case closes", False),
    ]
    assert lines[0].value.endswith(", sent")


def test_no_timer_runs_for_a_critical_case() -> None:
    assert timer_lines(a_case(priority=Priority.CRITICAL), now=NOW, days=FollowUpDays()) == []


def test_retention_is_counted_from_the_close() -> None:
    assert "30 days after the case closes" in retention_text(a_case(), now=NOW, keep_days=30)
    assert "12 Jul" in retention_text(CLOSED, now=NOW, keep_days=30)
    assert "were deleted" in retention_text(CLOSED, now=NOW + timedelta(days=40), keep_days=30)


@pytest.mark.parametrize(
    ("hours_left", "role"), [(71, "accent.base"), (24, "accent.base"), (23, "wait.fg"), (11, "danger.solid")]
)
def test_the_bar_of_an_account_warns_before_its_end(hours_left: int, role: str) -> None:
    account = FakePortal().account
    assert isinstance(account, SftpAccount)
    life = account_life(account, now=account.expires - timedelta(hours=hours_left))
    assert (life.role, life.left) == (role, f"{hours_left} h of 120 h left")


def test_an_ended_account_is_not_alive() -> None:
    account = FakePortal().account
    assert isinstance(account, SftpAccount)
    life = account_life(account, now=account.expires)
    assert not life.alive
    assert life.left == "Ended after 120 h"


def test_every_check_has_words_and_a_shape_of_its_own() -> None:
    texts = [check_text(a_file("f", "x", 1, NOW, check=check)) for check in FileCheck]
    assert len({text.words for text in texts}) == len({text.icon for text in texts}) == len(FileCheck)


def test_the_second_line_tells_raw_and_sent_size_once_the_manifest_is_known() -> None:
    file = some_files()[0]
    assert second_line(file, None) == "612 MB · HTTPS, resumed once"
    assert second_line(file, a_manifest()).startswith("14 files · 3.8 GB raw, 612 MB sent")


def test_the_note_of_a_file_that_differs_is_shown() -> None:
    file = a_file("f", "x.zip", 10, NOW, check=FileCheck.DIFFERS, note="The digests differ")
    assert second_line(file, None).endswith("The digests differ")


def test_the_space_counts_both_directions() -> None:
    assert space_used(some_files()) == ("701 MB", "4 sent, 2 received. No size limit.")


def test_a_member_shows_its_kinds_largest_first() -> None:
    row = member_row(a_member("a.log", 5, 1, {"IP": 3, "TEL": 8, "NAME": 1}))
    assert [(category.name, count) for category, count in row.parts] == [
        ("phone", 8),
        ("network", 3),
        ("name", 1),
    ]
    assert row.masked == 12


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.zip", "a.zip"),
        ("a:b?.log", "a_b_.log"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_names_from_outside_are_never_paths(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_a_download_never_overwrites(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "a.zip").write_bytes(b"1")
    assert free_path(folder, "a.zip").name == "a (2).zip"


def test_a_manifest_that_is_none_is_a_clear_error() -> None:
    from app.domain.errors import PeerError

    with pytest.raises(PeerError, match="manifest is not understood"):
        read_manifest_bytes(b'{"format": "no"}')
