"""How many bytes are let gather: many where they come quickly, none where they may not come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.lowwater import LowWater

MIB = 1 << 20
MUCH = 1 << 40


def test_a_quick_way_is_waited_for_by_the_mib() -> None:
    assert LowWater().mark(left=MUCH, most=MIB) == MIB


def test_no_more_is_waited_for_than_can_be_taken_at_once() -> None:
    assert LowWater().mark(left=MUCH, most=256 << 10) == 256 << 10


def test_a_way_that_misses_a_mib_is_waited_for_by_the_quarter() -> None:
    water = LowWater()
    water.missed(MIB, left=MUCH)
    assert water.mark(left=MUCH, most=MIB) == 256 << 10


def test_on_a_slow_way_each_byte_counts() -> None:
    water = LowWater()
    water.missed(MIB, left=MUCH)
    water.missed(256 << 10, left=MUCH)
    assert water.mark(left=MUCH, most=MIB) == 1


def test_a_way_that_stood_still_once_is_tried_again_later() -> None:
    water = LowWater()
    water.missed(MIB, left=MUCH)
    water.missed(256 << 10, left=MUCH)
    assert water.mark(left=MUCH - 63 * MIB, most=MIB) == 1
    assert water.mark(left=MUCH - 65 * MIB, most=MIB) == MIB


@given(left=st.integers(0, 4 * MIB), most=st.integers(1, 2 * MIB), missed=st.lists(st.integers(1, MIB)))
def test_what_may_never_come_is_not_waited_for(left: int, most: int, missed: list[int]) -> None:
    water = LowWater()
    for mark in missed:
        water.missed(mark, left=left)
    mark = water.mark(left=left, most=most)
    assert mark == 1 or (mark <= most and 2 * mark < left)
