"""What a person sees of a running transfer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.transfer.states import TransferState

_MEMORY = 10.0
"""Seconds over which the rate is remembered: a second of silence does not make it jump."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One look at a transfer.

    Attributes:
        done: bytes sent, acknowledged or on the wire.
        acked: bytes that the peer said it has.
        rate: bytes per second, smoothed; 0 when nothing moves.
        eta: seconds to the last byte; None when nothing moves.
        resumed: how many times it was resumed from a part of the file.
        error_code, error: why it waits; empty otherwise.
        retry_in: seconds to the next attempt; None when it does not wait.
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


class RateMeter:
    """Bytes per second as an exponentially weighted mean over about ten seconds."""

    def __init__(self, *, now: float) -> None:
        self._last = now
        self._pending = 0
        self._rate: float | None = None

    def add(self, count: int, *, now: float) -> None:
        """`count` bytes moved until `now`."""
        self._pending += count
        elapsed = now - self._last
        if elapsed < 0.05:
            return
        current = self._pending / elapsed
        weight = 1.0 - math.exp(-elapsed / _MEMORY)
        self._rate = current if self._rate is None else self._rate + weight * (current - self._rate)
        self._last, self._pending = now, 0

    def reset(self, *, now: float) -> None:
        """Forget: the transfer stood still for a while."""
        self._last, self._pending, self._rate = now, 0, None

    @property
    def rate(self) -> float:
        """Bytes per second; 0 before the first measure."""
        return self._rate or 0.0

    def eta(self, left: int) -> float | None:
        """Seconds for `left` bytes at this rate."""
        return left / self._rate if self._rate else None
