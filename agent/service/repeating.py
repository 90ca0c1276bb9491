"""A thread that does one thing again and again, and outlives whatever goes wrong with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.domain.errors import WorldError

_log = logging.getLogger(__name__)
_EVERY = 20.0


class Repeating:
    """Does it at the start, after every `wake`, and every 20 seconds."""

    def __init__(
        self,
        once: Callable[[], float | None],
        *,
        name: str,
        cannot: str,
        begin: Callable[[], None] = lambda: None,
        rest: float = 0.0,
        patience: float = 15.0,
    ) -> None:
        """Nothing runs before `start`.

        Args:
            once: does it; in how many seconds it is owed again, None when it is not.
            name: of the thread.
            cannot: what the log says of trouble of the world: ``rules cannot be looked at now``.
            begin: called first by the thread: it may lower its priority.
            rest: seconds between two of them at least.
            patience: seconds that `stop` waits for the one that is under way.
        """
        self._once = once
        self._cannot = cannot
        self._begin = begin
        self._rest = rest
        self._patience = patience
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def ending(self) -> bool:
        """Whether it is to end soon."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something changed: do it soon."""
        self._wake.set()

    def stop(self) -> None:
        """End; what is under way is waited for as long as `patience` says."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(self._patience)

    def _run(self) -> None:
        self._begin()
        while not self._stop.is_set():
            self._wake.clear()
            again: float | None = None
            try:
                again = self._once()
            except WorldError as error:
                _log.info("%s (%s)", self._cannot, error.code)
            except Exception:  # noqa: BLE001 - the border of this thread
                _log.exception("%s failed; it is repeated", self._thread.name)
            if not self._stop.wait(self._rest):
                self._wake.wait(_EVERY if again is None else min(max(0.0, again - self._rest), _EVERY))
