"""The disk's side of a download: what one thread has received another one writes, and a third one hashes."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from app.storage import PAGE, DirectWrites, page_block
from app.transfer.crc import crc32
from app.transfer.downloads.ledger import Mark, Proven
from app.transfer.ranges import ByteRange

BLOCK = 2 << 20
"""Bytes handed over at once: each hand-over, and each wait for the interpreter beside it, costs."""

_BLOCKS = 6
_SUMMED = 256 << 10
_NOTHING = memoryview(b"")
CHECKPOINT = 64 << 20
"""Bytes after which what was written is made durable and recorded."""

CHECKPOINT_SECONDS = 5.0
"""Seconds after which it is, however little came: a program may be ended at any time."""

_LOOK_EVERY = 1.0
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def open_part(path: Path) -> int:
    """Open or make a ``.part``, for its owner only; a link is not followed.

    Raises:
        OSError: the disk refuses.
    """
    return os.open(path, _FLAGS | getattr(os, "O_CLOEXEC", 0), 0o600)


def room_at(position: int, *, size: int) -> int:
    """Bytes of a block of `size` that begins there: the next one begins at a page of the file."""
    return size - position % PAGE


def sum_of(descriptor: int, span: ByteRange) -> int:
    """CRC-32 of these bytes of the file; it moves the descriptor.

    Raises:
        OSError: the disk refuses.
    """
    crc, at = 0, span.start
    os.lseek(descriptor, at, os.SEEK_SET)
    while at < span.end and (block := os.read(descriptor, min(_SUMMED, span.end - at))):
        crc = crc32(block, crc)
        at += len(block)
    return crc


class PartFile:
    """An open ``.part``, written past the system's cache where that can be. It belongs to one thread.

    Attributes:
        descriptor: of the open file.
    """

    def __init__(self, path: Path) -> None:
        """Open or make it.

        Raises:
            OSError: the disk refuses.
        """
        self.descriptor = open_part(path)
        self._direct = DirectWrites(self.descriptor)

    def write_at(self, offset: int, *views: memoryview) -> None:
        """Write all of these, none of them empty, behind one another, and not durably yet.

        Raises:
            OSError: the disk refuses.
        """
        os.lseek(self.descriptor, offset, os.SEEK_SET)
        waiting = deque(views)
        while waiting:
            written = self._direct.write(waiting, position=offset)
            offset += written
            while waiting and written >= len(waiting[0]):
                written -= len(waiting.popleft())
            if written:
                waiting[0] = waiting[0][written:]

    def close(self) -> None:
        """Close it."""
        os.close(self.descriptor)


class Turns:
    """When what was written is to be made durable and recorded again.

    Attributes:
        recorded: what came before this position needs no turn any more.
    """

    def __init__(self, position: int, *, monotonic: Callable[[], float]) -> None:
        """All before `position` is recorded."""
        self._monotonic = monotonic
        self.taken(position)

    def due(self, position: int) -> bool:
        """Whether it is time, everything before `position` being written."""
        new = position - self.recorded
        return new >= CHECKPOINT or (new > 0 and self._monotonic() - self._since >= CHECKPOINT_SECONDS)

    def taken(self, position: int) -> None:
        """Everything before `position` is being recorded, or is recorded now: then a slow disk rests."""
        self.recorded, self._since = position, self._monotonic()


class PrefixWriter:
    """Writes and hashes, in order, what is behind `proven`; at most six blocks are under way.

    What was written is made durable and recorded beside the writing of more: a slow disk takes longer for
    that than the blocks on their way last.

    Use as a context manager: at its end everything handed over is written, durable and recorded, or an error
    is in `error`, and what was written before it is recorded. On a full disk there may be no room to say so:
    then the last block is given back for that. Where the disk lost what it had been given, nothing more is
    recorded: it says so once only, and would call the same bytes durable the next time.
    """

    def __init__(
        self,
        path: Path,
        proven: Proven,
        *,
        record: Callable[[Mark], None],
        recorded: Callable[[], int] = lambda: 0,
        monotonic: Callable[[], float] = time.monotonic,
        alone: bool = True,
    ) -> None:
        """Start the thread.

        Args:
            path: the ``.part``.
            proven: grows.
            record: writes the ledger; called by one thread at a time, after what the mark names is durable.
            recorded: the end of what a ledger that really was written names; nothing before it is given back.
            monotonic: seconds that never step.
            alone: whether nothing of the file lies, or is written, behind what this one writes.

        Raises:
            OSError: the file cannot be opened.
        """
        self._file = PartFile(path)
        self._proven = proven
        self._record = record
        self._recorded = recorded
        self._turns = Turns(proven.position, monotonic=monotonic)
        self._alone = alone
        self._before = proven.position, proven.digest.copy()
        self._full: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        for _number in range(_BLOCKS):
            self._free.put(page_block(BLOCK))
        self.error: Exception | None = None
        # Writing and hashing a block take about as long, and neither needs the interpreter.
        self._hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="download-digest")
        self._saving = ThreadPoolExecutor(max_workers=1, thread_name_prefix="download-ledger")
        self._saved: Future[None] | None = None
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="download-writer", daemon=True)
        self._thread.start()

    def __enter__(self) -> PrefixWriter:
        return self

    def __exit__(self, *_details: object) -> None:
        self._full.put(None)
        self._thread.join()
        self._hashing.shutdown()
        self._saving.shutdown()
        self._file.close()

    def block(self) -> memoryview:
        """An empty block, to be filled as far as `room_at` says and handed over; waits for the disk.

        Raises:
            OSError: the disk has refused.
        """
        block = self._free.get()
        self.check()
        return block

    def check(self) -> None:
        """To be called now and then while nothing comes.

        Raises:
            OSError: the disk has refused.
        """
        if self.error is not None:
            raise self.error

    def hand_over(self, block: memoryview, filled: int) -> None:
        """The first `filled` bytes of the block come next."""
        self._full.put(block[:filled])

    def _run(self) -> None:
        while (view := self._next()) is not None:
            if self.error is None:
                try:
                    if view is not _NOTHING:
                        self._take(view)
                    self._record_in_turn()
                except Exception as error:  # noqa: BLE001 - the thread that receives raises it
                    self.error = error
            if view is not _NOTHING:
                self._free.put(memoryview(view.obj))
        if self.error is None:
            try:
                self._settle()
                self._checkpoint()
            except Exception as error:  # noqa: BLE001 - the thread that receives raises it
                self.error = error
        if self.error is not None:
            with contextlib.suppress(OSError):
                self._settle()
            with contextlib.suppress(OSError):
                if not self._lost:
                    self._keep_what_came()

    def _next(self) -> memoryview | None:
        """What comes next; empty when nothing did for a while, None at the end."""
        try:
            return self._full.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            return _NOTHING

    def _keep_what_came(self) -> None:
        if not self._alone or self._recorded() > self._before[0]:
            # What would be given back may be another connection's, or what the ledger names.
            self._checkpoint()
            return
        self._proven.position, self._proven.digest = self._before
        os.ftruncate(self._file.descriptor, self._proven.position)
        self._checkpoint()

    def _take(self, view: memoryview) -> None:
        before = self._proven.position, self._proven.digest.copy()
        hashing = self._hashing.submit(self._proven.digest.update, view)
        try:
            self._file.write_at(self._proven.position, view)
        except BaseException:
            wait((hashing,))
            self._proven.digest = before[1]
            raise
        hashing.result()
        self._proven.position += len(view)
        self._before = before

    def _record_in_turn(self) -> None:
        if self._saved is not None and self._saved.done():
            self._settle()
            self._turns.taken(self._turns.recorded)
        if self._saved is None and self._turns.due(self._proven.position):
            self._turns.taken(self._proven.position)
            self._saved = self._saving.submit(self._save, self._proven.mark())

    def _settle(self) -> None:
        """Wait for what is being recorded."""
        saved, self._saved = self._saved, None
        if saved is not None:
            saved.result()

    def _checkpoint(self) -> None:
        self._save(self._proven.mark())

    def _save(self, mark: Mark) -> None:
        try:
            os.fsync(self._file.descriptor)
        except OSError:
            self._lost = True
            raise
        self._record(mark)
