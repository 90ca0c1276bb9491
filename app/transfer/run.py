"""One call of `send`: attempts, waits and pauses, until the proof or an error that waiting does not mend."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.errors import IntegrityError, PeerError, RefusedError, UnreachableError, WorldError
from app.transfer.attempt import Attempt
from app.transfer.bandwidth import LARGEST_STRIDE, Flow
from app.transfer.board import not_taken
from app.transfer.clock import Clock
from app.transfer.closed import closed_now
from app.transfer.control import Cancelled, Control, Interrupted, Stopped, Wish
from app.transfer.destination import Breakable, Destination, Doubtful, Opened, Shipment
from app.transfer.ends import JournalEnds
from app.transfer.journal import Journal, Transfer, TransferBusy
from app.transfer.lanes import StandsElsewhere
from app.transfer.outage import Network
from app.transfer.parts import Part, PartState, acked_parts, all_acked, reconcile
from app.transfer.progress import Progress, RateMeter
from app.transfer.retry import RetryPolicy, has_no_connection
from app.transfer.source import Source, SourceChanged, source_changed
from app.transfer.states import TransferState
from app.transfer.whole import WholeDigest

_log = logging.getLogger(__name__)

_SHOW_EVERY = 0.1
_RENEW_EVERY = 10.0
_LOOK_EVERY = 1.0
_BY_A_PROXY = "CF-1250"
_ABORT_FOR = 10.0
_ABORT_FOR_SILENT = 1.0
"""Seconds that a cancelled transfer is given to be thrown away at the peer, and at one that was silent."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run is given; see `send`."""

    journal: Journal
    control: Control
    clock: Clock
    policy: RetryPolicy
    connections: int
    flow: Flow | None
    network: Network
    on_progress: Callable[[Progress], None] | None


