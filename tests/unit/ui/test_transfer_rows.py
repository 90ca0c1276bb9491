"""What a row of Transfers says, when a remaining time is said, and the map of parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agentlink import (
    ErrorReply,
    Job,
    JobState,
    LimitHours,
    LimitsFrom,
    LimitsShown,
    TransferLimits,
    Via,
)
from tests.peers.made_up import NOW, a_job, some_jobs
from ui.pages.transfers.day import DayUse, strip_words
from ui.pages.transfers.estimate import KEPT, RateHistory
from ui.pages.transfers.model import Head, entries_of
from ui.pages.transfers.parts import MAX_CELLS, PART_SIZE, PartState, parts_of
from ui.pages.transfers.rows import (
    Group,
    Shown,
    TransferRow,
    Verb,
    chip_text,
    group_of,
    headline,
    in_order,
    neighbour,
    row_of,
)
from ui.pages.transfers.spoken import announcement

MIB = 1024 * 1024


def row(state: JobState, **changes: object) -> TransferRow:
    job = a_job("j", state, **changes)
    group = group_of(job, now=NOW, zone=UTC)
    assert group is not None
    return row_of(job, group=group, seconds_left=None, zone=UTC)


def test_jobs_are_grouped_by_who_has_to_act() -> None:
    groups = {job.id: group_of(job, now=NOW, zone=UTC) for job in some_jobs()}
    assert groups == {
        "urs-ors-statsrv-0614": Group.ACTIVE,
        "statserver-heap-0614": Group.ACTIVE,
        "mcp-site-b-0614": Group.ACTIVE,
        "rm-ports-0613": Group.NEEDS_YOU,
        "ors-strategy-0614": Group.NEEDS_YOU,
        "config-export-full": Group.WAITING,
        "ixn-db-failover": Group.WAITING,
        "sip-traces-0609": Group.DONE,
    }


def test_what_was_done_yesterday_is_not_shown() -> None:
    job = a_job("j", JobState.VERIFIED, changed=NOW - timedelta(days=1))
    assert group_of(job, now=NOW, zone=UTC) is None


def test_every_failure_has_a_reason_what_is_kept_and_one_way_on() -> None:
    problem = ErrorReply("CF-1802", "The disk is full", "2.2 GB free, 5.1 GB needed.", "Free some space.")
    failed = row(JobState.FAILED, problem=problem, sent=1_200_000_000, size=3_000_000_000)
    assert failed.line == "The disk is full. 2.2 GB free, 5.1 GB needed. 1.2 of 3.0 GB sent; nothing is lost."
    assert (failed.danger, failed.main) == (True, Verb.RETRY)


def test_a_failure_before_the_bundle_says_that_nothing_was_sent() -> None:
    assert "nothing was sent" in row(JobState.FAILED, size=0, problem=ErrorReply("CF-1", "No")).line


def test_a_defect_shows_its_reference_only() -> None:
    failed = row(JobState.FAILED, problem=ErrorReply("", "Something went wrong.", reference="ab12"), size=0)
    assert failed.line.startswith("Something went wrong. Reference ab12.")


def test_a_waiting_job_says_when_it_tries_again() -> None:
    waiting = row(
        JobState.WAITING,
        problem=ErrorReply("CF-1501", "The portal does not answer", retryable=True),
        next_attempt=NOW + timedelta(seconds=30),
        sent=5_000_000,
        size=10_000_000,
    )
    assert "Next try at 14:32." in waiting.line
    assert waiting.main is Verb.RETRY


@pytest.mark.parametrize("state", list(JobState))
def test_every_state_can_be_drawn_and_spoken(state: JobState) -> None:
    drawn = row(state, changed=NOW)
    assert drawn.line
    assert drawn.icon
    assert "case 0 0 0 3 2 5 6 1 8 7" in drawn.spoken


def test_paused_rows_offer_to_resume() -> None:
    assert row(JobState.PAUSED, changed=NOW).icons == (Verb.RESUME, Verb.CANCEL)


def test_the_headline_and_chips_count() -> None:
    assert headline(some_jobs()) == "3 active, 2 need you"
    assert chip_text(Shown.NEEDS_YOU, some_jobs()) == "Needs you 2"
    assert headline([]) == "nothing is running"


def test_a_closed_group_shows_its_head_only() -> None:
    rows = [row(JobState.SENDING), row(JobState.PAUSED, changed=NOW)]
    entries = entries_of(rows, frozenset({Group.ACTIVE}))
    assert [entry.group for entry in entries if isinstance(entry, Head)] == [Group.ACTIVE, Group.WAITING]
    assert [entry.group for entry in entries if isinstance(entry, TransferRow)] == [Group.WAITING]


def test_no_remaining_time_is_said_in_the_first_five_seconds() -> None:
    history = RateHistory()
    history.add(1_000_000, at=0.0)
    assert history.seconds_left(10_000_000, at=4.9) is None
    assert history.seconds_left(10_000_000, at=5.0) == 10.0


def test_the_remaining_time_is_made_from_the_median_of_thirty_seconds() -> None:
    history = RateHistory()
    for second in range(60):
        history.add(9_000_000 if second < 25 else 1_000_000, at=float(second))
    history.add(400_000_000, at=60.0)
    assert history.seconds_left(10_000_000, at=60.0) == 10.0


def test_after_an_interruption_the_estimate_begins_anew() -> None:
    history = RateHistory()
    history.add(1_000_000, at=0.0)
    history.stopped()
    history.add(1_000_000, at=100.0)
    assert history.seconds_left(1, at=102.0) is None


def test_the_history_is_bounded() -> None:
    history = RateHistory()
    for second in range(5_000):
        history.add(1.0, at=float(second))
    assert len(history.readings) <= KEPT + 1


def test_over_https_parts_that_arrived_are_checked_over_sftp_they_are_sent() -> None:
    https = parts_of(a_job("j", JobState.SENDING, size=4 * PART_SIZE, sent=2 * PART_SIZE))
    assert https.cells == (PartState.CHECKED, PartState.CHECKED, PartState.IN_FLIGHT, PartState.TO_DO)
    sftp = parts_of(a_job("j", JobState.SENDING, via=Via.SFTP, size=4 * PART_SIZE, sent=2 * PART_SIZE))
    assert sftp.cells[:2] == (PartState.SENT, PartState.SENT)


def test_verified_means_every_part_is_checked() -> None:
    job = a_job("j", JobState.VERIFIED, via=Via.SFTP, size=3 * PART_SIZE + 1, sent=3 * PART_SIZE + 1)
    assert set(parts_of(job).cells) == {PartState.CHECKED}
    assert parts_of(job).caption == "Parts, 8 MB each: 4 of 4 arrived"


@pytest.mark.parametrize(
    ("level", "icon", "words"),
    [
        ("A", "shield_checkmark", "checked end to end"),
        ("B", "shield_checkmark", "every part checked by the server"),
        ("C", "shield_checkmark", "a sample read back, its digest lies beside it"),
        ("D", "warning", "at most the size was compared"),
        ("", "shield_checkmark", "too old to say how it was proven"),
    ],
)
def test_an_arrival_is_called_as_well_proven_as_it_is(level: str, icon: str, words: str) -> None:
    shown = row(JobState.VERIFIED, level=level, size=1_000_000)
    assert (shown.icon, words in shown.line) == (icon, True)


def test_what_was_compared_by_its_size_only_is_not_called_verified() -> None:
    job = a_job("j", JobState.VERIFIED, level="D", size=PART_SIZE, sent=PART_SIZE)
    assert set(parts_of(job).cells) == {PartState.SENT}
    assert announcement(a_job("j", JobState.SENDING), job) == "j.zip: Arrived, only its size was compared"
    assert "Verified" not in row(JobState.VERIFIED, level="D").spoken


def test_parts_that_arrived_out_of_order_are_shown_where_they_lie() -> None:
    job = replace(
        a_job("j", JobState.SENDING, size=5 * PART_SIZE + 7, sent=3 * PART_SIZE + 7),
        acked=[(0, 2 * PART_SIZE), (4 * PART_SIZE, PART_SIZE + 7)],
        moving=[(2 * PART_SIZE, 512)],
    )
    checked, moving, to_do = PartState.CHECKED, PartState.IN_FLIGHT, PartState.TO_DO
    assert parts_of(job).cells == (checked, checked, moving, to_do, checked, checked)
    assert parts_of(job).arrived == 4


def test_a_part_that_arrived_in_part_only_is_not_shown_as_there() -> None:
    job = replace(a_job("j", JobState.SENDING, size=3 * PART_SIZE, sent=PART_SIZE), acked=[(512, PART_SIZE)])
    assert PartState.CHECKED not in parts_of(job).cells
    assert parts_of(job).arrived == 0


def test_a_transfer_that_may_not_send_now_says_so() -> None:
    job = replace(a_job("j", JobState.SENDING, size=4 * PART_SIZE, sent=PART_SIZE), held=True)
    row = row_of(job, group=Group.ACTIVE, seconds_left=None, zone=UTC)
    assert row.line == "Nothing is sent at this time: see Settings, Bandwidth. 8.4 of 34 MB sent."


@given(size=st.integers(0, 1 << 44), share=st.floats(0, 1))
def test_the_map_is_bounded_and_never_shows_more_than_arrived(size: int, share: float) -> None:
    job = a_job("j", JobState.SENDING, size=size, sent=int(size * share))
    mapping = parts_of(job)
    assert len(mapping.cells) <= MAX_CELLS
    assert mapping.cells.count(PartState.CHECKED) * mapping.parts_per_cell <= max(
        mapping.arrived + mapping.parts_per_cell, 0
    )
    assert mapping.arrived <= mapping.whole


def test_a_screen_reader_hears_quarters_and_changes_of_state() -> None:
    at_24 = a_job("j", JobState.SENDING, size=100, sent=24)
    at_26 = a_job("j", JobState.SENDING, size=100, sent=26)
    at_30 = a_job("j", JobState.SENDING, size=100, sent=30)
    done = a_job("j", JobState.VERIFIED, size=100, sent=100)
    heard = [announcement(*pair) for pair in ((None, at_24), (at_24, at_26), (at_26, at_30), (at_30, done))]
    assert heard == ["", "j.zip: 25 %", "", "j.zip: Verified"]


def waiting(name: str, *, place: int, priority: int = 0) -> Job:
    return replace(a_job(name, JobState.WAITING), place=place, priority=priority)


def test_what_waits_stands_in_the_order_in_which_it_is_sent() -> None:
    jobs = [
        waiting("a", place=2),
        a_job("s", JobState.SENDING),
        waiting("b", place=3, priority=1),
        waiting("c", place=1),
    ]
    assert [job.id for job in in_order(jobs, now=NOW, zone=UTC)] == ["b", "s", "c", "a"]


def test_a_place_is_changed_among_those_of_one_priority_only() -> None:
    jobs = [waiting("x", place=9, priority=1), *(waiting(name, place=n) for n, name in enumerate("abc"))]
    assert [neighbour(jobs, name, up=True) for name in "xabc"] == [None, None, "a", "b"]
    assert [neighbour(jobs, name, up=False) for name in "xabc"] == [None, "c", "", None]
    assert neighbour(jobs, "gone", up=True) is None


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-25T{text}").replace(tzinfo=UTC)


def test_the_use_of_each_half_hour_is_its_mean_rate() -> None:
    day = DayUse()
    for minute in range(10, 70):
        for second in (0, 20, 40):
            day.add(3_000_000, at=at(f"{minute // 60:02}:{minute % 60:02}:{second:02}"))
    rates = day.rates(now=at("01:10:00"))
    assert rates[0] == pytest.approx(2_000_000, rel=0.02)
    assert rates[1] == pytest.approx(3_000_000, rel=0.02)
    assert rates[2] == pytest.approx(3_000_000, rel=0.05)
    assert rates[3] == 0


def test_a_silence_counts_for_nothing_and_a_new_day_begins_empty() -> None:
    day = DayUse()
    day.add(1_000_000, at=at("08:00:00"))
    day.add(1_000_000, at=at("09:20:00"))
    assert day.rates(now=at("09:59:00"))[18] == pytest.approx(30 * 1_000_000 / 1800)
    assert set(day.rates(now=at("09:59:00") + timedelta(days=1))) == {0.0}


@pytest.mark.parametrize(
    ("rate_now", "rate", "words"),
    [
        (16_000_000, 14_200_000, "14.2 MB/s of 16 MB/s now · no limit from 18:00"),
        (None, 0, "nothing now, no limit · no limit from 18:00"),
        (0, 0, "nothing is sent now · no limit from 18:00"),
    ],
)
def test_what_holds_now_and_what_comes_is_said(rate_now: int | None, rate: float, words: str) -> None:
    limits = TransferLimits(hours=[LimitHours([0, 1, 2, 3, 4], "07:00", "18:00", 16_000_000)])
    shown = LimitsShown(limits, LimitsFrom.PERSON, fixed=False, rate_now=rate_now)
    assert strip_words(shown, rate=rate, now=at("14:20:00")) == words
