"""Bytes that another program's limiter lends: one sum, exact and fair, and nobody is held up for long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.errors import UnreachableError
from app.transfer import Limiter, Limits
from app.transfer.purse import Purse
from tests.peers.fake_pace import FakePace

BLOCK = 16 * 1024
RATE = 2_000_000


def go_on() -> None:
    """Nothing ends the wait."""


def at_once(call: Callable[[], None]) -> None:
    call()


class Two:
    """A program that sends under its own limiter, and one beside it that fetches by what it is lent."""

    def __init__(self, *, rate: int | None = RATE) -> None:
        self.pace = FakePace(alone=True)
        self.lender = Limiter(Limits(rate), pace=self.pace)
        self.sending, self.lent_to = self.lender.flow(), self.lender.flow()
        self.away = False
        self.asked: list[int] = []
        purse = Purse(self.lend, beside=at_once, pace=self.pace)
        self.borrower = Limiter(Limits(rate), pace=self.pace, lender=purse)
        self.fetching = self.borrower.flow()

    def lend(self, count: int) -> int | None:
        self.asked.append(count)
        if self.away:
            raise UnreachableError("Away", happened="Gone.", todo="Wait.", code="CF-1510")
        if self.lender.rate_now() is None:
            return None
        self.lent_to.take(count, going=go_on)
        return count

    def move(self, seconds: float, *, sends: bool = True, fetches: bool = True) -> tuple[int, int]:
        """What each moves when it always has something."""
        sent, fetched, until = 0, 0, self.pace.now() + seconds
        while self.pace.now() < until:
            if sends and (sent <= fetched or not fetches):
                self.sending.take(BLOCK, going=go_on)
                sent += BLOCK
            if (fetches and fetched <= sent) or not sends:
                self.fetching.take(BLOCK, going=go_on)
                fetched += BLOCK
        return sent, fetched


def test_both_together_have_the_limit_to_five_percent_over_ten_seconds() -> None:
    sent, fetched = Two().move(10)
    assert sent + fetched == pytest.approx(10 * RATE, rel=0.05)


def test_what_one_does_not_use_is_the_others() -> None:
    two = Two()
    assert two.move(10, sends=False)[1] == pytest.approx(10 * RATE, rel=0.05)
    assert two.move(10, fetches=False)[0] == pytest.approx(10 * RATE, rel=0.05)


def test_the_lender_counts_what_it_lent_and_is_not_asked_for_every_block() -> None:
    two = Two()
    fetched = two.move(10, sends=False)[1]
    assert two.lender.moved == sum(two.asked)
    assert 0 <= two.lender.moved - fetched <= RATE / 4
    assert len(two.asked) <= 10 * 8 + 2


def test_a_lender_that_is_gone_leaves_the_own_limit_and_is_asked_again_later() -> None:
    two = Two()
    two.away = True
    assert two.move(20, sends=False)[1] == pytest.approx(20 * RATE, rel=0.05)
    assert 3 <= len(two.asked) <= 6


def test_a_lender_that_never_answers_is_waited_for_once() -> None:
    pace, asked = FakePace(alone=True), []
    purse = Purse(lambda _count: 0, beside=asked.append, pace=pace)
    began = pace.now()
    for _ in range(100):
        purse.draw(BLOCK, rate=RATE, going=go_on)
    assert len(asked) == 1
    assert pace.now() - began == pytest.approx(3, abs=0.2)


def test_what_ends_the_waiting_ends_it() -> None:
    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    with pytest.raises(EndedError):
        Purse(lambda _count: 0, beside=at_once, pace=FakePace(alone=True)).draw(BLOCK, rate=RATE, going=end)


def test_what_was_lent_long_ago_is_not_moved_at_once_later() -> None:
    two = Two()
    two.fetching.take(BLOCK, going=go_on)
    before = len(two.asked)
    two.pace.seconds += 60
    two.fetching.take(BLOCK, going=go_on)
    assert len(two.asked) > before


def test_without_a_limit_nobody_is_asked() -> None:
    two = Two(rate=None)
    two.fetching.take(BLOCK, going=go_on)
    assert two.asked == []


def test_a_turn_that_is_given_up_costs_nothing() -> None:
    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    pace = FakePace(alone=True)
    limiter = Limiter(Limits(RATE), pace=pace)
    flow = limiter.flow()
    flow.take(BLOCK, going=go_on)
    moved, finished = limiter.moved, flow.finished
    with pytest.raises(EndedError):
        flow.take(BLOCK, going=end)
    assert (limiter.moved, flow.finished) == (moved, finished)
