"""A download goes on while the server is away, and at once when the network is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.errors import RefusedError, UnreachableError, WorldError
from app.transfer import Control, Limiter, Limits, RetryPolicy, Stopped
from app.transfer.downloads import broken_on_stop, keep_on
from tests.peers.fake_pace import FakePace


class Away:
    """A server that is away as often as it is told to, and sends a byte more each time; also the network.

    Attributes:
        back_at: the second at which the way to it is another one.
    """

    def __init__(self, *, failures: int, grows: bool = True, asked: float | None = None) -> None:
        self.failures, self.grows, self.asked = failures, grows, asked
        self.back_at = 1e9
        self.seconds = 0.0
        self.calls = 0
        self.shown: list[float] = []

    def attempt(self, tell: Callable[[int, int], None]) -> str:
        self.calls += 1
        tell(self.calls if self.grows else 0, 3)
        if self.calls <= self.failures:
            raise UnreachableError(
                "Away", happened="Cut.", todo="Again.", code="CF-1510", retry_after=self.asked
            )
        return "here"

    def way(self, place: str) -> str:
        assert place == "https://portal.example"
        return "10.0.0.7" if self.seconds >= self.back_at else ""

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def waiting(self, error: WorldError, left: float | None) -> None:
        assert error.code == "CF-1510"
        assert left is not None
        self.shown.append(left)

    def run(self, policy: RetryPolicy) -> str:
        return keep_on(
            self.attempt,
            policy=policy,
            limiter=Limiter(Limits()),
            tell=lambda _done, _whole: None,
            waiting=self.waiting,
            place="https://portal.example",
            network=self,
            monotonic=lambda: self.seconds,
            wait=self.wait,
        )


def fixed(seconds: float, *, give_up_after: float = 10) -> RetryPolicy:
    return RetryPolicy(first=seconds, longest=seconds, give_up_after=give_up_after, draw=lambda: 1.0)


def test_a_server_that_is_away_is_waited_for_as_long_as_something_comes() -> None:
    away = Away(failures=50)
    assert away.run(fixed(8)) == "here"
    assert away.seconds == 50 * 8


def test_it_gives_up_when_nothing_comes_for_long_enough() -> None:
    away = Away(failures=50, grows=False)
    with pytest.raises(UnreachableError):
        away.run(fixed(8))
    assert away.calls == 3


def test_a_network_that_is_back_ends_the_wait() -> None:
    away = Away(failures=1)
    away.back_at = 3
    assert away.run(fixed(300, give_up_after=3600)) == "here"
    assert away.seconds == 3


def test_what_the_server_asked_for_is_waited_for_all_the_same() -> None:
    away = Away(failures=1, asked=40)
    away.back_at = 3
    assert away.run(fixed(300, give_up_after=3600)) == "here"
    assert away.seconds == 40


def test_who_looks_is_told_how_long_it_takes() -> None:
    away = Away(failures=1)
    away.run(fixed(2.5))
    assert away.shown == [2.5, 1.5, 0.5]


class Shut:
    """Hours in which nothing may be fetched, from a second to another; the limiter goes by the same time."""

    def __init__(self, first: float, end: float) -> None:
        self.pace = FakePace()
        self.began = self.pace.seconds
        self.limiter = Limiter(
            Limits(only_idle=True), pace=self.pace, idle=lambda: not first <= self.passed < end
        )
        self.shown: list[tuple[str, float | None]] = []
        self.told: list[int] = []

    @property
    def passed(self) -> float:
        return self.pace.seconds - self.began

    def wait(self, seconds: float) -> None:
        self.pace.seconds += seconds

    def run(
        self, attempt: Callable[[Callable[[int, int], None]], str], *, here: Callable[[], bool] | None = None
    ) -> str:
        return keep_on(
            attempt,
            policy=fixed(1),
            here=here or (lambda: False),
            limiter=self.limiter,
            tell=lambda done, _whole: self.told.append(done),
            waiting=lambda error, left: self.shown.append((error.code, left)),
            monotonic=lambda: self.pace.seconds,
            wait=self.wait,
        )


def test_in_hours_in_which_nothing_may_be_fetched_nothing_is_opened_and_it_says_why() -> None:
    shut = Shut(0, 30)
    began: list[float] = []

    def attempt(_tell: Callable[[int, int], None]) -> str:
        began.append(shut.passed)
        return "here"

    assert shut.run(attempt) == "here"
    assert began == [30]
    assert set(shut.shown) == {("CF-1251", None)}


def test_hours_that_begin_while_it_arrives_are_told_until_bytes_come_again() -> None:
    shut = Shut(5, 15)

    def attempt(tell: Callable[[int, int], None]) -> str:
        tell(1, 3)
        shut.wait(6)
        tell(1, 3)
        shut.wait(10)
        tell(2, 3)
        return "here"

    shut.run(attempt)
    assert (shut.shown, shut.told) == ([("CF-1251", None)], [1, 2])


def test_what_has_all_arrived_is_not_held_by_the_hours() -> None:
    shut = Shut(5, 15)

    def attempt(tell: Callable[[int, int], None]) -> str:
        tell(3, 3)
        shut.wait(6)
        tell(3, 3)
        return "here"

    shut.run(attempt)
    assert shut.shown == []


def test_what_an_earlier_call_left_whole_is_not_held_by_the_hours_at_the_start() -> None:
    shut = Shut(0, 15)
    assert shut.run(lambda _tell: "here", here=lambda: True) == "here"
    assert (shut.shown, shut.passed) == ([], 0)


def test_what_has_all_arrived_is_not_held_by_the_hours_after_a_cut() -> None:
    shut = Shut(5, 60)
    calls = 0

    def attempt(tell: Callable[[int, int], None]) -> str:
        nonlocal calls
        calls += 1
        tell(3, 3)
        if calls == 1:
            shut.wait(6)
            raise UnreachableError("Cut", happened="Cut.", todo="Again.", code="CF-1510")
        return "here"

    shut.run(attempt)
    assert {code for code, _left in shut.shown} == {"CF-1510"}


def test_what_waiting_does_not_mend_is_raised_at_once() -> None:
    def refused(_tell: Callable[[int, int], None]) -> str:
        raise RefusedError("No", happened="It says no.", todo="Ask.", code="CF-1210")

    with pytest.raises(RefusedError):
        keep_on(refused, policy=fixed(1), limiter=Limiter(Limits()), tell=lambda _done, _whole: None)


def test_who_is_asked_to_stop_does_not_try_again() -> None:
    control = Control()
    calls = 0

    def cut(_tell: Callable[[int, int], None]) -> str:
        nonlocal calls
        calls += 1
        control.stop()  # while it waits for the server, which then is cut
        raise UnreachableError("Cut", happened="Cut.", todo="Again.", code="CF-1510")

    with pytest.raises(Stopped):
        keep_on(
            cut, policy=fixed(1), limiter=Limiter(Limits()), tell=lambda _done, _whole: None, control=control
        )
    assert calls == 1


def test_a_stop_ends_what_arrives() -> None:
    control = Control()
    told: list[int] = []

    def arriving(tell: Callable[[int, int], None]) -> str:
        tell(1, 3)
        control.stop()
        tell(2, 3)
        return "here"

    with pytest.raises(Stopped):
        keep_on(
            arriving,
            policy=fixed(1),
            limiter=Limiter(Limits()),
            tell=lambda done, _whole: told.append(done),
            control=control,
        )
    assert told == [1]


def test_a_stop_breaks_off_every_connection_also_one_made_after_it() -> None:
    control, broken = Control(), list[str]()
    names = iter("abc")
    with broken_on_stop(lambda: next(names), control=control, break_off=broken.append) as connect:
        connect(), connect()
        assert broken == []
        control.stop()
        assert broken == ["a", "b"]
        connect()
    assert broken == ["a", "b", "c"]
