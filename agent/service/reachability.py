"""Whether the portal answers, asked every so often in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.domain.errors import WorldError

_log = logging.getLogger(__name__)


class Reachability:
    """Asks `ask` every `every` seconds; an answer means reachable, an error of the world means not."""

    def __init__(self, ask: Callable[[], object], *, every: float, changed: Callable[[], None]) -> None:
        self._ask = ask
        self._every = every
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reachability", daemon=True)
        self.reachable = False

    def start(self) -> None:
        """Begin with a first question at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; a question under way is not waited for."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            before = self.reachable
            try:
                self._ask()
                self.reachable = True
            except WorldError as error:
                self.reachable = False
                if before:
                    _log.info("the portal cannot be reached (%s)", error.code)
            if before != self.reachable:
                self._changed()
            self._stop.wait(self._every)
