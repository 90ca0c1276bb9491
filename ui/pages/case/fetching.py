"""A file of a case on its way to this disk: what is known of it outlives the row that shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain.errors import CaseferryError, UnreachableError
from ui.pages.case.file_row import FileRow
from ui.pages.case.going_on import GoingOn
from ui.tasks import Task

_PROGRESS_EVERY = 0.25

Fetch = Callable[[Path, Callable[[int, int], None]], object]
"""Brings the file to a path, and tells bytes so far and in all. It blocks; another thread calls it."""


class FetchState(Enum):
    """What a download does."""

    MOVING = auto()
    WAITING = auto()
    SAVED = auto()
    FAILED = auto()


class _Progress(QObject):
    """Carries bytes so far from the worker to the GUI thread, at most four times a second."""

    moved = Signal(int, int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last = 0.0

    def __call__(self, done: int, whole: int) -> None:
        now = time.monotonic()
        if now - self._last >= _PROGRESS_EVERY or done >= whole:
            self._last = now
            self.moved.emit(done, whole)


class Fetching(QObject):
    """One download, with its attempts and the waits between them.

    Attributes:
        target: where the file goes.
        state: what it does.
        error: why it failed; None when it did not.

    Signals:
        changed: there is something else to show.
    """

    changed = Signal()

    def __init__(
        self,
        parent: QObject,
        *,
        fetch: Fetch,
        size: int,
        held: Callable[[], bool],
        going_on: Callable[[QObject], GoingOn] = GoingOn,
    ) -> None:
        """Nothing is fetched before `begin`.

        Args:
            parent: ends it.
            fetch: see `Fetch`.
            size: bytes of the file.
            held: whether the limits let nothing be fetched at this moment.
            going_on: makes the wait between attempts.
        """
        super().__init__(parent)
        self._fetch = fetch
        self._held = held
        self._done, self._whole, self._left = 0, size, 0
        self.state = FetchState.SAVED
        self.target = Path()
        self.error: CaseferryError | None = None
        self._progress = _Progress(self)
        self._progress.moved.connect(self._moved)
        self._wait = going_on(self)
        self._wait.left.connect(self._waits)
        self._wait.again.connect(self._try)

    @property
    def under_way(self) -> bool:
        """Whether its target is taken: it moves, or goes on by itself."""
        return self.state in (FetchState.MOVING, FetchState.WAITING)

    def begin(self, target: Path) -> None:
        """Fetch it to this path; now, when it waits."""
        self.target = target
        self._try()

    def show_on(self, row: FileRow) -> None:
        """Have a row show how it is."""
        if self.state is FetchState.MOVING:
            row.show_progress(self._done, self._whole, held=self._held())
        elif self.state is FetchState.WAITING:
            row.show_waiting(self._wait.why, self._left)
        elif self.state is FetchState.SAVED:
            row.show_saved(self.target.parent.name)
        else:
            row.show_download_button()

    def _try(self) -> None:
        if self.state is FetchState.MOVING:
            return
        self._wait.stop()
        self.error = None
        self._become(FetchState.MOVING)
        Task.run(self._fetch, self.target, self._progress, owner=self).on_done(
            lambda _result: self._become(FetchState.SAVED)
        ).on_error(self._failed)

    def _moved(self, done: int, whole: int) -> None:
        self._wait.moved(done)
        self._done, self._whole = done, whole
        if self.state is FetchState.MOVING:
            self.changed.emit()

    def _failed(self, error: CaseferryError) -> None:
        if isinstance(error, UnreachableError) and error.retryable:
            # What passes by itself is waited for; the wait tells at once how long.
            self.state = FetchState.WAITING
            self._wait.begin(error)
            return
        self.error = error
        self._become(FetchState.FAILED)

    def _waits(self, seconds: int) -> None:
        self._left = seconds
        self.changed.emit()

    def _become(self, state: FetchState) -> None:
        self.state = state
        self.changed.emit()
