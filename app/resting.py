"""What a process keeps ready for its next work, and can do without while it rests.

Connections and buffers that are kept open save the next use of them a millisecond, and take megabytes. Who
keeps such says so by `kept_ready`; a process that has had nothing to do for a while calls `rest`.
"""

from __future__ import annotations

import threading
import weakref
from typing import Protocol


class KeptReady(Protocol):
    """Something that keeps more than it needs while it is not used."""

    def let_go(self) -> None:
        """Give up what nobody uses now. Any thread; the next use makes it anew."""


_lock = threading.Lock()
_all: weakref.WeakSet[KeptReady] = weakref.WeakSet()


def kept_ready(thing: KeptReady) -> None:
    """Have this let go at the next rest, as long as it lives."""
    with _lock:
        _all.add(thing)


def rest() -> None:
    """Let go of all that is kept ready and not in use."""
    with _lock:
        found = list(_all)
    for thing in found:
        thing.let_go()
