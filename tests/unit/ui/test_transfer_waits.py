"""Why a transfer stands still: it has no turn, nothing may be done at this time, or something is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from app.agentlink import ErrorReply, Job, JobState
from app.agentlink.order import has_place
from tests.peers.made_up import NOW, a_job
from ui.pages.transfers.parts import PART_SIZE, PartState, parts_of
from ui.pages.transfers.rows import Group, TransferRow, Verb, group_of, headline, in_order, neighbour, row_of
from ui.pages.transfers.spoken import announcement

ELSEWHERE = ErrorReply("CF-1114", "The file was sent another way before", "sftp://old may have all of it.")


def row(job: Job) -> TransferRow:
    group = group_of(job, now=NOW, zone=UTC)
    assert group is not None
    return row_of(job, group=group, seconds_left=None, zone=UTC)


def queued(name: str = "j", state: JobState = JobState.SENDING, **changes: object) -> Job:
    return a_job(name, state, queued=True, **changes)


def test_what_nobody_works_on_stands_among_those_that_wait_and_says_so() -> None:
    shown = row(queued(size=6_400_000_000))
    assert (shown.group, shown.icon) == (Group.WAITING, "clock")
    assert shown.line == "6.4 GB. Waits for its turn to be sent"
    assert "Waits for its turn" in shown.spoken
    assert "Uploading" not in shown.spoken
    assert (shown.icons, shown.main) == ((Verb.PAUSE, Verb.CANCEL), Verb.FIRST)


def test_what_has_no_turn_at_being_prepared_is_not_called_masked() -> None:
    assert row(queued(state=JobState.MASKING, size=0, raw_size=7_000_000)).line == (
        "7.0 MB. Waits for its turn to be prepared"
    )


def test_what_was_sent_of_it_before_is_still_said() -> None:
    assert row(queued(size=10_000_000, sent=5_000_000)).line == (
        "5.0 of 10 MB sent. Waits for its turn to be sent"
    )


def test_what_a_person_put_first_is_not_offered_to_be_put_first() -> None:
    assert row(queued(priority=1)).main is None


@pytest.mark.parametrize("state", [JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING])
def test_hours_in_which_nothing_is_prepared_are_not_called_work(state: JobState) -> None:
    shown = row(queued(state=state, held=True, size=0, raw_size=7_000_000))
    assert shown.line == "Nothing is prepared at this time: the agent's hours. 7.0 MB."
    assert shown.main is None, "the first of those that wait is not prepared either"


def test_hours_do_not_hide_what_went_wrong() -> None:
    problem = ErrorReply("CF-1801", "The disk is full", "100 MB are missing.", retryable=True)
    line = row(a_job("j", JobState.WAITING, held=True, size=0, problem=problem)).line
    assert "The disk is full" in line


def test_a_transfer_that_meets_an_error_while_it_runs_says_which() -> None:
    problem = ErrorReply("CF-1501", "The portal does not answer", "It took 30 s.", retryable=True)
    shown = row(a_job("j", JobState.SENDING, size=10_000_000, sent=5_000_000, problem=problem))
    assert shown.line == (
        "The portal does not answer. It goes on by itself. 5.0 of 10 MB sent; nothing is lost. It took 30 s."
    )


def test_a_transfer_that_meets_a_defect_while_it_runs_says_its_reference_once() -> None:
    problem = ErrorReply("", "Something went wrong.", reference="ab12")
    shown = row(a_job("j", JobState.SENDING, size=10_000_000, sent=5_000_000, problem=problem))
    assert shown.line == (
        "Something went wrong. It goes on by itself. 5.0 of 10 MB sent; nothing is lost. Reference ab12."
    )


def test_what_waits_for_its_turn_is_not_counted_as_active() -> None:
    assert headline([queued("a"), a_job("b", JobState.SENDING)]) == "1 active"


def test_no_part_is_under_way_of_what_waits_for_its_turn() -> None:
    cells = parts_of(queued(size=4 * PART_SIZE, sent=PART_SIZE)).cells
    assert cells == (PartState.CHECKED, PartState.TO_DO, PartState.TO_DO, PartState.TO_DO)


def test_the_order_is_the_agents_what_a_person_dropped_comes_before_what_a_rule_found() -> None:
    jobs = [
        queued("rule", source="nightly", place=1),
        queued("second", place=9),
        queued("first", place=5),
        queued("urgent", source="nightly", place=20, priority=1),
    ]
    assert [job.id for job in in_order(jobs, now=NOW, zone=UTC)] == ["urgent", "first", "second", "rule"]
    shown = in_order(jobs, now=NOW, zone=UTC)
    assert [neighbour(shown, name, up=True) for name in ("first", "second", "rule")] == [None, "first", None]


def test_only_what_waits_has_a_place_to_be_changed() -> None:
    assert has_place(queued())
    assert not has_place(a_job("j", JobState.SENDING))
    assert not has_place(a_job("j", JobState.VERIFIED, queued=True))


def test_a_screen_reader_hears_when_the_turn_comes() -> None:
    waits, runs = queued(size=100, sent=30), a_job("j", JobState.SENDING, size=100, sent=30)
    assert announcement(a_job("j", JobState.MASKING), waits) == "j.zip: Waits for its turn"
    assert announcement(waits, runs) == "j.zip: Uploading"
    assert announcement(waits, replace(waits, sent=60)) == ""


def test_what_may_be_whole_elsewhere_takes_a_persons_word_and_is_not_said_to_be_unsent() -> None:
    shown = row(a_job("j", JobState.FAILED, problem=ELSEWHERE, sent=0))
    assert (shown.main, shown.others) == (Verb.RETRY, (Verb.NOT_THERE, Verb.CANCEL))
    assert "nothing was sent" not in shown.line
    other = row(a_job("j", JobState.FAILED, problem=ErrorReply("CF-1411", "Another host key"), sent=0))
    assert other.others == (Verb.CANCEL,)
