"""A range behind a gap while it arrives: written, summed, and recorded every now and then."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from app.transfer.crc import crc32
from app.transfer.downloads.ledger import Island
from app.transfer.downloads.writing import PartFile, Turns


class GrowingIsland:
    """For one thread; what was written is made durable and recorded beside the writing of more.

    Where the disk lost what it had been given, nothing more is recorded: see `PrefixWriter`.

    Attributes:
        at: where the next bytes go.
    """

    def __init__(
        self, path: Path, start: int, *, record: Callable[[Island], None], monotonic: Callable[[], float]
    ) -> None:
        """Open the file.

        Args:
            path: the ``.part``.
            start: of the range.
            record: writes the ledger, with what is durable; in place of what has the same start.
            monotonic: seconds that never step.

        Raises:
            OSError: the disk refuses.
        """
        self._file = PartFile(path)
        self._start = self.at = start
        self._record = record
        self._crc = 0
        self._turns = Turns(start, monotonic=monotonic)
        self._saving: ThreadPoolExecutor | None = None
        self._saved: Future[None] | None = None
        self._lost = False

    def write(self, block: memoryview) -> None:
        """These come next.

        Raises:
            OSError: the disk refuses, or has lost what it was given.
        """
        self._file.write_at(self.at, block)
        self._crc = crc32(block, self._crc)
        self.at += len(block)
        self.rest()

    def rest(self) -> None:
        """To be called now and then while nothing comes.

        Raises:
            OSError: as `write`.
        """
        if self._saved is not None and self._saved.done():
            self._settle()
        if self._saved is None and self._turns.due(self.at):
            self._turns.taken(self.at)
            # Most ranges arrive before the first time.
            self._saving = self._saving or ThreadPoolExecutor(1, thread_name_prefix="download-ledger")
            self._saved = self._saving.submit(self._save, Island(self._start, self.at, self._crc))

    def close(self) -> None:
        """Record what is there, and close the file.

        Raises:
            OSError: as `write`.
        """
        try:
            with contextlib.suppress(OSError):
                # What could not be recorded then may be now; else the disk says why once more.
                self._settle()
            if self._lost:
                raise OSError(errno.EIO, "the disk lost what it was given")
            if self.at > self._start:
                self._save(Island(self._start, self.at, self._crc))
        finally:
            if self._saving is not None:
                self._saving.shutdown()
            self._file.close()

    def _settle(self) -> None:
        saved, self._saved = self._saved, None
        if saved is not None:
            saved.result()
            self._turns.taken(self._turns.recorded)

    def _save(self, island: Island) -> None:
        try:
            os.fsync(self._file.descriptor)
        except OSError:
            self._lost = True
            raise
        self._record(island)
