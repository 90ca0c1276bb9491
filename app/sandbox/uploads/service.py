"""The uploads of one running portal: creating, appending, checking, expiring."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from app.domain.errors import LocalError
from app.sandbox.crew import Crew
from app.sandbox.intake import Intake
from app.sandbox.site import Site
from app.sandbox.uploads.append import Appended, BodyWriter, Ending
from app.sandbox.uploads.checkpoints import Checkpoints
from app.sandbox.uploads.headers import Checksum, UploadKind, parse_concat
from app.sandbox.uploads.inspection import Interrupted, inspect
from app.sandbox.uploads.leases import Lease, Leases, UploadLocked
from app.sandbox.uploads.record import Phase, Upload, provable
from app.sandbox.uploads.rows import (
    begin_append,
    drop_gone,
    end_append,
    forget_upload,
    insert_upload,
    keep_until,
    known_ids,
    note_received,
    overdue_uploads,
    set_length,
    upload_by_id,
    uploads_in,
)
from app.sandbox.uploads.spool import Appender, RunningDigest, Spool

FOLDER = "/api/v1/uploads"
"""The path under which uploads live."""

_log = logging.getLogger("app.sandbox.uploads")
_T = TypeVar("_T")
_MOST_TAKERS = 64


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """How the portal treats uploads.

    Attributes:
        lifetime: after the last byte; then an incomplete upload expires.
        remembered: how long a terminated or expired upload answers *gone* instead of *not found*.
        answer_wait: seconds the last request waits for the check before it says *checking*.
        stall: seconds without a byte after which a request is given up.
        checkpoint_bytes: after so many bytes inside one request the offset is made durable, while it goes on.
        purge_every: seconds between two looks for expired uploads.
        retry_check: seconds until a check that the disk refused is tried again.
    """

    lifetime: timedelta = timedelta(days=7)
    remembered: timedelta = timedelta(days=30)
    answer_wait: float = 5.0
    stall: float = 120.0
    checkpoint_bytes: int = 64 << 20
    purge_every: float = 60.0
    retry_check: float = 10.0


class Uploads:
    """All uploads of a portal; its coroutines belong to the portal's event loop."""

    def __init__(self, site: Site, settings: UploadSettings) -> None:
        self.site = site
        self.settings = settings
        self.leases = Leases(site.monotonic)
        self._spool = Spool(site.data / "uploads")
        self._pool = Crew(max_workers=16, thread_name_prefix="uploads")
        self._takers = Crew(max_workers=4 * _MOST_TAKERS, thread_name_prefix="intake")
        self._digests: dict[str, RunningDigest] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._held: set[Lease] = set()
        self._stopping = threading.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Go on with what a stop or a kill interrupted, and begin to look for expired uploads."""
        await self.blocking(self._drop_strays)
        for upload in await self.blocking(uploads_in, self.site.database, Phase.CHECKING):
            self.check(upload)
        self._tasks = [asyncio.create_task(self._keep_house()), asyncio.create_task(self._end_bodies())]

    async def stop(self) -> None:
        """End bodies and checks at the next block; what is durable stays, and goes on at the next start."""
        self._stopping.set()
        for lease in self._held:
            lease.interrupt()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._checks.values(), return_exceptions=True)
        # What is in the pool may still need a taker.
        for pool in (self._pool, self._takers):
            await asyncio.to_thread(pool.shutdown)

    async def blocking(self, call: Callable[..., _T], *arguments: object) -> _T:
        """Run what reads or writes the disk beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)

    def new_id(self) -> str:
        """Unguessable, fit for paths and addresses."""
        return secrets.token_hex(16)

    def free(self) -> int:
        """Bytes that still fit on the portal's disk."""
        return self._spool.free()

    # Called in the pool.

    def find(self, identity: str) -> Upload | None:
        """The upload as it is provable now."""
        return upload_by_id(self.site.database, identity)

    def proven(self, upload: Upload) -> Upload:
        """The same with the offset that row and file agree on; only its lease's holder may ask."""
        if upload.phase is not Phase.RECEIVING:
            return upload
        received = provable(recorded=upload.received, on_disk=self._spool.size(upload.id))
        if received < upload.received:
            # Bytes that come in their place count no sooner than they are proven, whatever happens meanwhile.
            self._record(upload.id, received)
        return replace(upload, received=received)

    def create(self, upload: Upload) -> None:
        """Add one.

        Raises:
            DuplicateRow: the case has an upload with this idempotency key.
        """
        with self.site.database.transaction() as connection:
            insert_upload(connection, upload)
            if upload.kind is UploadKind.FINAL:
                until = self.site.clock() + self.settings.lifetime
                for part in self.parts_of(upload):
                    keep_until(connection, part, expires=until)

    def fix_length(self, upload: Upload, length: int) -> Upload:
        """The deferred length is known."""
        with self.site.database.transaction() as connection:
            set_length(connection, upload.id, length=length)
        return replace(upload, length=length)

    def forget(self, upload: Upload) -> None:
        """Terminate or expire: drop the bytes; the address answers *gone*."""
        with self.site.database.transaction() as connection:
            forget_upload(connection, upload.id, now=self.site.clock())
        self._digests.pop(upload.id, None)
        self._spool.remove(upload.id)

    def parts_of(self, upload: Upload) -> tuple[str, ...]:
        """Ids of the parts of a final upload."""
        return parse_concat(upload.concat, folder=FOLDER).parts if upload.kind is UploadKind.FINAL else ()

    # Called in the event loop.

    async def append(
        self,
        ready: Callable[[], Upload],
        lease: Lease,
        body: AsyncIterator[bytes],
        *,
        intake: Intake | None,
        checksum: Checksum | None,
    ) -> tuple[Upload, Ending]:
        """Take a request's body to the upload's end; the holder of the lease calls it.

        Args:
            ready: the upload as `proven` says, or why it takes nothing; called in the pool.
            lease: of this upload.
            body: raises `BodyCut` when the client goes away.
            intake: the same body in blocks, where the protocol offers that.
            checksum: of this body.

        Returns:
            The upload after it, and how the body ended. What is recorded is on the disk. One that is complete
            takes nothing.

        Raises:
            OSError, LocalError: not even the beginning could be written; nothing has changed.
        """
        upload, opened = await self.blocking(self._open, ready, checksum)
        if opened is None:
            return upload, Ending.WHOLE
        appender, writer = opened

        def heard() -> None:
            self.leases.touch(lease)

        lent = intake if len(self._held) < _MOST_TAKERS else None
        lease.pump = asyncio.create_task(writer.read(body, lent, heard=heard, threads=self._takers))
        self._held.add(lease)
        try:
            if self.site.stopping.is_set():
                lease.interrupt()
            await self._watch(lease.pump, lease)
        finally:
            pump, lease.pump = lease.pump, None
            self._held.discard(lease)
            pump.cancel()
        after, ending = await writer.end(
            pump, taken_over=lease.taken_over, record=partial(self._after, upload, appender)
        )
        if after.phase is Phase.CHECKING:
            self.check(after)
        return after, ending

    def check(self, upload: Upload) -> asyncio.Task[None]:
        """Begin the check of a complete upload, or join the one that runs."""
        running = self._checks.get(upload.id)
        if running is None:
            running = asyncio.create_task(self._check(upload))
            self._checks[upload.id] = running
            running.add_done_callback(partial(self._check_ended, upload.id))
        return running

    async def checked(self, upload: Upload) -> Upload:
        """The upload after its check, or as it is when that takes longer than `answer_wait`."""
        running = self._checks.get(upload.id)
        if running is None and upload.phase is Phase.RECEIVING:
            return upload
        if running is not None:
            await asyncio.wait({running}, timeout=self.settings.answer_wait)
        return await self.blocking(self.find, upload.id) or upload

    async def purge(self) -> None:
        """Drop what has expired."""
        now = self.site.clock()
        for upload in await self.blocking(partial(overdue_uploads, self.site.database, now=now)):
            try:
                async with self.leases.hold(upload.id):
                    again = await self.blocking(self.find, upload.id)
                    if again is not None and again.phase is upload.phase and again.expires <= now:
                        await self.blocking(self.forget, again)
            except UploadLocked:
                continue
        await self.blocking(self._drop_gone)

    def _open(
        self, ready: Callable[[], Upload], checksum: Checksum | None
    ) -> tuple[Upload, tuple[Appender, BodyWriter] | None]:
        upload = ready()
        if upload.phase is not Phase.RECEIVING:
            return upload, None
        digest = self._digests.get(upload.id)
        # Parts are hashed when they are joined: the order is known then.
        path, hashed = self._spool.path(upload.id), upload.kind is not UploadKind.PARTIAL
        appender = Appender(path, start=upload.received, digest=digest, hashed=hashed)
        try:
            # A power cut may take it back: then the next request does not count as one that resumes.
            with self.site.database.transaction(waits=False) as connection:
                begin_append(connection, upload.id, received=upload.received, resumed=_resumes(upload))
        except LocalError:
            appender.close()
            raise
        checkpoints = Checkpoints(
            appender,
            partial(self._record, upload.id),
            every=self.settings.checkpoint_bytes,
            threads=self._takers,
        )
        writer = BodyWriter(
            appender, limit=upload.length, checksum=checksum, checkpoints=checkpoints, pool=self._pool
        )
        return upload, (appender, writer)

    def _record(self, identity: str, position: int) -> None:
        with self.site.database.transaction() as connection:
            note_received(connection, identity, received=position)

    def _after(self, upload: Upload, appender: Appender, appended: Appended) -> tuple[Upload, Ending]:
        clean = appended.ending is Ending.WHOLE
        complete = upload.length is not None and appended.received == upload.length
        phase = upload.phase
        if complete:
            phase = Phase.DONE if upload.kind is UploadKind.PARTIAL else Phase.CHECKING
        expires = self.site.clock() + self.settings.lifetime
        # Of one that was ever cut the check reads back what lies on the disk.
        digest = appender.digest if clean else None
        if digest is not None and digest.position == appended.received and phase is not Phase.DONE:
            self._digests[upload.id] = digest
        else:
            self._digests.pop(upload.id, None)
        with self.site.database.transaction() as connection:
            end_append(
                connection, upload.id, received=appended.received, clean=clean, phase=phase, expires=expires
            )
        return self.find(upload.id) or upload, appended.ending

    async def _watch(self, pump: asyncio.Task[None], lease: Lease) -> None:
        """Wait for the pump; one that hears nothing for too long is interrupted."""
        while not pump.done():
            await asyncio.wait({pump}, timeout=max(0.05, self.settings.stall / 4))
            if self.leases.silence(lease) > self.settings.stall:
                pump.cancel()

    async def _check(self, upload: Upload) -> None:
        digest = self._digests.pop(upload.id, None)
        job = partial(
            inspect,
            self.site,
            self._spool,
            upload,
            parts=self.parts_of(upload),
            stopping=self._stopping.is_set,
        )
        while not self._stopping.is_set():
            try:
                await self.blocking(partial(job, digest=digest))
                return
            except Interrupted:
                return
            except (OSError, LocalError) as error:
                _log.warning("upload %s: the check is tried again: %s", upload.id, type(error).__name__)
            digest = None
            await self._pause(self.settings.retry_check)

    def _check_ended(self, identity: str, task: asyncio.Task[None]) -> None:
        del self._checks[identity]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("upload %s: the check failed", identity, exc_info=error)

    async def _end_bodies(self) -> None:
        """When the portal is about to stop, no hanging request may hold it up."""
        await self.site.stopping.wait()
        for lease in self._held:
            lease.interrupt()

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not beyond the portal's stop."""
        try:
            async with asyncio.timeout(seconds):
                await self.site.stopping.wait()
        except TimeoutError:
            return

    async def _keep_house(self) -> None:
        while True:
            try:
                await self.purge()
            except (OSError, LocalError) as error:
                _log.warning("expired uploads could not be dropped: %s", type(error).__name__)
            await asyncio.sleep(self.settings.purge_every)

    def _drop_gone(self) -> None:
        with self.site.database.transaction() as connection:
            drop_gone(connection, before=self.site.clock() - self.settings.remembered)

    def _drop_strays(self) -> None:
        known = known_ids(self.site.database)
        for name in list(self._spool.names()):
            if name not in known:
                self._spool.remove(name)


def _resumes(upload: Upload) -> bool:
    """Whether the request before this one was cut in the middle."""
    return upload.appending and upload.received > 0
