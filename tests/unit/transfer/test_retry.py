"""How long is waited."""

from __future__ import annotations

import errno
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer import RetryPolicy
from app.transfer.failures import from_os_error
from app.transfer.retry import has_no_connection, parse_retry_after

NOW = datetime(2026, 11, 24, 4, 0, 0, tzinfo=UTC)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_never_longer_than_the_longest(failures: int, drawn: float) -> None:
    assert 0 <= RetryPolicy(draw=lambda: drawn).wait(failures) <= 300


def test_the_longest_possible_wait_doubles_with_each_failure() -> None:
    policy = RetryPolicy(first=0.5, longest=300, draw=lambda: 1.0)
    assert [policy.wait(failures) for failures in (1, 2, 3, 4, 20)] == [0.5, 1, 2, 4, 300]


def test_where_no_connection_comes_about_it_is_tried_soon_again_and_later_once_a_minute() -> None:
    policy = RetryPolicy(draw=lambda: 1.0)
    assert [policy.wait(30, outage=seconds) for seconds in (0, 599, 600, 9e5)] == [10, 10, 60, 60]
    assert policy.wait(1, outage=0.0) == 0.5
    assert policy.wait(30, asked=120.0, outage=0.0) == 120.0


@pytest.mark.parametrize(
    "number", [errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ETIMEDOUT]
)
def test_a_server_to_which_there_is_no_way_is_looked_for(number: int) -> None:
    assert has_no_connection(from_os_error("portal:443", OSError(number, "no way")))


def test_a_server_that_hangs_up_is_there() -> None:
    assert not has_no_connection(from_os_error("portal:443", OSError(errno.ECONNRESET, "reset")))


def test_any_shorter_wait_is_as_likely() -> None:
    assert RetryPolicy(first=8, draw=lambda: 0.0).wait(1) == 0.0


def test_what_the_peer_asked_for_wins() -> None:
    assert RetryPolicy(draw=lambda: 1.0).wait(9, asked=7.0) == 7.0


def test_a_peer_that_always_says_at_once_is_not_asked_without_end() -> None:
    policy = RetryPolicy(first=0.5, longest=300, draw=lambda: 1.0)
    assert [policy.wait(failures, asked=0.0) for failures in (1, 2, 3, 20)] == [0.0, 1.0, 2.0, 300]


def test_a_peer_cannot_ask_for_ever() -> None:
    assert RetryPolicy(longest_asked=60).wait(1, asked=1e9) == 60


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 400, 999_999_999.0),
        ("Tue, 24 Nov 2026 04:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 03:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 04:01:30 -0000", 90.0),
        ("soon", None),
        ("-5", None),
        ("Mon, 01 Jan 99999999999999 00:00:00 GMT", None),
        ("Tue, 24 Nov 2026 04:01:30 +99999999999999999999", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_number_or_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=NOW) == seconds
