"""The interval of a median that benches print: as wide as it must be, and honest about too few rounds."""

from __future__ import annotations

import pytest

from tests.bench.intervals import median_interval


@pytest.mark.parametrize(
    ("count", "left_out", "confidence"),
    [(1, 0, 0.0), (5, 0, 0.9375), (6, 0, 0.96875), (9, 1, 0.9609375), (20, 5, 0.9586105)],
)
def test_as_many_values_are_left_out_as_the_tables_of_the_sign_test_say(
    count: int, left_out: int, confidence: float
) -> None:
    found = median_interval([float(number) for number in reversed(range(count))])
    assert (found.low, found.high) == (left_out, count - 1 - left_out)
    assert found.confidence == pytest.approx(confidence, abs=1e-6)


def test_the_median_is_that_of_the_values() -> None:
    assert median_interval([5.0, 1.0, 2.0, 100.0]).median == 3.5


def test_no_values_have_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        median_interval([])
