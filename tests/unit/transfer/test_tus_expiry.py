"""Until when a tus server keeps an unfinished upload."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from app.transfer.tus_expiry import Expiries, seconds_left

NOW = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
NOON = "Sat, 28 Nov 2026 12:00:00 GMT"
LATER = "Sat, 28 Nov 2026 12:30:00 GMT"
URL = "https://portal.example/uploads/1"


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def expiries(hand: Hand) -> Expiries:
    return Expiries(monotonic=hand, wall=lambda: NOW)


def test_the_time_left_is_measured_on_the_servers_clock() -> None:
    wrong = datetime(2031, 1, 1, tzinfo=UTC)
    assert seconds_left({"upload-expires": LATER, "date": NOON}, now=wrong) == 1800.0


def test_without_a_date_this_machines_clock_counts() -> None:
    assert seconds_left({"upload-expires": LATER}, now=NOW) == 1800.0


@pytest.mark.parametrize("said", ["", "soon", "Sat, 99 Nov 2026 12:30:00 GMT"])
def test_what_is_no_date_says_nothing(said: str) -> None:
    assert seconds_left({"upload-expires": said, "date": NOON}, now=NOW) is None


def test_an_answer_without_it_leaves_what_is_known(expiries: Expiries, hand: Hand) -> None:
    expiries.note(URL, {"upload-expires": LATER, "date": NOON})
    hand.seconds += 600
    expiries.note(URL, {"date": NOON})
    assert expiries.left(URL) == 1200.0


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (600, "upload 0 expires in 1200 s"),
        (2400, "upload 0 has expired 600 s ago: it may have to begin anew"),
    ],
)
def test_what_is_over_or_about_to_be_is_told_before_it_is_asked_for(
    expiries: Expiries, hand: Hand, caplog: pytest.LogCaptureFixture, passed: float, said: str
) -> None:
    expiries.note(URL, {"upload-expires": LATER, "date": NOON})
    hand.seconds += passed
    with caplog.at_level(logging.INFO, logger="app.transfer.tus_expiry"):
        expiries.tell([URL, "https://portal.example/uploads/2"])
    assert [record.getMessage() for record in caplog.records] == [said]
