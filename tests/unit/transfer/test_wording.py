"""Limits as people write them: read, written back, and refused with the reason."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InputError
from app.transfer import Hours, hours_words, parse_hours, parse_rate, parse_span, rate_words
from app.transfer.wording import LARGEST_RATE

RATES = st.none() | st.integers(0, LARGEST_RATE)
MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
DAYS = st.frozensets(st.integers(0, 6), min_size=1)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("2 MB/s", 2_000_000),
        ("500k", 500_000),
        ("1.5MiB/s", 1_572_864),
        ("250000", 250_000),
        ("8 b/s", 8),
        ("0", 0),
        ("none", None),
        ("No limit", None),
    ],
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: int | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-1", "2 mbit/s", "1e9", "9999 GB", "2 MB/h"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_rate(text)
    assert caught.value.code == "CF-1166"


@given(st.integers(0, 999_999))
def test_a_rate_of_thousands_is_read_back_as_it_was_written(thousands: int) -> None:
    assert parse_rate(rate_words(thousands * 1000)) == pytest.approx(thousands * 1000, rel=1e-5)


def test_office_hours_are_read() -> None:
    assert parse_hours("mon-fri 08:00-18:00 2 MB/s") == Hours(
        frozenset(range(5)), time(8), time(18), 2_000_000
    )


def test_days_may_pass_over_the_end_of_the_week() -> None:
    assert parse_hours("sat-mon 22:00-24:00 none").days == frozenset({5, 6, 0})


@given(DAYS, MINUTES, MINUTES, st.none() | st.sampled_from([0, 1000, 2_500_000]))
def test_hours_are_read_back_as_they_were_written(
    days: frozenset[int], begin: time, end: time, rate: int | None
) -> None:
    hours = Hours(days, begin, end, rate)
    assert parse_hours(hours_words(hours)) == hours


@pytest.mark.parametrize(
    "text",
    ["", "08:00-18:00 1MB", "mon 8-18 1MB", "mon 08:00 1MB", "xyz 08:00-18:00 1MB", "mon 08:00-25:00 0"],
)
def test_what_are_no_hours_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_hours(text)
    assert caught.value.code == "CF-1167"


@pytest.mark.parametrize(("text", "seconds"), [("15m", 900), ("30 s", 30), ("3d", 259_200), ("1.5h", 5400)])
def test_a_span_is_read(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "0s", "400d", "-1m", "5 weeks"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_span(text)
    assert caught.value.code == "CF-1168"
