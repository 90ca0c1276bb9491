"""One agent per data folder, by a lock that the system gives back when its holder dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from app.domain.errors import LocalError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class DataFolderLock:
    """Held from `__enter__` to `__exit__`, or to the end of the process however it comes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "agent.lock"
        self._descriptor = -1

    def __enter__(self) -> DataFolderLock:
        """Take the lock at once or not at all.

        Raises:
            LocalError: another agent holds it, or the folder cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LocalError(
                "The data folder cannot be used",
                happened=f"{self._path.parent.name}: {error.strerror or type(error).__name__}.",
                todo="Check agent.data in the configuration, and the rights of that folder.",
                code="CF-1896",
            ) from error
        try:
            _try_lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            self._descriptor = -1
            raise LocalError(
                "Another agent uses this data folder",
                happened=f"It holds the lock {self._path.name} in the folder {self._path.parent.name}.",
                todo="Stop that agent first, or give this one a data folder of its own (agent.data).",
                code="CF-1897",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
