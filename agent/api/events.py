"""What changed lately: a bounded list of numbered events, and those who wait for the next one."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable

from app.agentlink import AgentEvent, Events

KEPT = 2000


class EventBoard:
    """Events of this run, numbered without gaps.

    Numbers begin at `first`, which must be larger in every later run, so that a client's number of an
    earlier run is always recognised as too old. `publish` may be called from any thread.
    """

    def __init__(self, *, first: int) -> None:
        """Start empty.

        Args:
            first: the number of the first event, above 1; milliseconds since 1970 serve well.
        """
        self._next = first
        self._kept: deque[AgentEvent] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._waiting: set[Callable[[], None]] = set()

    def publish(self, kind: str, subject: str = "") -> None:
        """Add an event and wake everyone who waits."""
        with self._lock:
            self._kept.append(AgentEvent(id=self._next, kind=kind, subject=subject))
            self._next += 1
            waiting, self._waiting = self._waiting, set()
        for wake in waiting:
            wake()

    def after(self, since: int) -> Events:
        """Events with a number above `since`; one ``resync`` when some of them are no longer kept."""
        with self._lock:
            return self._after(since)

    async def wait(self, since: int, *, seconds: float) -> Events:
        """Like `after`, but waits up to `seconds` for the first event."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(woken.set)
            except RuntimeError:
                return  # the server has stopped; nobody waits any more

        with self._lock:
            found = self._after(since)
            if found.events or seconds <= 0:
                return found
            self._waiting.add(wake)
        try:
            await asyncio.wait_for(woken.wait(), timeout=seconds)
        except TimeoutError:
            with self._lock:
                self._waiting.discard(wake)
        return self.after(since)

    def _after(self, since: int) -> Events:
        last = self._next - 1
        oldest = self._kept[0].id if self._kept else self._next
        if since > last or since < oldest - 1:
            return Events(last=last, events=[AgentEvent(id=last, kind="resync")])
        return Events(last=last, events=[event for event in self._kept if event.id > since])
