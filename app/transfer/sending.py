"""`send`: one bundle to one destination, exactly once, through cuts, kills and pauses, to its proof."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

from app.domain.errors import PeerError, UnreachableError, WorldError
from app.domain.files import SealedBundle
from app.transfer.clock import Clock, SystemClock
from app.transfer.control import Cancelled, Control, Interrupted, Stopped, Wish
from app.transfer.destination import Destination, Lane, Level, Shipment
from app.transfer.journal import Journal, Transfer, TransferBusy
from app.transfer.parts import PartState, acked_prefix, realign
from app.transfer.progress import Progress, RateMeter
from app.transfer.retry import RetryPolicy
from app.transfer.source import Source, SourceChanged, source_changed
from app.transfer.states import TransferState

_log = logging.getLogger(__name__)

_SHOW_EVERY = 0.1
_RENEW_EVERY = 10.0


@dataclass(frozen=True, slots=True)
class Proof:
    """A transfer that ended well.

    Attributes:
        sha256: of the whole file, lower-case hex.
        level: how it was proven.
        resumed: how many times it went on from a part of the file.
        remote: the peer's name of the file (URL or path).
        sent: bytes that this call put on the wire; 0 when an earlier call had done it all.
    """

    sha256: str
    level: Level
    resumed: int
    remote: str = ""
    sent: int = 0


def idempotency_key(*parts: str) -> str:
    """One key for what these strings name together, such as case, file name and SHA-256."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:40]


def send(
    journal: Journal,
    bundle: SealedBundle,
    destination: Destination,
    *,
    key: str,
    control: Control | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    clock: Clock | None = None,
    policy: RetryPolicy | None = None,
) -> Proof:
    """Send it, or go on with what an earlier call, process or machine start left; blocks until it is proven.

    A key that was proven before is not sent again: its proof comes back at once. Errors with ``retryable``
    are waited for and tried again until nothing moved for ``policy.give_up_after`` seconds.

    Args:
        journal: where every step is a row before it happens.
        bundle: sealed; the only thing that can be sent.
        destination: where to; it is closed at the end.
        key: idempotency key of this content in this place; see `idempotency_key`.
        control: pause, resume, stop and cancel from another thread.
        on_progress: called from this thread at every acknowledged part and change of state, and between them
            at most ten times a second.
        clock: the machine's, unless a test has its own.
        policy: of waiting and giving up.

    Raises:
        WorldError: of all families, when it needs a person; the journal keeps what was reached.
        SourceChanged: the file is no longer the sealed one; nothing more is sent under this key.
        Cancelled, Stopped: asked for by `control`.
    """
    clock = clock or SystemClock()
    found = journal.find(key)
    if found is not None and found.state is TransferState.VERIFIED and found.sha256 == bundle.sha256:
        return _proof(found, sent=0)
    with closing(Source(bundle)) as source:
        transfer = journal.begin(
            bundle,
            source.identity,
            key=key,
            destination=destination.identity,
            part_size=destination.features.preferred_part,
            now=clock.wall(),
        )
        _refuse_ended(transfer)
        with journal.leased(transfer.id, now=clock.wall()), closing(destination):
            run = _Run(
                journal=journal,
                transfer=transfer,
                source=source,
                destination=destination,
                control=control or Control(),
                on_progress=on_progress,
                clock=clock,
                policy=policy or RetryPolicy(),
            )
            with run:
                return run.to_the_end()


def _refuse_ended(transfer: Transfer) -> None:
    if transfer.state is TransferState.CANCELLED:
        raise Cancelled("this key was cancelled; a new transfer has a new key")
    if transfer.state is TransferState.SUPERSEDED:
        raise source_changed(transfer.name, "an earlier attempt of this key found another content")


def _proof(transfer: Transfer, *, sent: int) -> Proof:
    level = transfer.level or Level.SIZE_ONLY
    return Proof(transfer.sha256, level, transfer.resumed, transfer.remote, sent)


