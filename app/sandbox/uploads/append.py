"""Taking the body of a request to the disk: large blocks, in worker threads, durable in steps."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from app.domain.disks import Refusal, refusal_of
from app.domain.errors import LocalError
from app.sandbox.intake import Intake
from app.sandbox.uploads.checkpoints import Checkpoints
from app.sandbox.uploads.checksums import Checksum, running_checksum
from app.sandbox.uploads.relay import SMALL, Relay
from app.sandbox.uploads.spool import Appender
from app.storage import PAGE

BLOCK = 1 << 20
"""Bytes that `BodyWriter.pump` writes at once."""

_AT_ONCE = 4
"""Of a block, the share that is taken from the network at once."""

_MORE = 3
"""Of what is left of a body, the share that is taken at once."""

Block = bytearray | memoryview
T = TypeVar("T")


class Ending(StrEnum):
    """How a request's body ended."""

    WHOLE = "whole"
    CUT = "cut"
    TAKEN_OVER = "taken over"
    TOO_LONG = "too long"
    WRONG_CHECKSUM = "wrong checksum"
    DISK_FULL = "disk full"
    NEVER_SO_LARGE = "never so large"
    DISK_FAILED = "disk failed"
    FAULT = "fault"


_ENDINGS = {
    Refusal.FULL: Ending.DISK_FULL,
    Refusal.TOO_LARGE: Ending.NEVER_SO_LARGE,
    Refusal.OTHER: Ending.DISK_FAILED,
}


class BodyCut(Exception):
    """The client went away in the middle of the body."""


class _TooLong(Exception):
    """The body has more bytes than the upload."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What a request has added.

    Attributes:
        received: bytes of the upload that are durable now.
    """

    received: int
    ending: Ending


