"""Ways out that failed while another one led to the server: for a while they are tried last."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

LAST_FOR = 300.0
"""Seconds that a way which failed is tried last."""

_Way = TypeVar("_Way", bound=Hashable)


class Detours:
    """Usable from any thread. A dead proxy in front would cost its time-out at every connection.

    What fails while nothing else succeeds is not remembered: then it is this machine's network that is away,
    or somebody gave up.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic`: seconds."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._until: dict[Hashable, float] = {}

    def in_order(self, ways: Sequence[_Way], *, place: Hashable) -> tuple[_Way, ...]:
        """The ways to a place, those that failed lately behind the others; none is left out."""
        now = self._monotonic()
        with self._lock:
            self._until = {key: until for key, until in self._until.items() if until > now}
            return tuple(sorted(ways, key=lambda way: (way, place) in self._until))

    def led(self, way: Hashable, *, failed: Sequence[Hashable], place: Hashable) -> None:
        """This way led to the place, after the others had failed."""
        until = self._monotonic() + LAST_FOR
        with self._lock:
            self._until.pop((way, place), None)
            self._until.update({(each, place): until for each in failed})
