"""Who is alive: a process holds an operating system's lock on a file of its own for as long as it lives.

The lock ends with the process however it ends, so that the lease of a killed process is free at once.
"""

from __future__ import annotations

import glob
import os
import secrets
from pathlib import Path

from app.storage import try_lock


class Owner:
    """This journal handle, among all that have the same journal open."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self.name = secrets.token_hex(8)
        self._path = _path(journal, self.name)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        if not try_lock(self._descriptor):
            raise RuntimeError("a lock file of our own random name is locked by another")

    def is_alive(self, name: str) -> bool:
        """Whether the owner of this name still holds its lock; a dead one's file is removed."""
        if name == self.name:
            return True
        path = _path(self._journal, name)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            if not try_lock(descriptor):
                return True
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        return False

    def sweep(self, *, before: float) -> None:
        """Remove what killed owners left, when it is older than `before` (seconds since 1970).

        A file just made may not be locked yet, so `before` must lie well in the past.
        """
        prefix = f"{self._journal.name}.owner-"
        for path in self._journal.parent.glob(f"{glob.escape(prefix)}*"):
            name = path.name.removeprefix(prefix)
            try:
                old = path.stat().st_mtime < before
            except FileNotFoundError:
                continue
            if old and name.isascii() and name.isalnum():
                self.is_alive(name)

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def _path(journal: Path, name: str) -> Path:
    if not (name.isascii() and name.isalnum()):
        raise ValueError("an owner's name is letters and digits")
    return journal.with_name(f"{journal.name}.owner-{name}")
