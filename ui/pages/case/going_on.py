"""A download that was cut goes on by itself: after a while, or at once when the network is back."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.errors import UnreachableError
from app.transfer import RetryPolicy
from app.transfer.outage import Network, RoutingTable

LONGEST = 60.0
"""Seconds between two attempts, at most."""

_LOOK_MS = 1000


class GoingOn(QObject):
    """The wait between the attempts of one download. No thread is held meanwhile.

    Attributes:
        why: what was wrong at the last attempt.

    Signals:
        left: whole seconds until the next attempt; about once a second.
        again: now.
    """

    left = Signal(int)
    again = Signal()

    def __init__(
        self,
        parent: QObject,
        *,
        policy: RetryPolicy | None = None,
        network: Network | None = None,
        look_ms: int = _LOOK_MS,
    ) -> None:
        """Nothing is waited for yet.

        Args:
            parent: ends it.
            policy: of the waits.
            network: says that it is back.
            look_ms: milliseconds between two looks at it; each counts as a second.
        """
        super().__init__(parent)
        self._policy = policy or RetryPolicy(longest=LONGEST)
        self._network = network or RoutingTable()
        self.why = ""
        self._most = 0
        self._failures = 0
        self._seconds = 0.0
        self._asked = False
        self._way = ""
        self._timer = QTimer(self)
        self._timer.setInterval(look_ms)
        self._timer.timeout.connect(self._look)

    def moved(self, done: int) -> None:
        """So many bytes are there: when they are more than ever, the next wait is a short one again."""
        if done > self._most:
            self._most, self._failures = done, 0

    def begin(self, error: UnreachableError) -> None:
        """An attempt has failed; wait for the next."""
        self.why = error.title
        self._failures += 1
        self._asked = error.retry_after is not None
        self._seconds = self._policy.wait(self._failures, asked=error.retry_after)
        self._way = self._network.way("")
        self.left.emit(ceil(self._seconds))
        self._timer.start()

    def stop(self) -> None:
        """There is nothing to wait for any more."""
        self._timer.stop()

    def _look(self) -> None:
        self._seconds -= 1
        way = self._network.way("")
        back = bool(way) and way != self._way and not self._asked
        self._way = way
        if back or self._seconds <= 0:
            self._timer.stop()
            self.again.emit()
            return
        self.left.emit(ceil(self._seconds))
