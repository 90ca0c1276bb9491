"""What a person sees of a running transfer."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from app.transfer.ranges import ByteRange
from app.transfer.states import TransferState

_MEMORY = 10.0
"""Seconds over which the rate is remembered: a second of silence does not make it jump."""

_SMALLEST_STEP = 0.05
_ETA_AFTER = 5.0
_ETA_OVER = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a transfer.

    Attributes:
        done: bytes sent, acknowledged or on the wire.
        acked: bytes that the peer said it has.
        rate: bytes per second, smoothed; 0 when nothing moves.
        eta: seconds to the last byte; None when nothing moves, and in the first five seconds.
        resumed: how many times it was resumed from a part of the file.
        error_code, error: why it waits; empty otherwise.
        retry_in: seconds to the next attempt; None when it does not wait.
        connections: that are open.
        acked_ranges, moving: for the part map: what the peer has, and the parts under way; in order.
    """

    state: TransferState
    done: int
    acked: int
    size: int
    rate: float
    eta: float | None
    resumed: int
    error_code: str = ""
    error: str = ""
    retry_in: float | None = None
    connections: int = 0
    acked_ranges: tuple[ByteRange, ...] = ()
    moving: tuple[ByteRange, ...] = ()


class RateMeter:
    """Bytes per second as an exponentially weighted mean over about ten seconds.

    In the first ten seconds it is the mean since the first byte, so that how it began does not weigh on it.
    """

    def __init__(self, *, now: float) -> None:
        self._last = self._began = self._first = now
        self._pending = 0
        self._rate: float | None = None
        self._guesses: deque[tuple[float, float]] = deque()

    def add(self, count: int, *, now: float) -> None:
        """`count` bytes moved until `now`."""
        self._pending += count
        elapsed = now - self._last
        if elapsed < _SMALLEST_STEP:
            return
        current = self._pending / elapsed
        if not self._rate:
            self._first = self._last
        weight = max(1.0 - math.exp(-elapsed / _MEMORY), elapsed / (now - self._first))
        self._rate = (self._rate or 0.0) + weight * (current - (self._rate or 0.0))
        self._last, self._pending = now, 0

    def reset(self, *, now: float) -> None:
        """Forget: the transfer stood still for a while."""
        self._last = self._began = now
        self._pending, self._rate = 0, None
        self._guesses.clear()

    @property
    def rate(self) -> float:
        """Bytes per second; 0 before the first measure."""
        return self._rate or 0.0

    def eta(self, left: int, *, now: float) -> float | None:
        """Seconds for `left` bytes: the median of what was guessed in the last half minute.

        None in the first five seconds, and when nothing moves.
        """
        if not self._rate:
            return None
        # A guess is when it ends, not how long it takes: so that old ones stay true.
        self._guesses.append((now, now + left / self._rate))
        while now - self._guesses[0][0] > _ETA_OVER:
            self._guesses.popleft()
        if now - self._began < _ETA_AFTER:
            return None
        from statistics import median  # large: who sends nothing does without

        return max(0.0, median(end for _at, end in self._guesses) - now)