class Run:
    """A transfer in the hands of this process; also the `Beat` of what is not a part.

    Attributes:
        sent: bytes that this run put on the wire.
    """

    def __init__(self, tools: Tools, *, transfer: Transfer, source: Source, destination: Destination) -> None:
        self._tools = tools
        self._clock = tools.clock
        self._control = tools.control
        self._transfer = transfer
        self._source = source
        self._destination = destination
        self._shipment = Shipment(
            name=transfer.name,
            size=transfer.size,
            sha256=transfer.sha256,
            manifest_sha256=transfer.manifest_sha256,
            key=transfer.key,
            ends=JournalEnds(tools.journal, transfer.id, wall=self._clock.wall),
        )
        self._remote = transfer.remote
        self._remembering = threading.Lock()
        self._whole = WholeDigest(source)
        now = self._clock.monotonic()
        self._meter = RateMeter(now=now)
        self._parts: list[Part] = tools.journal.parts(transfer.id)
        self._read: dict[Part, Part] = {}
        self._attempt: Attempt | None = None
        self._acked = self._best = sum(part.length for part in acked_parts(self._parts))
        self._elsewhere_at = -1
        self.sent = 0
        self._restarts = 0
        self._failures = 0
        self._broken_off = False
        self._breaking = threading.Lock()
        self._aborting = False
        self._moved_at, self._stood_at = now, self._stood()
        self._shown_at = now - 2 * _SHOW_EVERY
        self._renewed_at = now

    def close(self) -> None:
        """End its threads."""
        self._whole.close()

    def to_the_end(self) -> Transfer:
        """Attempts, waits and pauses, until the proof.

        Raises:
            WorldError: what waiting does not mend, or not any more.
            Cancelled, Stopped: asked for.
        """
        with self._control.watched(self._break_off):
            return self._until_proven()

    def _break_off(self) -> None:
        """In the thread that asks: a peer that is silent is not waited for."""
        with self._breaking:
            # That the peer throws away what it has is what was asked for, and has its own limit of time.
            wanted = self._control.wish is not Wish.GO and not self._aborting
            if wanted and isinstance(self._destination, Breakable):
                self._destination.break_off()

    def _until_proven(self) -> Transfer:
        while True:
            try:
                self.heed()
                self._refuse_another_source()
                self._hold_while_closed()
                return self._try()
            except StandsElsewhere:
                self._look_again()
            except PauseAsked:
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
                if error.retryable and self._control.wish is not Wish.GO:
                    self._destination.close()  # it is what was asked for that broke it
                    self._broken_off = True
                    continue
                self._wait_or_raise(error)

    @property
    def stride(self) -> int:
        """`Beat.stride`."""
        return LARGEST_STRIDE

    def leaving(self, count: int) -> None:
        """`Beat.leaving`: see `moved`."""
        del count

    def moved(self, count: int) -> None:
        """`Beat.moved`: a part of a file that is not one of the plan's; nothing to count."""
        del count
        self.heed()

    def rest(self, seconds: float) -> None:
        """`Beat.rest`."""
        self._sleep(seconds)

    def remember(self, remote: str) -> None:
        """`Beat.remember`; from any thread."""
        with self._remembering:
            self._tools.journal.note_remote(self._transfer.id, remote, resumed=False)
            self._remote = remote

    def heed(self) -> None:
        """Do what `Control` asks, and keep the lease."""
        wish = self._control.wish
        if wish is Wish.CANCEL:
            raise Cancelled("cancelled")
        if wish is Wish.STOP:
            raise Stopped("stopped")
        if wish is Wish.PAUSE:
            raise PauseAsked
        self._renew()

    def progressed(self, attempt: Attempt, *, always: bool) -> None:
        """Something moved in an attempt: count it and show it."""
        now = self._clock.monotonic()
        self._acked = attempt.acked
        moved = attempt.fresh()
        self.sent += moved
        self._meter.add(moved, now=now)
        if self._acked > self._best:
            self._best, self._failures = self._acked, 0
            self._moved_at, self._stood_at = now, self._stood()
        self._show(always=always)

    def _try(self) -> Transfer:
        self._move(TransferState.SENDING, attempt=True)
        opened = self._destination.open_or_resume(
            self._shipment, remote=self._remote, acked=self._acked_parts(), beat=self
        )
        self._note_opened(opened)
        if opened.finished:
            self._note_all_there()
        else:
            self._send_parts(opened)
        try:
            self._move(TransferState.FINISHING)
            self._destination.finish(self._shipment, beat=self)
            self._move(TransferState.VERIFYING)
            level = self._destination.verify(self._shipment, beat=self)
        except (IntegrityError, RefusedError):
            # What was not hashed on its way may have changed by itself: then it is not the peer's fault.
            self._whole.doubt(self.heed)
            raise
        doubt = self._destination.doubt if isinstance(self._destination, Doubtful) else ""
        self._tools.journal.note_verified(self._transfer.id, level, now=self._clock.wall(), doubt=doubt)
        self._transfer = replace(
            self._transfer, state=TransferState.VERIFIED, level=level, remote=self._remote, error=doubt
        )
        self._show(always=True)
        return self._transfer

    def _acked_parts(self) -> list[Part]:
        """As the destination needs them; each is read once, however often nobody answers."""
        acked = acked_parts(self._parts)
        if not self._destination.features.resume_digests:
            return acked
        proven = []
        for part in acked:
            self.heed()
            if not part.sha256 and part not in self._read:
                self._read[part] = self._source.read_part(part)[0]
            proven.append(self._read.get(part, part))
        return [replace(part, state=PartState.ACKED) for part in proven]

    def _hold_while_closed(self) -> None:
        """Open nothing in hours in which nothing may be sent."""
        flow = self._tools.flow
        if flow is None or not flow.closed:
            return
        self._move(TransferState.WAITING, error=closed_now())
        while flow.closed:
            self._sleep(_LOOK_EVERY)

    def _stood(self) -> float:
        return 0.0 if self._tools.flow is None else self._tools.flow.stood

    def _note_opened(self, opened: Opened) -> None:
        self._broken_off = False
        before = self._transfer
        had = sum(each.length for each in opened.have)
        if self._remote and not had and self._best > 0:
            self._restarts += 1
            _log.info("transfer %d: the peer no longer has it, from the start again", before.id)
            if self._restarts > self._tools.policy.most_restarts:
                raise PeerError(
                    "The server forgets the upload again and again",
                    happened=f"{before.destination} lost what it had {self._restarts} times.",
                    todo="Tell the server's operator; try again later, or send another way.",
                    code="CF-1612",
                )
        if opened.remote != self._remote or had:
            self._tools.journal.note_remote(before.id, opened.remote, resumed=had > 0)
            self._transfer = replace(before, resumed=before.resumed + int(had > 0))
            self._remote = opened.remote
        if opened.finished:
            self._acked = self._transfer.size

    def _note_all_there(self) -> None:
        """The peer has the file, perhaps from before this journal: it is sent neither again nor elsewhere."""
        parts = all_acked(self._parts, size=self._transfer.size)
        if parts != self._parts:
            self._tools.journal.replace_parts(self._transfer.id, parts)
            self._parts = parts

    def _send_parts(self, opened: Opened) -> None:
        try:
            parts = reconcile(self._parts, opened.have, size=self._transfer.size, split=self._whole.split)
        except ValueError as error:
            raise PeerError(
                "The server claims an impossible offset",
                happened=f"{self._transfer.destination}: {error}.",
                todo="Tell the server's operator.",
                code="CF-1613",
            ) from error
        if parts != self._parts:
            self._tools.journal.replace_parts(self._transfer.id, parts)
            self._parts = parts
        attempt = Attempt(
            self._tools,
            self,
            transfer=self._transfer,
            whole=self._whole,
            destination=self._destination,
            opened=opened,
            parts=parts,
        )
        self._attempt = attempt
        try:
            self.progressed(attempt, always=True)
            attempt.run()
        finally:
            self.progressed(attempt, always=False)
            self._attempt = None
            self._parts = self._tools.journal.parts(self._transfer.id)

    def _refuse_another_source(self) -> None:
        """The file begins and ends as it did when it was planned; the rest is proven by its digest."""
        planned, now = self._transfer.source, self._source.identity
        if (planned.head, planned.tail) != (now.head, now.tail):
            raise source_changed(self._transfer.name, "it begins or ends in another way than when planned")

    def _wait_or_raise(self, error: WorldError) -> None:
        self._destination.close()
        policy = self._tools.policy
        # Hours in which nothing may be sent are not the peer's silence.
        quiet = self._clock.monotonic() - self._moved_at - (self._stood() - self._stood_at)
        if not error.retryable or quiet > policy.give_up_after:
            self._move(TransferState.FAILED, error=error)
            raise error
        self._failures += 1
        asked = error.retry_after if isinstance(error, UnreachableError) else None
        outage = quiet if has_no_connection(error) else None
        seconds = policy.wait(self._failures, asked=asked, outage=outage)
        _log.info("transfer %d: %s, next attempt in %.1f s", self._transfer.id, error.code, seconds)
        self._move(TransferState.WAITING, error=error, retry_in=seconds)
        try:
            self._sleep_until_the_network_is_back(seconds, asked=asked is not None)
        except PauseAsked:
            self._pause()
        except Cancelled:
            self._give_up()
            raise

    def _look_again(self) -> None:
        """The peer claims to stand elsewhere: it is asked at once, and believed while that brings bytes."""
        before, self._elsewhere_at = self._elsewhere_at, self._best
        if before == self._best:
            self._wait_or_raise(not_taken(self._transfer.destination, offset=self._acked))

    def _sleep_until_the_network_is_back(self, seconds: float, *, asked: bool) -> None:
        """Wait between attempts; a nudge ends it, and another way to the peer, unless the peer said when."""
        network, place = self._tools.network, self._transfer.destination
        nudges, way = self._control.nudges, network.way(place)
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            self._sleep(min(left, _LOOK_EVERY))
            if self._control.nudges != nudges:
                return
            way_now = network.way(place)
            if way_now and way_now != way and not asked:
                _log.info("transfer %d: the network is back", self._transfer.id)
                return
            way = way_now

    def _pause(self) -> None:
        self._destination.close()
        self._move(TransferState.PAUSED)
        paused_at = self._clock.monotonic()
        try:
            while self._control.wish is Wish.PAUSE:
                self._clock.wait(self._control, wish=Wish.PAUSE, seconds=_RENEW_EVERY)
                self._renew()
        finally:
            self._destination.close()  # whoever asked for the pause may have broken it off since
            # A pause is not the peer's silence.
            self._moved_at += self._clock.monotonic() - paused_at

    def _give_up(self) -> None:
        self._abort_quietly()
        self._move(TransferState.CANCELLED)

    def _abort_quietly(self) -> None:
        with self._breaking:
            self._aborting = True
        seconds = _ABORT_FOR_SILENT if self._broken_off else _ABORT_FOR
        abort_quietly(self._destination, replace(self._transfer, remote=self._remote), seconds=seconds)

    def _sleep(self, seconds: float) -> None:
        self.heed()
        until = self._clock.monotonic() + seconds
        nudges = self._control.nudges
        while (left := until - self._clock.monotonic()) > 0 and self._control.nudges == nudges:
            self._clock.wait(self._control, wish=Wish.GO, seconds=min(left, _RENEW_EVERY))
            self.heed()

    def _renew(self) -> None:
        now = self._clock.monotonic()
        if now - self._renewed_at >= _RENEW_EVERY:
            self._tools.journal.renew(self._transfer.id, now=self._clock.monotonic())
            self._renewed_at = now

    def _move(
        self,
        state: TransferState,
        *,
        error: WorldError | None = None,
        retry_in: float | None = None,
        attempt: bool = False,
    ) -> None:
        code, text = ("", "") if error is None else (error.code, error_words(error))
        self._tools.journal.move(
            self._transfer.id, state, now=self._clock.wall(), error_code=code, error=text, attempt=attempt
        )
        self._transfer = replace(self._transfer, state=state, error_code=code, error=text)
        if state not in (TransferState.FINISHING, TransferState.VERIFYING):
            self._meter.reset(now=self._clock.monotonic())
        self._show(always=True, retry_in=retry_in)

    def _show(self, *, always: bool = False, retry_in: float | None = None) -> None:
        if self._tools.on_progress is None:
            return
        now = self._clock.monotonic()
        if not always and now - self._shown_at < _SHOW_EVERY:
            return
        self._shown_at = now
        attempt = self._attempt
        size = self._transfer.size
        done = min(self._acked + (0 if attempt is None else attempt.on_wire), size)
        self._tools.on_progress(
            Progress(
                state=self._transfer.state,
                done=done,
                acked=self._acked,
                size=size,
                rate=self._meter.rate,
                eta=self._meter.eta(size - done, now=now),
                resumed=self._transfer.resumed,
                error_code=self._transfer.error_code,
                error=self._transfer.error,
                retry_in=retry_in,
                connections=0 if attempt is None else attempt.connections,
                acked_ranges=() if attempt is None else attempt.acked_ranges,
                moving=() if attempt is None else attempt.moving,
            )
        )


