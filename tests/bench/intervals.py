"""How sure a median is: an interval that assumes nothing of how the measurements are spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True, slots=True)
class Interval:
    """A median, and where the true one lies.

    Attributes:
        confidence: that it lies from `low` to `high`; below what was asked for when there are too few values.
    """

    median: float
    low: float
    high: float
    confidence: float


def median_interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """The narrowest interval between two of the values, as far from either end, that is so sure.

    Each value is above the true median as often as below it: how many are follows the binomial distribution.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values have no median")
    ordered, count = sorted(values), len(values)
    left_out, sure = 0, _sure(count, 0)
    while 2 * (left_out + 1) < count and _sure(count, left_out + 1) >= confidence:
        left_out += 1
        sure = _sure(count, left_out)
    return Interval(statistics.median(ordered), ordered[left_out], ordered[count - 1 - left_out], sure)


def _sure(count: int, left_out: int) -> float:
    """The confidence of the interval that leaves out so many values at either end."""
    return 1.0 - 2.0 * sum(comb(count, below) for below in range(left_out + 1)) / 2.0**count
