"""The week's grid: what the limits are at each hour, and the limits that a grid stands for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agentlink import LimitHours, LimitsFrom, LimitsShown, TransferLimits
from ui.pages.settings.week import (
    DAYS,
    HOURS,
    PRESETS,
    Block,
    grid_of,
    is_whole,
    limit_line,
    limit_words,
    limits_of,
    next_change,
    shade_of,
    with_block,
)

MB = 1_000_000
OFFICE = TransferLimits(
    rate=None,
    hours=[
        LimitHours([0, 1, 2, 3, 4], "09:00", "12:00", 8 * MB),
        LimitHours([0, 1, 2, 3, 4], "07:00", "18:00", 16 * MB),
    ],
    connections=4,
)
CELLS = st.tuples(st.integers(0, DAYS - 1), st.integers(0, HOURS - 1))
BLOCKS = st.builds(Block.between, CELLS, CELLS)
RATES = st.sampled_from([*PRESETS, 250_000])


def test_the_first_rule_that_covers_an_hour_wins() -> None:
    grid = grid_of(OFFICE)
    assert [grid[0][hour] for hour in (6, 7, 9, 11, 12, 17, 18)] == [
        None,
        16 * MB,
        8 * MB,
        8 * MB,
        16 * MB,
        16 * MB,
        None,
    ]
    assert set(grid[5]) == {None}


def test_a_rule_over_midnight_reaches_into_the_next_day() -> None:
    grid = grid_of(TransferLimits(hours=[LimitHours([6], "22:00", "02:00", 0)]))
    assert [grid[6][23], grid[0][1], grid[0][2]] == [0, 0, None]


@given(st.lists(st.tuples(BLOCKS, RATES), max_size=6))
def test_limits_say_again_what_the_grid_shows(changes: list[tuple[Block, int | None]]) -> None:
    grid = grid_of(TransferLimits())
    for block, rate in changes:
        grid = with_block(grid, block, rate)
    assert grid_of(limits_of(grid, beside=TransferLimits())) == grid


def test_days_with_the_same_hours_share_a_rule_and_what_the_grid_does_not_show_is_kept() -> None:
    grid = with_block(grid_of(OFFICE), Block(0, 4, 9, 11), 16 * MB)
    assert limits_of(grid, beside=OFFICE) == TransferLimits(
        rate=None, hours=[LimitHours([0, 1, 2, 3, 4], "07:00", "18:00", 16 * MB)], connections=4
    )


def test_rules_within_an_hour_are_known() -> None:
    assert is_whole(OFFICE)
    assert not is_whole(TransferLimits(hours=[LimitHours([0], "08:30", "18:00", 0)]))


def test_a_block_is_said_as_people_say_it() -> None:
    assert Block.between((4, 11), (0, 9)).words == "Mon–Fri 09:00–12:00"
    assert Block(2, 2, 23, 23).words == "Wed 23:00–24:00"


@pytest.mark.parametrize(
    ("rate", "shade", "words"),
    [
        (0, 0, "No uploads"),
        (250_000, 1, "250 KB/s"),
        (8 * MB, 1, "8 MB/s"),
        (12_500_000, 2, "12.5 MB/s"),
        (16 * MB, 2, "16 MB/s"),
        (40 * MB, 3, "40 MB/s"),
        (10**10, 3, "10 GB/s"),
        (None, 4, "no limit"),
    ],
)
def test_a_limit_has_its_shade_and_its_words(rate: int | None, shade: int, words: str) -> None:
    assert (shade_of(rate), limit_words(rate)) == (shade, words)


def test_the_next_change_may_be_after_the_week_has_ended() -> None:
    grid = grid_of(OFFICE)
    assert next_change(grid, day=4, hour=18) == (0, 7, 16 * MB)
    assert next_change(grid_of(TransferLimits()), day=0, hour=0) is None


@pytest.mark.parametrize(
    ("at", "rate_now", "line"),
    [
        ("2026-11-25T14:20", 16 * MB, "Limit 16 MB/s until 18:00"),
        ("2026-11-25T18:20", None, "No limit until Thu 07:00"),
        ("2026-11-27T19:00", None, "No limit until Mon 07:00"),
        ("2026-11-25T14:20", 0, "Nothing is sent"),
    ],
)
def test_the_limit_of_this_moment_is_said(at: str, rate_now: int | None, line: str) -> None:
    shown = LimitsShown(OFFICE, LimitsFrom.PERSON, fixed=False, rate_now=rate_now)
    assert limit_line(shown, now=datetime.fromisoformat(at).replace(tzinfo=UTC)) == line
