"""A `Beat` that never interrupts."""

from __future__ import annotations

import threading


class Steady:
    """Looks at what it is told, and lets everything pass."""

    stride = 256 * 1024

    def leaving(self, count: int) -> None:
        assert count > 0

    def moved(self, count: int) -> None:
        assert count > 0

    def rest(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def remember(self, remote: str) -> None:
        raise AssertionError(f"the name never changes, but {remote} is to be remembered")
