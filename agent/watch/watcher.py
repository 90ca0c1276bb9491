"""When to look at which folder: at once after a hint, and in any case every so often."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.watch.hints import HintSource
from agent.watch.scan import FolderScan, scan_folder

_log = logging.getLogger(__name__)

_SMALLEST_GAP = 0.1
_GAP_PER_SCAN = 20.0
"""A folder is scanned again after twenty times what its last scan took: at most 5 % of the time."""
_LONGEST_SLEEP = 3600.0

OnScan = Callable[[FolderScan], float | None]
"""Takes one pass over a folder; returns in how many seconds it must be looked at again, or None."""


class Watcher:
    """Scans folders in a thread of its own and hands every pass to `on_scan`."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        hints: HintSource,
        on_scan: OnScan,
        every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep what is needed; nothing starts before `start`.

        Args:
            folders: each is scanned with its subfolders.
            hints: what shortens the wait.
            on_scan: called in the watcher's thread; an exception in it is logged and the pass is repeated.
            every: seconds between two passes over a folder without any hint.
            clock: monotonic seconds.
        """
        self._hints = hints
        self._on_scan = on_scan
        self._every = every
        self._clock = clock
        self._due: dict[Path, float] = dict.fromkeys(folders, 0.0)
        self._earliest: dict[Path, float] = dict.fromkeys(folders, 0.0)
        self._absent: set[Path] = set()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    @property
    def mode(self) -> str:
        """``events+scan``, or ``scan`` when no hints come; `HintSource.reason` says why."""
        return "scan" if self._hints.reason else "events+scan"

    def start(self) -> None:
        """Begin; the first pass over every folder starts at once."""
        self._hints.start(list(self._due), self.hint)
        if self._hints.reason:
            _log.info("scanning only: %s", self._hints.reason)
        self._thread.start()

    def stop(self) -> None:
        """End after the pass that runs."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        self._hints.stop()
        if self._thread.is_alive():
            self._thread.join(30)

    def hint(self, folder: Path) -> None:
        """Look at this folder soon."""
        with self._wake:
            if folder in self._due:
                self._due[folder] = min(self._due[folder], max(self._earliest[folder], self._clock()))
                self._wake.notify_all()

    def _run(self) -> None:
        while (folder := self._next()) is not None:
            began = self._clock()
            again = self._pass(folder)
            ended = self._clock()
            with self._wake:
                self._earliest[folder] = ended + max(_SMALLEST_GAP, (ended - began) * _GAP_PER_SCAN)
                wanted = ended + (self._every if again is None else min(again, self._every))
                hinted = self._due[folder]
                self._due[folder] = max(self._earliest[folder], min(wanted, hinted))

    def _pass(self, folder: Path) -> float | None:
        """One pass; what goes wrong in its evaluation must not end the watching."""
        try:
            scan = scan_folder(folder)
            if scan.readable and folder in self._absent:
                self._absent.discard(folder)
                self._hints.arm(folder)
            elif not scan.readable:
                self._absent.add(folder)
            return self._on_scan(scan)
        except Exception:  # noqa: BLE001 - the border of this thread
            _log.exception("a pass over a watched folder failed; it is repeated")
            return None

    def _next(self) -> Path | None:
        """The folder that is due, waiting for it; None when the watcher stops."""
        with self._wake:
            while not self._stopping:
                now = self._clock()
                folder = min(self._due, key=lambda f: self._due[f], default=None)
                wait = _LONGEST_SLEEP if folder is None else self._due[folder] - now
                if folder is not None and wait <= 0:
                    # a hint that comes during the pass must count for the next one
                    self._due[folder] = now + _LONGEST_SLEEP
                    self._earliest[folder] = now
                    return folder
                self._wake.wait(min(wait, _LONGEST_SLEEP))
            return None
