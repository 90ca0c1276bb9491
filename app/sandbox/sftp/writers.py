"""Who writes to which file of which case just now, and which file is being looked at. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

Place = tuple[str, str]
"""Case number and file name."""


class Writer(Protocol):
    """An open handle that may write."""

    @property
    def last_write(self) -> float:
        """When it wrote last, on the clock of `Writers`."""

    def revoke(self) -> None:
        """Refuse every later write."""


class Writers:
    """Open writing handles by place.

    Args:
        clock: monotonic seconds.
        stale: seconds without a write after which a handle belongs to a connection that is probably dead.
    """

    def __init__(self, clock: Callable[[], float], *, stale: float = 20.0) -> None:
        self._clock = clock
        self._stale = stale
        self._lock = threading.Lock()
        self._open: dict[Place, set[Writer]] = {}
        self._claimed: set[Place] = set()
        self._resumed: dict[Place, int] = {}

    def add(self, place: Place, writer: Writer) -> bool:
        """A handle wants to write; False while the file is being looked at."""
        with self._lock:
            if place in self._claimed:
                return False
            self._open.setdefault(place, set()).add(writer)
            return True

    def remove(self, writer: Writer) -> Place | None:
        """A handle was closed; the place it wrote to (by its newest name), None when it was known no more."""
        with self._lock:
            for place, writers in self._open.items():
                if writer in writers:
                    writers.discard(writer)
                    if not writers:
                        del self._open[place]
                    return place
        return None

    def note_resumed(self, place: Place) -> None:
        """A file that had bytes already is written on."""
        with self._lock:
            self._resumed[place] = self._resumed.get(place, 0) + 1

    def take_resumed(self, place: Place) -> int:
        """How often it was, once."""
        with self._lock:
            return self._resumed.pop(place, 0)

    def may_move(self, *places: Place) -> bool:
        """Whether none of the files is being looked at."""
        with self._lock:
            return not self._claimed.intersection(places)

    def moved(self, old: Place, new: Place) -> None:
        """A file was renamed; its handles go with it, and those of the file it replaced are revoked."""
        with self._lock:
            replaced = self._open.pop(new, set())
            if old in self._open:
                self._open[new] = self._open.pop(old)
            if old in self._resumed:
                self._resumed[new] = self._resumed.pop(old)
        for writer in replaced:
            writer.revoke()

    def claim(self, place: Place) -> bool:
        """Keep writers away while the file is looked at; False while somebody writes.

        Handles that have not written for long are revoked: their connection is probably dead.
        """
        with self._lock:
            writers = self._open.get(place, set())
            now = self._clock()
            if place in self._claimed or any(now - writer.last_write < self._stale for writer in writers):
                return False
            self._open.pop(place, None)
            self._claimed.add(place)
        for writer in writers:
            writer.revoke()
        return True

    def release(self, place: Place) -> None:
        """The look is over."""
        with self._lock:
            self._claimed.discard(place)