def abort_quietly(destination: Destination, transfer: Transfer, *, seconds: float = _ABORT_FOR) -> bool:
    """Throw the peer's part away, within so many seconds; when that fails, the peer's own expiry does it.

    Returns:
        Whether that is settled: the peer has nothing of it any more, as far as is known, or refuses for good.
    """
    if not transfer.remote:
        return True
    limit = threading.Timer(
        seconds, destination.break_off if isinstance(destination, Breakable) else lambda: None
    )
    limit.daemon = True
    limit.start()
    try:
        destination.abort(transfer.remote, sha256=transfer.sha256)
    except WorldError as error:
        _log.info("transfer %d: the unfinished file stays at the peer: %s", transfer.id, error.code)
        # It would be refused again; a complete upload is, and that is none that is unfinished.
        # A proxy's refusal is none of the peer's, which was not asked.
        return isinstance(error, RefusedError) and error.code != _BY_A_PROXY
    finally:
        limit.cancel()
    return True


def error_words(error: WorldError) -> str:
    """What the journal keeps of an error, for people."""
    return f"{error.title}. {error.happened}"


def title_and_rest(words: str) -> tuple[str, str]:
    """The title and what happened, of what `error_words` made."""
    title, _stop, happened = words.partition(". ")
    return title, happened


class PauseAsked(Interrupted):
    """Never leaves `send`."""