class _Run:
    """One call of `send`; also the destination's `Beat`."""

    def __init__(
        self,
        *,
        journal: Journal,
        transfer: Transfer,
        source: Source,
        destination: Destination,
        control: Control,
        on_progress: Callable[[Progress], None] | None,
        clock: Clock,
        policy: RetryPolicy,
    ) -> None:
        self._journal = journal
        self._transfer = transfer
        self._source = source
        self._destination = destination
        self._control = control
        self._on_progress = on_progress
        self._clock = clock
        self._policy = policy
        self._shipment = Shipment(
            name=transfer.name,
            size=transfer.size,
            sha256=transfer.sha256,
            manifest_sha256=transfer.manifest_sha256,
            key=transfer.key,
        )
        # The digest of the whole is taken while the part is on its way: hashing frees the interpreter.
        self._digester = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transfer-digest")
        now = clock.monotonic()
        self._meter = RateMeter(now=now)
        self._parts = journal.parts(transfer.id)
        self._acked = sum(part.length for part in acked_prefix(self._parts))
        self._best = self._acked
        self._on_wire = 0
        self._sent = 0
        self._restarts = 0
        self._failures = 0
        self._moved_at = now
        self._shown_at = now - 2 * _SHOW_EVERY
        self._renewed_at = now
        self._resumed_here = False

    def __enter__(self) -> None:
        return

    def __exit__(self, *_exception: object) -> None:
        self._digester.shutdown()

    def to_the_end(self) -> Proof:
        """Attempts, waits and pauses, until the proof or an error that waiting does not mend."""
        while True:
            try:
                self._heed()
                return self._attempt()
            except _PauseAsked:
                self._pause()
            except Cancelled:
                self._give_up()
                raise
            except (Stopped, TransferBusy):
                raise
            except SourceChanged as error:
                self._move(TransferState.SUPERSEDED, error=error)
                self._abort_quietly()
                raise
            except WorldError as error:
                self._wait_or_raise(error)

    def moved(self, count: int) -> None:
        """`Beat.moved`."""
        self._on_wire += count
        self._sent += count
        self._meter.add(count, now=self._clock.monotonic())
        self._show()
        self._heed()

    def rest(self, seconds: float) -> None:
        """`Beat.rest`."""
        self._sleep(seconds)

    def remember(self, remote: str) -> None:
        """`Beat.remember`."""
        self._journal.note_remote(self._transfer.id, remote, resumed=False)
        self._transfer = replace(self._transfer, remote=remote)

    def _attempt(self) -> Proof:
        self._move(TransferState.SENDING, attempt=True)
        opened = self._destination.open_or_resume(
            self._shipment, remote=self._transfer.remote, acked=acked_prefix(self._parts), beat=self
        )
        offset = next((each.end for each in opened.have if each.start == 0), 0)
        self._note_opened(opened.remote, offset)
        if not opened.finished:
            lane = self._destination.lane()
            self._prove_prefix(offset)
            while self._acked < self._transfer.size:
                self._put_next(lane)
            self._source.prove_whole()
        self._move(TransferState.FINISHING)
        self._destination.finish(self._shipment, beat=self)
        self._move(TransferState.VERIFYING)
        level = self._destination.verify(self._shipment, beat=self)
        self._journal.note_verified(self._transfer.id, level, now=self._clock.wall())
        self._transfer = replace(self._transfer, state=TransferState.VERIFIED, level=level)
        self._show(always=True)
        return _proof(self._transfer, sent=self._sent)

    def _note_opened(self, remote: str, offset: int) -> None:
        before = self._transfer
        forgotten = before.remote != "" and offset == 0 and self._best > 0
        if forgotten:
            self._restarts += 1
            _log.info("transfer %d: the peer no longer has it, from the start again", before.id)
            if self._restarts > self._policy.most_restarts:
                raise PeerError(
                    "The server forgets the upload again and again",
                    happened=f"{before.destination} lost what it had {self._restarts} times.",
                    todo="Tell the server's operator; try again later, or send another way.",
                    code="CF-1612",
                )
        goes_on = offset > 0
        if remote != before.remote or goes_on:
            self._journal.note_remote(before.id, remote, resumed=goes_on)
            self._transfer = replace(before, remote=remote, resumed=before.resumed + int(goes_on))

    def _prove_prefix(self, offset: int) -> None:
        """Bring the plan to the peer's offset, and prove that our file still begins with what was sent."""
        part_size = self._destination.features.preferred_part
        parts = realign(self._parts, offset=offset, size=self._transfer.size, part_size=part_size)
        self._source.rewind(offset)
        for number, part in enumerate(parts):
            if part.state is not PartState.ACKED:
                break
            if part.end <= self._source.reached:
                continue
            start = max(part.offset, self._source.reached)
            data = self._source.read(start, part.end - start)
            if start == part.offset:
                digest = hashlib.sha256(data).hexdigest()
                if part.sha256 not in ("", digest):
                    raise source_changed(self._transfer.name, f"bytes from {start} differ from what was sent")
                parts[number] = replace(part, sha256=digest)
            self._source.extend(start, data)
            self._heed()
        if parts != self._parts:
            self._journal.replace_parts(self._transfer.id, parts)
            self._parts = parts
        self._acked, self._on_wire = offset, 0
        self._show()

    def _put_next(self, lane: Lane) -> None:
        number = len(acked_prefix(self._parts))
        part = self._parts[number]
        data = self._source.read(part.offset, part.length)
        part = replace(part, sha256=hashlib.sha256(data).hexdigest(), state=PartState.SENT)
        self._journal.mark_part(self._transfer.id, part)
        self._on_wire = 0
        extended = self._digester.submit(self._source.extend, part.offset, data)
        try:
            if part.end == self._transfer.size:
                # Before the last byte leaves: a peer that has it all takes the file as complete.
                extended.result()
                self._source.prove_whole()
            reached = lane.put(part, data, beat=self)
        finally:
            extended.result()
        if reached == part.end:
            part = replace(part, state=PartState.ACKED)
            self._journal.mark_part(self._transfer.id, part)
            self._parts[number] = part
            self._acked, self._on_wire = part.end, 0
            self._show(always=True)
        elif 0 <= reached <= self._transfer.size:
            self._prove_prefix(reached)
        else:
            raise PeerError(
                "The server claims an impossible offset",
                happened=f"{self._transfer.destination} says {reached} of {self._transfer.size} bytes.",
                todo="Tell the server's operator.",
                code="CF-1613",
            )
        if self._acked > self._best:
            self._best, self._failures, self._moved_at = self._acked, 0, self._clock.monotonic()
        elif reached <= part.offset:
            raise UnreachableError(
                "The server did not take a part",
                happened=f"{self._transfer.destination} stays at byte {self._acked}.",
                todo="It is tried again.",
                code="CF-1518",
            )

    def _wait_or_raise(self, error: WorldError) -> None:
        self._destination.close()
        quiet = self._clock.monotonic() - self._moved_at
        if not error.retryable or quiet > self._policy.give_up_after:
            self._move(TransferState.FAILED, error=error)
            raise error
        self._failures += 1
        asked = error.retry_after if isinstance(error, UnreachableError) else None
        seconds = self._policy.wait(self._failures, asked=asked)
        _log.info("transfer %d: %s, next attempt in %.1f s", self._transfer.id, error.code, seconds)
        self._move(TransferState.WAITING, error=error, retry_in=seconds)
        try:
            self._sleep(seconds)
        except _PauseAsked:
            self._pause()
        except Cancelled:
            self._give_up()
            raise

    def _pause(self) -> None:
        self._destination.close()
        self._move(TransferState.PAUSED)
        paused_at = self._clock.monotonic()
        try:
            while self._control.wish is Wish.PAUSE:
                self._clock.wait(self._control, wish=Wish.PAUSE, seconds=_RENEW_EVERY)
                self._renew()
        finally:
            # A pause is not the peer's silence.
            self._moved_at += self._clock.monotonic() - paused_at

    def _give_up(self) -> None:
        self._abort_quietly()
        self._move(TransferState.CANCELLED)

    def _abort_quietly(self) -> None:
        """Throw the peer's part away; when that fails, the peer's own expiry does it."""
        if not self._transfer.remote:
            return
        try:
            self._destination.abort(self._transfer.remote)
        except WorldError as error:
            _log.info("transfer %d: the unfinished file stays at the peer: %s", self._transfer.id, error.code)

    def _sleep(self, seconds: float) -> None:
        self._heed()
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            self._clock.wait(self._control, wish=Wish.GO, seconds=min(left, _RENEW_EVERY))
            self._heed()

    def _heed(self) -> None:
        """Do what `Control` asks, and keep the lease."""
        wish = self._control.wish
        if wish is Wish.CANCEL:
            raise Cancelled("cancelled")
        if wish is Wish.STOP:
            raise Stopped("stopped")
        if wish is Wish.PAUSE:
            raise _PauseAsked
        self._renew()

    def _renew(self) -> None:
        now = self._clock.monotonic()
        if now - self._renewed_at >= _RENEW_EVERY:
            self._journal.renew(self._transfer.id, now=self._clock.wall())
            self._renewed_at = now

    def _move(
        self,
        state: TransferState,
        *,
        error: WorldError | None = None,
        retry_in: float | None = None,
        attempt: bool = False,
    ) -> None:
        code = "" if error is None else error.code
        self._journal.move(self._transfer.id, state, now=self._clock.wall(), error_code=code, attempt=attempt)
        self._transfer = replace(self._transfer, state=state, error_code=code)
        if state is not TransferState.FINISHING and state is not TransferState.VERIFYING:
            self._meter.reset(now=self._clock.monotonic())
        self._show(always=True, error=error, retry_in=retry_in)

    def _show(
        self, *, always: bool = False, error: WorldError | None = None, retry_in: float | None = None
    ) -> None:
        if self._on_progress is None:
            return
        now = self._clock.monotonic()
        if not always and now - self._shown_at < _SHOW_EVERY:
            return
        self._shown_at = now
        size = self._transfer.size
        done = min(self._acked + self._on_wire, size)
        self._on_progress(
            Progress(
                state=self._transfer.state,
                done=done,
                acked=self._acked,
                size=size,
                rate=self._meter.rate,
                eta=self._meter.eta(size - done),
                resumed=self._transfer.resumed,
                error_code="" if error is None else error.code,
                error="" if error is None else f"{error.title}. {error.happened}",
                retry_in=retry_in,
            )
        )


class _PauseAsked(Interrupted):
    """Never leaves `send`."""
