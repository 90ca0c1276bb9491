"""The time a transfer lives by; passed in, so that tests need not wait."""

from __future__ import annotations

import time
from typing import Protocol

from app.transfer.control import Control, Wish


class Clock(Protocol):
    """Two clocks and a way to wait that a `Control` ends."""

    def wall(self) -> float:
        """Seconds since 1970, for rows that other processes read."""

    def monotonic(self) -> float:
        """Seconds that never step, the same for all processes of this machine."""

    def wait(self, control: Control, *, wish: Wish, seconds: float) -> Wish:
        """Wait until `control` asks for something other than `wish`, at most `seconds`."""


class SystemClock:
    """The machine's own."""

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never step, the same for all processes."""
        return time.monotonic()

    def wait(self, control: Control, *, wish: Wish, seconds: float) -> Wish:
        """Wait on the control's condition."""
        return control.wait_for_change(wish, seconds=seconds)
