"""One writer per upload: a newer request waits for the one before it, and takes over from one that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class UploadLocked(Exception):
    """Another request is still sending to this upload, and bytes still arrive there."""


@dataclass(slots=True, eq=False)
class Lease:
    """The right to change an upload.

    Attributes:
        heard: when a byte arrived last, on the clock of `Leases`.
        pump: the task that reads the request's body; None when it must not be interrupted any more.
        taken_over: whether a newer request interrupted the pump.
    """

    heard: float
    pump: asyncio.Task[None] | None = None
    taken_over: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def interrupt(self) -> None:
        """Stop reading the body; what arrived is kept by the holder, who then gives the lease back.

        Once: one that is interrupted already needs its time to keep what arrived.
        """
        if self.pump is not None and not self.pump.done() and not self.taken_over:
            self.taken_over = True
            self.pump.cancel()


class Leases:
    """All leases of one portal; for one event loop.

    Args:
        clock: monotonic seconds.
        quiet: seconds without a byte after which a holder counts as hung.
        patience: seconds a newcomer waits for a holder that is still receiving.
    """

    def __init__(self, clock: Callable[[], float], *, quiet: float = 1.0, patience: float = 5.0) -> None:
        self._clock = clock
        self._quiet = quiet
        self._patience = patience
        self._held: dict[str, Lease] = {}

    def held(self, upload: str) -> bool:
        """Whether somebody holds the upload's lease."""
        return upload in self._held

    @asynccontextmanager
    async def hold(self, upload: str) -> AsyncIterator[Lease]:
        """Wait for the upload's lease and keep it for the block.

        Raises:
            UploadLocked: its holder is alive and does not end in time.
        """
        deadline = self._clock() + self._patience
        while (holder := self._held.get(upload)) is not None:
            now = self._clock()
            if now >= deadline:
                raise UploadLocked
            silent = now - holder.heard
            if silent >= self._quiet:
                holder.interrupt()
            pause = deadline - now if silent >= self._quiet else min(self._quiet - silent, deadline - now)
            await _wait(holder.released, seconds=pause)
        lease = Lease(heard=self._clock())
        self._held[upload] = lease
        try:
            yield lease
        finally:
            del self._held[upload]
            lease.released.set()

    def touch(self, lease: Lease) -> None:
        """A byte arrived for this lease's holder."""
        lease.heard = self._clock()

    def silence(self, lease: Lease) -> float:
        """Seconds since the holder's last byte."""
        return self._clock() - lease.heard


async def _wait(event: asyncio.Event, *, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
