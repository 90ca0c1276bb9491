from __future__ import annotations

import pytest

from agent.service.claiming import RestedClaims


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.cost = 0.05
        self.asked: list[float] = []

    def __call__(self) -> float:
        return self.now

    def claim(self) -> int:
        self.asked.append(self.now)
        self.now += self.cost
        return 1


def test_what_was_closed_while_asking_rests_is_asked_for_when_the_rest_is_over() -> None:
    clock = Clock()
    claims = RestedClaims(clock.claim, clock=clock)
    assert claims.after_a_pass(closed=True) == (1, None)
    assert claims.after_a_pass(closed=False) == (0, None)
    made, again = claims.after_a_pass(closed=True)
    assert made == 0
    assert again == pytest.approx(1.0)
    clock.now += 1.0
    assert claims.after_a_pass(closed=False) == (1, None)


def test_many_passes_ask_for_five_percent_of_the_time_at_most() -> None:
    clock = Clock()
    claims = RestedClaims(clock.claim, clock=clock)
    while clock.now < 200.0:
        claims.after_a_pass(closed=True)
        clock.now += 0.02
    assert len(clock.asked) * clock.cost <= 0.05 * 100.0 + clock.cost
