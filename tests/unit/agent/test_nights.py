"""Sets of the night: one a night within local hours, also when clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.jobs import Night, When

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, UTC, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")]
TWO_TO_FIVE = Night(time(2), time(5))
HOUR = timedelta(hours=1)
CLOCK = st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))


@st.composite
def nights(draw: st.DrawFn) -> Night:
    begin = draw(CLOCK)
    return Night(begin, draw(CLOCK.filter(lambda at: at != begin)))


MOMENTS = st.datetimes(
    datetime.fromisoformat("2011-12-20"), datetime.fromisoformat("2027-01-01"), timezones=st.just(UTC)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("night", "day", "begin", "end"),
    [
        (TWO_TO_FIVE, date(2026, 1, 10), "2026-01-10T01:00Z", "2026-01-10T04:00Z"),
        (TWO_TO_FIVE, date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T03:00Z"),  # 02:00 is skipped
        (TWO_TO_FIVE, date(2026, 10, 25), "2026-10-25T00:00Z", "2026-10-25T04:00Z"),  # 02:00 is there twice
        (Night(time(22), time(4)), date(2026, 1, 10), "2026-01-10T21:00Z", "2026-01-11T03:00Z"),
        (Night(time(2, 15), time(2, 45)), date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T01:00Z"),
        (Night(time(2, 15), time(2, 45)), date(2026, 10, 25), "2026-10-25T00:15Z", "2026-10-25T00:45Z"),
    ],
)
def test_a_window_lies_where_local_clocks_show_its_hours(
    night: Night, day: date, begin: str, end: str
) -> None:
    window = night.window(day, zone=BERLIN)
    assert (window.begin, window.end) == (datetime.fromisoformat(begin), datetime.fromisoformat(end))


@given(
    night=nights(),
    zone=st.sampled_from(ZONES),
    start=MOMENTS,
    steps=st.lists(st.integers(1, 400), min_size=1, max_size=40),
)
def test_there_is_one_set_a_night_and_none_outside_its_hours(
    night: Night, zone: ZoneInfo, start: datetime, steps: list[int]
) -> None:
    when, last, now = When(every=None, night=night), None, start
    served = set()
    for minutes in steps:
        now += timedelta(minutes=minutes)
        due = when.due(last=last, now=now, zone=zone)
        window = night.window_at(now, zone=zone)
        assert due == (window is not None and window.begin not in served)
        if window is not None and due:
            served.add(window.begin)
            last = now


@given(
    night=nights(),
    zone=st.sampled_from(ZONES),
    now=MOMENTS,
)
def test_the_next_begin_is_a_moment_at_which_a_set_is_due(
    night: Night, zone: ZoneInfo, now: datetime
) -> None:
    following = night.next_begin(now, zone=zone)
    assert following > now
    assert When(every=None, night=night).due(last=now, now=following, zone=zone)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("2026-01-10T02:00", None, True),
        ("2026-01-10T01:59", None, False),
        ("2026-01-10T05:00", None, False),
        ("2026-01-10T03:00", "2026-01-10T02:00", False),
        ("2026-01-10T03:00", "2026-01-09T02:00", True),
        ("2026-01-10T03:00", "2026-01-06T02:00", True),  # nights were missed
        ("2026-01-10T12:00", "2026-01-06T02:00", False),
        ("2026-01-10T03:00", "2026-01-10T04:00", True),  # the clock was set back
    ],
)
def test_what_a_missed_night_left_waits_for_the_next(now: str, last: str | None, due: bool) -> None:
    when = When(every=None, night=TWO_TO_FIVE)
    assert when.due(last=None if last is None else at(last), now=at(now), zone=BERLIN) is due


def test_the_next_batch_of_a_rule_is_told() -> None:
    noon = at("2026-01-10T12:00")
    assert When(every=None, night=TWO_TO_FIVE).next_due(last=None, now=noon, zone=BERLIN) == at(
        "2026-01-11T02:00"
    )
    assert When(every=HOUR).next_due(last=noon - HOUR / 2, now=noon) == noon + HOUR / 2
    assert When(every=HOUR).next_due(last=noon - HOUR, now=noon) is None
    assert When(every=None).next_due(last=noon, now=noon) is None
