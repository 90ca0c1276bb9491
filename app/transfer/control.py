"""Pause, resume, cancel and stop a transfer from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class Interrupted(Exception):
    """A transfer ended because somebody asked for it; not an error."""


class Cancelled(Interrupted):
    """It was given up: what the peer had is thrown away."""


class Stopped(Interrupted):
    """The program ends: a later `send` with the same key goes on where this one was."""


class Wish(StrEnum):
    """What is asked of the transfer."""

    GO = "go"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


class Control:
    """Thread-safe. *Cancel* and *stop* are final; *cancel* wins over all."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wish = Wish.GO
        self._nudges = 0
        self._watchers: list[Callable[[], None]] = []

    @property
    def wish(self) -> Wish:
        """What is asked now."""
        return self._wish

    def pause(self) -> None:
        """Drop the connection at the next block, keep everything."""
        self._ask(Wish.PAUSE)

    def resume(self) -> None:
        """Go on from where the peer stands."""
        self._ask(Wish.GO)

    def stop(self) -> None:
        """End `send` with `Stopped`; nothing is thrown away."""
        self._ask(Wish.STOP)

    def cancel(self) -> None:
        """End `send` with `Cancelled`; the unfinished file is thrown away at the peer."""
        self._ask(Wish.CANCEL)

    def nudge(self) -> None:
        """Try again now, if it waits: the network is back, or a person asks for it."""
        with self._changed:
            self._nudges += 1
            self._changed.notify_all()

    @property
    def nudges(self) -> int:
        """How often it was nudged; another number ends a wait between attempts."""
        return self._nudges

    @contextmanager
    def watched(self, watcher: Callable[[], None]) -> Iterator[None]:
        """Call `watcher` at every change while the block runs, from the thread that changes."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    def wait_for_change(self, wish: Wish, *, seconds: float) -> Wish:
        """Until something other than `wish` is asked or a nudge comes, at most `seconds`."""
        with self._changed:
            nudges = self._nudges
            self._changed.wait_for(lambda: self._wish is not wish or self._nudges != nudges, timeout=seconds)
            return self._wish

    def _ask(self, wish: Wish) -> None:
        with self._changed:
            final = self._wish is Wish.CANCEL or (self._wish is Wish.STOP and wish is not Wish.CANCEL)
            if not final:
                self._wish = wish
                self._changed.notify_all()
        for watcher in tuple(self._watchers):
            watcher()
