"""Building many widgets a few at a time, so that the GUI thread looks at its events in between."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar

import shiboken6
from PySide6.QtCore import QObject, QTimer

TURN_S = 0.008
"""Seconds that the steps of one turn may take; Qt lays out and paints what they made on top of that."""


class ByTurns(QObject):
    """Does steps in their order: in each turn of the event loop as many as its time allows, at least one.

    What somebody looks at goes first, then what was begun first. The next one waits until it has ended: two
    never share a turn.
    """

    _line: ClassVar[list[ByTurns]] = []

    def __init__(self, owner: QObject, *, ticks: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(owner)
        self._ticks = ticks
        self._steps: deque[Callable[[], None]] = deque()
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._go_on)

    @property
    def under_way(self) -> bool:
        """Whether steps are left."""
        return bool(self._steps)

    def begin(self, steps: Iterable[Callable[[], None]], *, at_once: bool) -> None:
        """Do these steps instead of what is left; `at_once`: the first of them now, as somebody looks."""
        self.stop()
        self._steps.extend(steps)
        self._line[:] = [each for each in self._line if shiboken6.isValid(each)]
        if at_once:
            self._line.insert(0, self)
            self._do_some()
        else:
            self._line.append(self)
            self._turn.start()

    def stop(self) -> None:
        """Do no more steps."""
        self._turn.stop()
        self._steps.clear()
        if self in self._line:
            self._line.remove(self)

    def _go_on(self) -> None:
        if next(each for each in self._line if shiboken6.isValid(each)) is not self:
            self._turn.start()
        elif self._steps:
            self._do_some()
        else:
            self.stop()

    def _do_some(self) -> None:
        until = self._ticks() + TURN_S
        try:
            while self._steps:
                self._steps.popleft()()
                if self._ticks() >= until:
                    break
        finally:
            # Also behind the last one: what is next in line has no part in this turn.
            if self in self._line:
                self._turn.start()
