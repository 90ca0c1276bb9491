"""How many bytes are let gather before somebody is woken for them."""

from __future__ import annotations

_MARKS = (1 << 20, 256 << 10)
"""Bytes, the most first: waking a thread a quarter as often saves a twentieth of its CPU."""

_ALL = _MARKS[0] + 1
_AGAIN = 64 << 20


class LowWater:
    """The mark of one connection: each time a thread is woken costs; what does not come is not waited for.

    A mark that was missed is not set again soon: a way on which a MiB does not come in time may be quick
    enough for a quarter of it. At the beginning of a connection every way is slow, and any may stand still
    for a moment: after 64 MiB all of them are tried again.
    """

    def __init__(self) -> None:
        self._below = _ALL
        self._again = 0

    def mark(self, *, left: int, most: int) -> int:
        """Bytes that are to be there before anybody is woken; 1: each counts.

        Args:
            left: bytes that are still to come at least: never more than half of them are waited for.
            most: bytes that can be taken at once.
        """
        if left < self._again:
            self._below, self._again = _ALL, 0
        for mark in _MARKS:
            if mark < self._below and mark <= most and 2 * mark < left:
                return mark
        return 1

    def missed(self, mark: int, *, left: int) -> None:
        """So many did not come in time, when `left` were still to come."""
        self._below = min(self._below, mark)
        self._again = left - _AGAIN
