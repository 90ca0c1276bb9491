"""A little room on a disk, for what must still be written when the disk is full."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class KeptRoom:
    """A file without a meaning, which is given up for something that has one. Processes may share it."""

    def __init__(self, path: Path, *, size: int) -> None:
        """Nothing is taken yet.

        Args:
            path: of the file, on the disk in question.
            size: in bytes.
        """
        self._path = path
        self._size = size

    def keep(self) -> None:
        """Take the room, unless it is taken or there is none."""
        with suppress(OSError):
            if self._path.stat().st_size >= self._size:
                return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                # A file system that packs its files would keep no room for zeros.
                whole = file.write(os.urandom(self._size)) == self._size
        except OSError:
            whole = False
        if not whole:
            self.give_up()

    def give_up(self) -> None:
        """Free the room, as far as it was taken and the disk lets it go."""
        with suppress(OSError):
            self._path.unlink()
