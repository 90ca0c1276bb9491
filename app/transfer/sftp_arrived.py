"""What of a file from an SFTP server has arrived here: hashed from its beginning on, and recorded."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Island, Ledger, Proven
from app.transfer.downloads.recording import Records
from app.transfer.downloads.writing import CHECKPOINT, CHECKPOINT_SECONDS, sum_of
from app.transfer.ranges import ByteRange, RangeSet

_HASH_AT_ONCE = 256 << 10


class Arrived:
    """All connections of a call add to it; one thread hashes and records, with a descriptor of the part.

    Where the disk lost what it had been given, nothing more is recorded: see `PrefixWriter`.
    """

    def __init__(
        self,
        landing: Landing,
        ledger: Ledger,
        proven: Proven,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Go on with what an earlier call left.

        Args:
            landing: where the part lies.
            ledger: as it lies there.
            proven: what of it counts; grows.
            monotonic: seconds that never step.
        """
        self._size = ledger.size
        self._records = Records(ledger, landing.ledger_path, monotonic=monotonic)
        self._proven = proven
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._there = RangeSet([ByteRange(0, proven.position)])
        self._sums = {ByteRange(each.start, each.end): each.crc for each in proven.islands}
        self._islands = list(self._sums)
        for island in self._islands:
            self._there.add(island.start, island.end)
        self._recorded, self._recorded_at = proven.position, monotonic()
        self._lost = False
        self._room = memoryview(bytearray(_HASH_AT_ONCE))

    @property
    def total(self) -> int:
        """Bytes."""
        with self._lock:
            return self._there.total

    @property
    def complete(self) -> bool:
        """Whether every byte has arrived."""
        return self.total >= self._size

    @property
    def hashed(self) -> bool:
        """Whether every byte is hashed."""
        return self._proven.position >= self._size

    def add(self, start: int, end: int) -> None:
        """These bytes are written."""
        with self._lock:
            self._there.add(start, end)
            self._islands.append(ByteRange(start, end))

    def next_to_hash(self) -> int | None:
        """The end of what lies behind all that is hashed; None when nothing does."""
        with self._lock:
            upto = self._there.end_of(self._proven.position)
        return upto if upto > self._proven.position else None

    def hash(self, descriptor: int, upto: int, *, tell: Callable[[], None]) -> None:
        """Hash up to there; `tell` is called now and then, and what it raises ends it.

        Raises:
            OSError: the disk refuses.
        """
        os.lseek(descriptor, self._proven.position, os.SEEK_SET)
        with open(descriptor, "rb", buffering=0, closefd=False) as stream:
            while self._proven.position < upto:
                count = stream.readinto(self._room[: upto - self._proven.position])
                if not count:
                    raise OSError("the unfinished file is shorter than what was written to it")
                self._proven.digest.update(self._room[:count])
                self._proven.position += count
                tell()

    def record_in_turn(self, descriptor: int) -> None:
        """See `record`; only when much, or some time ago, was hashed.

        Raises:
            OSError: the disk refuses.
        """
        moved = self._proven.position - self._recorded
        if moved >= CHECKPOINT or self._monotonic() - self._recorded_at > CHECKPOINT_SECONDS:
            self.record(descriptor)

    def record(self, descriptor: int) -> None:
        """Make durable what arrived, then record it; nothing once the disk has lost some of it.

        Raises:
            OSError: the disk refuses.
        """
        if self._lost:
            return
        with self._lock:
            # One that the hashing has come into stays as it is: it may be nearly all that was left before.
            self._islands = [each for each in self._islands if each.end > self._proven.position]
            islands = list(self._islands)
        # What arrives while the disk is at it is not what it answers for.
        try:
            os.fsync(descriptor)
        except OSError:
            self._lost = True
            raise
        # Most of what arrives is soon hashed: only what still lies behind a gap needs a sum of its own.
        self._sums = {each: self._sums.get(each) or sum_of(descriptor, each) for each in islands}
        self._records.all_of(
            self._proven.mark(), [Island(each.start, each.end, crc) for each, crc in self._sums.items()]
        )
        self._recorded, self._recorded_at = self._proven.position, self._monotonic()

    def settle(self, *, all_there: bool) -> None:
        """See `Records`.

        Raises:
            OSError: the disk refuses.
        """
        self._records.settle(all_there=all_there)
