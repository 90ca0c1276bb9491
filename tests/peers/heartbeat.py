"""Measures how long the GUI thread is held at a stretch, by computing or by waiting, in our code."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import Qt, QTimer

import app

LONGEST_GAP = 0.100
"""Seconds; more is felt."""
_BEAT_MS = 5
_SAMPLE_S = 0.010
_LATE_S = 0.030
_ROOT = Path(app.__file__).parent.parent
OUR_CODE = (_ROOT / "ui", _ROOT / "app")


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a look at the events.

    Attributes:
        wall: seconds on the clock.
        cpu: seconds the GUI thread computed meanwhile.
        queued: seconds it was able to run and the machine gave it no processor.
        samples: what its stack was, innermost of our code first; empty where none of our code was in it.
    """

    wall: float
    cpu: float
    queued: float
    samples: tuple[str, ...]

    @property
    def ours(self) -> float:
        """The seconds our code answers for.

        All that was computed counts, whoever called it. Waiting counts by the share of samples that found our
        code: a machine that is busy with others, and a test that waits itself, hold nobody up.
        """
        found = sum(1 for sample in self.samples if sample)
        waited = (self.wall - self.queued) * found / len(self.samples) if self.samples else 0.0
        return max(self.cpu, waited)


class Heartbeat:
    """``with Heartbeat() as heart: …`` then ``heart.longest``: the longest gap of our making, in seconds.

    A beat every 5 ms in the GUI thread; a thread beside it looks at the GUI thread's stack while a beat is
    late.
    """

    def __init__(self, *, ours: tuple[Path, ...] = OUR_CODE) -> None:
        self.worst = Gap(0.0, 0.0, 0.0, ())
        self.beats = 0
        self._ours = tuple(f"{folder}/" for folder in ours)
        self._gui = threading.get_ident()
        self._queue_file = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._samples: list[str] = []
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look, name="heartbeat", daemon=True)
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._mark()

    @property
    def longest(self) -> float:
        """Seconds of the longest gap of our making."""
        return self.worst.ours

    def __enter__(self) -> Heartbeat:
        self.begin()
        self._timer.start()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beat()
        self._timer.stop()
        self._ended.set()
        self._watch.join()

    def begin(self) -> None:
        """Forget what was until now."""
        self.worst = Gap(0.0, 0.0, 0.0, ())
        self._mark()

    def assert_smooth(self) -> None:
        """Fail when a gap was felt, and say where the thread was."""
        assert self.longest < LONGEST_GAP, (
            f"the GUI thread was held for {self.longest * 1000:.0f} ms"
            f" ({self.worst.cpu * 1000:.0f} ms computed) in: {sorted(set(self.worst.samples)) or 'Qt'}"
        )

    def _mark(self) -> None:
        self._samples = []
        self._cpu, self._queued = time.thread_time(), self._queued_seconds()
        self._last = time.perf_counter()

    def _beat(self) -> None:
        samples, last = self._samples, self._last
        cpu, queued = self._cpu, self._queued
        self._mark()
        gap = Gap(
            self._last - last, max(self._cpu - cpu, 0.0), max(self._queued - queued, 0.0), tuple(samples)
        )
        self.beats += 1
        if gap.ours > self.worst.ours:
            self.worst = gap

    def _queued_seconds(self) -> float:
        """Linux counts it per thread; elsewhere nothing is known and nothing is taken off."""
        try:
            return int(self._queue_file.read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def _look(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            samples = self._samples
            if time.perf_counter() - self._last > _LATE_S:
                samples.append(self._place(sys._current_frames().get(self._gui)))

    def _place(self, frame: FrameType | None) -> str:
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(self._ours):
                return f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_qualname}"
            frame = frame.f_back
        return ""
