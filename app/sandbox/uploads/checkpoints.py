"""Offsets that are made durable while a body arrives, beside the writing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

from app.sandbox.uploads.spool import Appender


class Checkpoints:
    """While the disk makes one offset certain, the next bytes are written. For the thread that writes.

    Args:
        appender: the open file.
        record: writes a certain offset down; called in one of the threads.
        every: bytes between two of them; twice as many, and what is written at once, are uncertain at most.
        threads: one of them is had while an offset is made certain.

    Attributes:
        certain: the offset up to which all bytes are on the disk, and recorded.
    """

    def __init__(
        self, appender: Appender, record: Callable[[int], None], *, every: int, threads: Executor
    ) -> None:
        self.certain = appender.start
        self._appender = appender
        self._record = record
        self._every = every
        self._threads = threads
        self._begun = appender.start
        self._making: Future[None] | None = None

    def reach(self) -> None:
        """Bytes were written: begin the next one when it is due, once the one before is made.

        Raises:
            OSError, LocalError: as `settle`.
        """
        position = self._appender.position
        if position - self._begun < self._every:
            return
        self.settle()
        self._begun = position
        self._making = self._threads.submit(self._make, position)

    def settle(self) -> None:
        """Wait for the one that is being made.

        Raises:
            OSError: the disk did not take bytes that it had been given; said again each time, for the disk
                itself may say it once only.
            LocalError: the offset could not be recorded.
        """
        if self._making is not None:
            self._making.result()

    def _make(self, position: int) -> None:
        self._appender.sync()
        self._record(position)
        self.certain = position