class BodyWriter:
    """Takes a body to the disk in blocks: one is written and hashed while the next arrives.

    Args:
        appender: the open file.
        limit: no byte beyond this position; None while the length is deferred.
        checksum: of the whole body; until it is proven, nothing is recorded.
        checkpoints: of the same file; made while the body arrives.
        pool: runs what blocks.
    """

    def __init__(
        self,
        appender: Appender,
        *,
        limit: int | None,
        checksum: Checksum | None,
        checkpoints: Checkpoints,
        pool: Executor,
    ) -> None:
        self._appender = appender
        self._limit = limit
        self._checksum = checksum
        self._chunk = None if checksum is None else running_checksum(checksum.algorithm)
        self._checkpoints = checkpoints
        self._pool = pool
        self._pending: asyncio.Future[None] | None = None
        self._waiting: list[Block] = []
        self._taken = appender.start

    async def read(
        self,
        body: AsyncIterator[bytes],
        intake: Intake | None,
        *,
        heard: Callable[[], None],
        threads: Executor,
    ) -> None:
        """Read the body to its end: as `take` does where the connection can be had for it, else as `pump`."""
        if intake is not None and intake.begin(heard):
            await self.take(intake, threads=threads)
        else:
            await self.pump(body, heard=heard)

    async def pump(self, body: AsyncIterator[bytes], *, heard: Callable[[], None]) -> None:
        """Read the body to its end; `heard` is called for every piece. May be cancelled at any point.

        Raises:
            BodyCut: it did not end as announced.
            OSError, LocalError: the disk refuses.
        """
        buffer = bytearray()
        async for piece in body:
            heard()
            self._count(len(piece))
            if not self._waiting:
                self._waiting.append(buffer)
            buffer += piece
            if len(buffer) >= BLOCK:
                await self._hand_over()
                buffer = bytearray()

    async def take(self, intake: Intake, *, threads: Executor) -> None:
        """The same with an intake that has begun: one thread receives, one writes, one hashes.

        It ends once they have ended, however often it is cancelled meanwhile.

        Args:
            intake: is given back.
            threads: two of them are kept for as long as the client sends, a third one most of the time.

        Raises:
            BodyCut, OSError, LocalError: as `pump`.
        """
        try:
            taking = asyncio.get_running_loop().run_in_executor(threads, self._take, intake, threads)
        except BaseException:
            # No thread is to be had: the portal stops.
            intake.give_back()
            raise
        cancelled: asyncio.CancelledError | None = None
        while not taking.done():
            try:
                await asyncio.wait({taking})
            except asyncio.CancelledError as error:
                # However often it comes: the threads still have the file, its blocks and the connection.
                cancelled = error
                intake.interrupt()
        intake.give_back()
        if cancelled is not None:
            taking.exception()
            raise cancelled
        taking.result()

    async def end(self, pump: asyncio.Task[None], *, taken_over: bool, record: Callable[[Appended], T]) -> T:
        """Once the pump has ended: keep what arrived, or discard what may not be kept; make it durable.

        Args:
            pump: has ended.
            taken_over: whether a newer request interrupted it.
            record: writes the outcome down; called in the pool, after the file is closed.
        """
        ending = _ending_of(pump, taken_over=taken_over)
        try:
            await self._settle()
        except (OSError, LocalError) as error:
            ending = ending_of_error(error)
        loop = asyncio.get_running_loop()
        recorded = await loop.run_in_executor(self._pool, lambda: record(self._close(ending)))
        if ending is Ending.FAULT:
            await pump
        return recorded

    def _count(self, length: int) -> None:
        self._taken += length
        if self._limit is not None and self._taken > self._limit:
            raise _TooLong

    async def _hand_over(self) -> None:
        await self._settle()
        blocks, self._waiting = self._waiting, []
        self._pending = asyncio.get_running_loop().run_in_executor(self._pool, self._write, blocks)

    async def _settle(self) -> None:
        """Wait for the blocks on their way; being cancelled meanwhile leaves them on their way."""
        if self._pending is not None:
            await asyncio.shield(self._pending)
            self._pending = None

    def _take(self, intake: Intake, threads: Executor) -> None:
        # Hashed while the block is at hand. Read back behind the reception, a body would be acknowledged a
        # sixth sooner where two processors do everything, but judged a quarter later; from a disk it would be
        # acknowledged no sooner, and judged later still, for what was written there has left the cache.
        relay = Relay(self._store, *([self._hash] if self._appender.hashes else []))
        running: list[Future[None]] = []
        try:
            for number in range(relay.takers):
                running.append(threads.submit(relay.run, number))
            while (block := relay.block()) is not None:
                room = room_of(len(block), at=self._taken, begun=self._appender.start, left=intake.left)
                filled = intake.readinto(block[:room], at_once=len(block) // _AT_ONCE)
                self._count(filled)
                relay.hand_over(block, filled)
                if filled < room or intake.whole:
                    break
        finally:
            relay.end()
            # What arrived is stored before anybody asks how it ended.
            wait(running)
            relay.close()
        for one in running:
            one.result()
        if not intake.whole:
            raise BodyCut

    def _write(self, blocks: list[Block]) -> None:
        for block in blocks:
            self._hash([block])
            self._store([block])

    def _hash(self, blocks: Sequence[Block]) -> None:
        self._appender.hash(*blocks)

    def _store(self, blocks: Sequence[Block]) -> None:
        self._appender.write(*blocks)
        if self._chunk is not None:
            for block in blocks:
                self._chunk.update(block)
        else:
            self._checkpoints.reach()

    def _close(self, ending: Ending) -> Appended:
        try:
            if ending in (Ending.WHOLE, Ending.CUT, Ending.TAKEN_OVER):
                ending = self._written(ending)
            ending = self._settled(self._proven(ending))
            if ending in (Ending.TOO_LONG, Ending.WRONG_CHECKSUM) or (
                self._checksum is not None and ending is not Ending.WHOLE
            ):
                self._appender.roll_back()
            return Appended(received=self._appender.sync(), ending=ending)
        except OSError as error:
            # A checkpoint may lie behind what was cut back since.
            certain = min(self._checkpoints.certain, self._appender.position)
            return Appended(received=certain, ending=ending_of_error(error))
        finally:
            self._appender.close()

    def _written(self, ending: Ending) -> Ending:
        """The ending, after what arrived behind the last block is written, too."""
        try:
            self._write(self._waiting)
        except (OSError, LocalError) as error:
            return ending_of_error(error)
        return ending

    def _settled(self, ending: Ending) -> Ending:
        """The ending, once no checkpoint is being made any more; what the disk lost is for the caller."""
        try:
            self._checkpoints.settle()
        except LocalError as error:
            return ending_of_error(error)
        return ending

    def _proven(self, ending: Ending) -> Ending:
        if ending is not Ending.WHOLE or self._checksum is None or self._chunk is None:
            return ending
        if hmac.compare_digest(self._chunk.digest(), self._checksum.digest):
            return ending
        return Ending.WRONG_CHECKSUM


def room_of(most: int, *, at: int, begun: int, left: int) -> int:
    """Bytes of the next block: few at the beginning and the end of a body, where others wait for them.

    Args:
        most: that fit, `SMALL` or more.
        at: where in the file it begins.
        begun: where in the file the body begins.
        left: bytes of the body that are still to come.
    """
    wanted = min(most, max(SMALL, at - begun), max(SMALL, left // _MORE))
    # From the second block on, blocks begin at pages of the file.
    return wanted - (at + wanted) % PAGE


def _ending_of(pump: asyncio.Task[None], *, taken_over: bool) -> Ending:
    if pump.cancelled():
        return Ending.TAKEN_OVER if taken_over else Ending.CUT
    error = pump.exception()
    if error is None:
        return Ending.WHOLE
    if isinstance(error, BodyCut):
        return Ending.CUT
    if isinstance(error, _TooLong):
        return Ending.TOO_LONG
    return ending_of_error(error) if isinstance(error, OSError | LocalError) else Ending.FAULT


def ending_of_error(error: OSError | LocalError) -> Ending:
    """Whether the disk is full, takes no file so large, or fails otherwise."""
    if isinstance(error, LocalError):
        return Ending.DISK_FULL if error.code == "CF-1802" else Ending.DISK_FAILED
    return _ENDINGS[refusal_of(error)]
