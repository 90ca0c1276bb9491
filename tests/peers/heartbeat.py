"""Measures how long the GUI thread was busy at a stretch."""

from __future__ import annotations

import time
from types import TracebackType

from PySide6.QtCore import Qt, QTimer

LONGEST_GAP = 0.100
"""Seconds; more is felt."""


class Heartbeat:
    """``with Heartbeat() as heart: …`` then ``heart.longest`` seconds between two beats."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.beats = 0
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Heartbeat:
        self._last = time.perf_counter()
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self.beats += 1
