"""Pause, resume, cancel and stop a transfer from another thread."""

from __future__ import annotations

import threading
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

    @property
    def wish(self) -> Wish:
        """What is asked now."""
        with self._changed:
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

    def wait_for_change(self, wish: Wish, *, seconds: float) -> Wish:
        """Until something other than `wish` is asked, at most `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._wish is not wish, timeout=seconds)
            return self._wish

    def _ask(self, wish: Wish) -> None:
        with self._changed:
            final = self._wish is Wish.CANCEL or (self._wish is Wish.STOP and wish is not Wish.CANCEL)
            if not final:
                self._wish = wish
                self._changed.notify_all()
