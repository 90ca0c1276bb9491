"""The desk that answers at present; it can be exchanged for another while calls come in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.api.methods import Desk
from app.domain.errors import UnreachableError

_PATIENCE = 20.0


class Standing:
    """Lends the present desk to calls. Usable from any thread."""

    def __init__(self, desk: Desk | None = None, *, patience: float = _PATIENCE) -> None:
        """Stand with this desk, or with none yet.

        Args:
            desk: who answers.
            patience: seconds that a call waits for a desk.
        """
        self._desk = desk
        self._patience = patience
        self._lent: dict[int, int] = {}
        self._unused: dict[int, Callable[[], None]] = {}
        self._changed = threading.Condition()

    @contextmanager
    def lent(self) -> Iterator[Desk]:
        """The desk, for one call; it is not closed before the call has ended.

        Raises:
            UnreachableError: there is none, and none came in time (CF-1583).
        """
        with self._changed:
            self._changed.wait_for(lambda: self._desk is not None, self._patience)
            desk = self._desk
            if desk is None:
                raise UnreachableError(
                    "The agent is not ready",
                    happened="It takes another configuration at this moment.",
                    todo="Try again in a moment.",
                    code="CF-1583",
                )
            self._lent[id(desk)] = self._lent.get(id(desk), 0) + 1
        try:
            yield desk
        finally:
            self._give_back(desk)

    @property
    def vacant(self) -> bool:
        """Whether nobody answers at present."""
        with self._changed:
            return self._desk is None

    def place(self, desk: Desk) -> None:
        """From now on this one answers."""
        with self._changed:
            self._desk = desk
            self._changed.notify_all()

    def withdraw(self, *, when_unused: Callable[[], None]) -> None:
        """Calls wait from now on; `when_unused` is called once, after the last call that has the desk."""
        with self._changed:
            desk, self._desk = self._desk, None
            if desk is not None and self._lent.get(id(desk)):
                self._unused[id(desk)] = when_unused
                return
        when_unused()

    def _give_back(self, desk: Desk) -> None:
        ended: Callable[[], None] | None = None
        with self._changed:
            self._lent[id(desk)] -= 1
            if not self._lent[id(desk)]:
                del self._lent[id(desk)]
                ended = self._unused.pop(id(desk), None)
        if ended is not None:
            ended()
