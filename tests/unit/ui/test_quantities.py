"""Sizes, rates, counts and spans as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ui.widgets.moments import both_zones_text, date_text, moment_text
from ui.widgets.quantities import (
    clock_span_text,
    count_text,
    digest_text,
    plural,
    progress_text,
    rate_text,
    size_text,
    span_text,
)

NOW = datetime(2023, 6, 14, 14, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (4_000, "4 KB"),
        (214_300, "214 KB"),
        (999_600, "1.0 MB"),
        (1_100_000, "1.1 MB"),
        (9_960_000, "10 MB"),
        (612_000_000, "612 MB"),
        (3_900_000_000, "3.9 GB"),
        (14_200_000_000, "14.2 GB"),
    ],
)
def test_sizes_use_the_unit_that_reads_best(size: int, text: str) -> None:
    assert size_text(size) == text


def test_progress_uses_the_unit_of_the_whole() -> None:
    assert progress_text(96_000_000, 801_000_000) == "96 of 801 MB"
    assert progress_text(3_100_000_000, 6_400_000_000) == "3.1 of 6.4 GB"


def test_progress_never_says_more_than_the_whole() -> None:
    assert progress_text(7e9, 6.4e9) == "6.4 of 6.4 GB"


@pytest.mark.parametrize(
    ("rate", "text"), [(0, ""), (800_000, "800 KB/s"), (11_800_000, "11.8 MB/s"), (182_000_000, "182 MB/s")]
)
def test_rates(rate: float, text: str) -> None:
    assert rate_text(rate).replace(".0", "") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (38, "38 s"),
        (65, "1 min 5 s"),
        (280, "4 min 40 s"),
        (7_500, "2 h 5 min"),
        (5 * 86_400 + 3_600, "5 d 1 h"),
        (86_400, "1 d"),
    ],
)
def test_spans_have_at_most_two_units(seconds: float, text: str) -> None:
    assert span_text(seconds) == text
    assert span_text(timedelta(seconds=seconds)) == text


def test_a_countdown_is_written_as_a_clock() -> None:
    assert clock_span_text(280) == "4:40"
    assert clock_span_text(3_880) == "1:04:40"


def test_counts_are_grouped_by_thin_spaces_and_agree_in_number() -> None:
    assert count_text(3_418) == "3\u2009418"
    assert plural(1, "file", "files") == "1 file"
    assert plural(14, "file", "files") == "14 files"


def test_a_digest_is_cut_to_its_ends() -> None:
    assert digest_text("9c1f" + "0" * 56 + "e07a") == "9c1f…e07a"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOW.replace(hour=14, minute=20), "today 14:20"),
        (NOW + timedelta(days=1), "tomorrow 14:32"),
        (datetime(2023, 6, 9, 16, 20, tzinfo=UTC), "9 Jun 16:20"),
        (datetime(2022, 6, 9, 16, 20, tzinfo=UTC), "9 Jun 2022 16:20"),
    ],
)
def test_moments_are_relative_to_the_reader(at: datetime, text: str) -> None:
    assert moment_text(at, now=NOW, zone=UTC) == text


def test_a_date_has_its_year_only_when_it_differs() -> None:
    assert date_text(NOW, now=NOW, zone=UTC) == "14 Jun"
    assert date_text(NOW.replace(year=2024), now=NOW, zone=UTC) == "14 Jun 2024"


def test_both_zones_stand_in_the_tooltip() -> None:
    assert both_zones_text(NOW, zone=UTC) == "14 Jun 2023 14:32 here, 14:32 UTC"
