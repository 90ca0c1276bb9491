"""While one file of a job is in work, the step before is done for the next one: masking or the check."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType

from agent.jobs.rows import FileRow
from app.masking import MaskedFile
from app.transfer import Stopped

Make = Callable[[FileRow, Callable[[], None]], MaskedFile]
"""Makes the masked copy of a file; what it is given it calls again and again meanwhile, which may raise."""


class CopiesAhead:
    """``with CopiesAhead(…) as copies``: masked copies in the order of the files, one ahead at most.

    Used by one thread at a time. Masking is the core's work and the check mostly Python's, so that both go on
    at once. A copy that was made ahead and not taken is thrown away at the end: nobody knows of it.
    """

    def __init__(
        self,
        files: Sequence[FileRow],
        make: Make,
        *,
        discard: Callable[[FileRow], None],
        room: Callable[[FileRow], bool] = lambda _file: True,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        """Nothing is made yet.

        Args:
            files: that may be asked for, in the order in which they will be.
            make: a copy; one at a time, in this thread or another one.
            discard: throws away the copy of a file.
            room: whether a copy may be made before its turn.
            begin: what another thread that makes copies calls first.
        """
        self._order = {file.number: place for place, file in enumerate(files)}
        self._files = tuple(files)
        self._make, self._discard, self._room, self._begin = make, discard, room, begin
        self._ahead: tuple[FileRow, Future[MaskedFile]] | None = None
        self._over = threading.Event()

    def __enter__(self) -> CopiesAhead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def holds(self, file: FileRow) -> bool:
        """Whether the copy of a file is made already, or being made."""
        return self._ahead is not None and self._ahead[0].number == file.number

    def take(self, file: FileRow, breathe: Callable[[], None]) -> MaskedFile:
        """The copy of a file; that of the next one is begun.

        Raises:
            Exception: as `make` does for this file.
        """
        ahead = self._ahead
        if ahead is not None and ahead[0].number == file.number:
            self._ahead = None
            copy = ahead[1].result()
        else:
            self.close()
            copy = self._make(file, breathe)
        self._over.clear()
        self._begin_next(file, breathe)
        return copy

    def close(self) -> None:
        """Give up what was not taken, and wait until nobody works on it."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self._over.set()
            ahead[1].exception()  # what went wrong is met again when the file's turn comes
            self._discard(ahead[0])

    def _begin_next(self, file: FileRow, breathe: Callable[[], None]) -> None:
        place = self._order.get(file.number, len(self._files)) + 1
        if place >= len(self._files) or not self._room(self._files[place]):
            return
        following, future = self._files[place], Future[MaskedFile]()

        def breathe_there() -> None:
            if self._over.is_set():
                raise Stopped
            breathe()

        def run() -> None:
            try:
                self._begin()
                future.set_result(self._make(following, breathe_there))
            except BaseException as fault:  # noqa: BLE001 - whoever takes the copy gets it
                future.set_exception(fault)

        threading.Thread(target=run, name="ahead", daemon=True).start()
        self._ahead = (following, future)
