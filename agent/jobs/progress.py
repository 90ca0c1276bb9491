"""How far running transfers are: kept in memory only, as it changes ten times a second."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from app.agentlink import ErrorReply


@dataclass(frozen=True, slots=True)
class Moved:
    """What a running transfer shows.

    Attributes:
        sent: bytes that the other side has acknowledged.
        rate: bytes per second.
        resumed: how often it went on from a part of the bundle.
        eta: seconds to the last byte of the bundle; None while that cannot be said.
        left: bytes of that bundle that the other side has not acknowledged.
        connections, acked, moving, held: as in `app.agentlink.Job`.
        problem: why it waits for the other side at this moment; None while it moves.
    """

    sent: int
    rate: float
    resumed: int
    eta: float | None = None
    left: int = 0
    connections: int = 0
    acked: tuple[tuple[int, int], ...] = ()
    moving: tuple[tuple[int, int], ...] = ()
    held: bool = False
    problem: ErrorReply | None = None

    def eta_of_all(self, left: int) -> float | None:
        """Seconds to the last byte of a job of which so many are left, in this bundle and those behind it."""
        behind = left - self.left
        if self.eta is None or behind <= 0:
            return self.eta
        return self.eta + behind / self.rate if self.rate else None


class ProgressBoard:
    """The latest figures by job. Usable from any thread."""

    def __init__(self) -> None:
        self._moved: dict[str, Moved] = {}
        self._lock = threading.Lock()

    def note(self, job: str, moved: Moved) -> None:
        """The latest figures of a job."""
        with self._lock:
            self._moved[job] = moved

    def stands_still(self, job: str) -> None:
        """Nothing moves any more; how much was sent stays known."""
        with self._lock:
            found = self._moved.get(job)
            if found is not None:
                self._moved[job] = Moved(sent=found.sent, rate=0.0, resumed=found.resumed)

    def forget(self, job: str) -> None:
        """The job has ended."""
        with self._lock:
            self._moved.pop(job, None)

    def of(self, job: str) -> Moved | None:
        """The latest figures; None when nothing moved in this run."""
        with self._lock:
            return self._moved.get(job)
