"""`fetch`: a file from a server to this disk, whole and proven; it goes on with what an earlier call left."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import LocalError, PeerError
from app.storage import page_block
from app.transfer.bandwidth import Flow, unlimited
from app.transfer.downloads.answers import (
    Changed,
    NoRanges,
    check_answer,
    etag_of,
    is_strong,
    not_asked_for,
)
from app.transfer.downloads.inflow import Inflow
from app.transfer.downloads.islands import GrowingIsland
from app.transfer.downloads.landing import Landing, disk
from app.transfer.downloads.ledger import Ledger, Proven
from app.transfer.downloads.recording import Records
from app.transfer.downloads.spans import gaps_of, spread
from app.transfer.downloads.writing import BLOCK, PrefixWriter, room_at
from app.transfer.failures import cut
from app.transfer.incoming import Incoming
from app.transfer.ranges import ByteRange
from app.transfer.wire import Wire

FAR_SECONDS = 0.01
"""A round trip from which on several connections are faster than one."""

MOST_STREAMS = 8
_SMALLEST_STREAM = 4 << 20
_MOST_RESTARTS = 3
_ISLAND_BLOCK = 1 << 20
"""Bytes that a connection behind a gap holds: there may be several of them."""
_SILENT_END = 3.0
"""Seconds of silence behind the last byte that are the end of an answer, too."""

Progress = Callable[[int, int], None]
Refused = Callable[[int, Mapping[str, str], bytes], Exception]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched.

    Attributes:
        url: where from.
        size: bytes, as the catalogue says.
        sha256: as the catalogue says, lower-case hex; empty when it does not.
    """

    url: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lies on this disk.

    Attributes:
        sha256: of it, lower-case hex.
        resumed: whether it went on from an earlier call's part.
        received: bytes that this call took from the network.
    """

    sha256: str
    resumed: bool
    received: int


def fetch(
    wanted: Wanted,
    *,
    target: Path,
    connect: Callable[[], Wire],
    refused: Refused,
    on_progress: Progress | None = None,
    streams: int | None = None,
    flow: Flow | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Fetched:
    """Bring it to `target`, by way of ``<target>.part`` and its ledger; both are for their owner only.

    Args:
        wanted: the file.
        target: where it goes; its name is the caller's. A file there is replaced by a proven one only.
        connect: makes a connection to the server, not connected yet.
        refused: the error for a status that is neither 200, 206 nor 416; gets status, headers and body.
        on_progress: called from this thread with bytes so far and in all; what it raises ends the call.
        streams: connections at once, 1 to `MOST_STREAMS`; None: one when the server is near.
        flow: the share of a limiter of bytes per second, for the sum of all connections; None without limit.
        monotonic: seconds that never step; every few of them what arrived is made durable and recorded.

    Raises:
        IntegrityError: it is not what the catalogue says, and lies in ``<target>.quarantine`` (CF-1771).
        LocalError: there is no room (CF-1861), another call fetches to `target` (CF-1862), or the disk
            refuses (CF-1873).
        PeerError: the server sends something else (CF-1641), or another file each time (CF-1642).
        UnreachableError: it was cut; what arrived is kept for the next call.
    """
    call = _Call(
        wanted,
        target=target,
        connect=connect,
        refused=refused,
        on_progress=on_progress,
        streams=streams,
        flow=flow or unlimited(),
        monotonic=monotonic,
    )
    with call.landing.held():
        for _restart in range(_MOST_RESTARTS):
            try:
                return call.run()
            except Changed:
                call.start_anew()
            except NoRanges:
                call.ranges = False
                call.start_anew()
            except PeerError:
                call.trust_no_whole()
                raise
    raise PeerError(
        "The file changes while it is fetched",
        happened=f"{target.name} was another one each time a part of it was asked for.",
        todo="Try again later.",
        code="CF-1642",
    )


class _Call:
    """One call of `fetch`."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        target: Path,
        connect: Callable[[], Wire],
        refused: Refused,
        on_progress: Progress | None,
        streams: int | None,
        flow: Flow,
        monotonic: Callable[[], float],
    ) -> None:
        self._wanted = wanted
        self._target = target
        self.landing = Landing(target)
        self._part = self.landing.part
        self._connect = connect
        self._refused = refused
        self._on_progress = on_progress
        self._streams = streams
        self._flow = flow
        self._monotonic = monotonic
        self.ranges = True
        self._received = 0
        self._done = 0
        self._others: list[Wire] = []
        self._jobs: list[Future[None]] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._proven = Proven()

    def run(self) -> Fetched:
        """Once through; again when the beginning turns out to belong to other content."""
        begun = self._begin()
        digest = self._bring()
        if begun and not self._right(digest):
            self.start_anew()
            begun = self._begin()  # a part never lies there without its ledger: who ends now goes on later
            digest = self._bring()
        if not self._right(digest):
            raise self.landing.put_aside()
        self.landing.land()
        return Fetched(sha256=digest, resumed=begun, received=self._received)

    def start_anew(self) -> None:
        """Nothing of what arrived is of use."""
        self._proven = Proven()
        self._done = 0
        self.landing.throw_away()

    def trust_no_whole(self) -> None:
        """The server sent what was not asked for: what is as long as the file is nothing to go on with."""
        if self._done >= self._wanted.size:
            self.start_anew()

    def _right(self, digest: str) -> bool:
        known = self._wanted.sha256.lower()
        return not known or hmac.compare_digest(known.encode(), digest.encode())

    def _begin(self) -> bool:
        """Read what an earlier call left; whether something of it counts."""
        nothing = Ledger(self._wanted.url, self._wanted.size, self._wanted.sha256)
        ledger, self._proven = self.landing.begin(nothing, goes_on=self.ranges)
        self._records = Records(
            ledger,
            self.landing.ledger_path,
            islands=self._proven.islands,
            monotonic=self._monotonic,
        )
        self.landing.demand_room(self._wanted.size - self._there())
        self._done = self._there()
        return self._done > 0

    def _bring(self) -> str:
        """Fetch what is missing; the digest of everything."""
        wire = self._connect()
        try:
            gaps = gaps_of(self._proven, size=self._wanted.size)
            if gaps or not self._wanted.size:
                wire.connect()
                streams = self._wanted_streams(gaps, far=wire.round_trip >= FAR_SECONDS)
                spans = spread(gaps, streams=streams) or [ByteRange(0, 0)]
                self._bring_all(wire, spans, streams=streams)
        finally:
            wire.close()
        return self.landing.digest(self._proven, size=self._wanted.size)

    def _wanted_streams(self, gaps: Sequence[ByteRange], *, far: bool) -> int:
        if not self.ranges:
            return 1
        fitting = max(1, sum(gap.length for gap in gaps) // _SMALLEST_STREAM)
        return min(fitting, MOST_STREAMS, self._streams or (MOST_STREAMS if far else 1))

    def _bring_all(self, wire: Wire, spans: Sequence[ByteRange], *, streams: int) -> None:
        head, *others = spans
        # Asked before the others begin: its answer says which content all of them must be of.
        first = self._ask(wire, head)
        brought = False
        with ThreadPoolExecutor(max(1, streams - 1), thread_name_prefix="download") as pool:
            try:
                if streams > 1:
                    self._jobs.extend(pool.submit(self._bring_island, span) for span in others)
                self._bring_head(first, head, alone=not (others or self._proven.islands))
                if streams == 1:
                    wire.close()
                    self._jobs.extend(pool.submit(self._bring_island, span) for span in others)
                self._wait_for_jobs()
                brought = True
            except BaseException:
                self._end()
                raise
            finally:
                wait(self._jobs)
                self._jobs.clear()
                self._ending.clear()
                # What was received may not be written; who is ended goes on later with what is recorded.
                with disk(self._part):
                    self._records.settle(all_there=brought)

    def _wait_for_jobs(self) -> None:
        while True:
            done, waiting = wait(self._jobs, timeout=0.2, return_when=FIRST_EXCEPTION)
            for job in done:
                job.result()
            self._tell()
            if not waiting:
                return

    def _bring_head(self, incoming: Incoming, span: ByteRange, *, alone: bool) -> None:
        """The bytes behind what is proven: received here, written and hashed by another thread."""
        with disk(self._part):
            writer = PrefixWriter(
                self._part,
                self._proven,
                record=self._records.mark,
                recorded=lambda: self._records.named,
                monotonic=self._monotonic,
                alone=alone,
            )
        try:
            with writer:
                try:
                    self._receive_head(incoming, span, writer)
                except BaseException:
                    # What each of them has left to write takes its time: all of them at once.
                    self._end()
                    raise
        finally:
            incoming.leave()
            if writer.error is not None:
                with disk(self._part):
                    raise writer.error
        self._tell()

    def _receive_head(self, incoming: Incoming, span: ByteRange, writer: PrefixWriter) -> None:
        at, inflow = span.start, Inflow(incoming, self._flow)

        def going() -> None:
            with disk(self._part):
                writer.check()
            self._heed_others()
            self._tell()

        while at < span.end:
            with disk(self._part):
                block = writer.block()
            room = min(room_at(at, size=BLOCK), span.end - at)
            count = inflow.readinto(block[:room], going=going)
            if not count:
                raise cut(self._target.name)
            writer.hand_over(block, count)
            at += count
            self._count(count)
            inflow.settle(going=going)
            going()
        # The digest judges what came: some servers never end an answer, or end it badly.
        if incoming.more(seconds=_SILENT_END, going=going):
            raise not_asked_for("more bytes came than the file has")

    def _heed_others(self) -> None:
        """A full disk, or another content, is a matter of all connections; who was cut costs itself only."""
        for job in self._jobs:
            if job.done() and isinstance(job.exception(), LocalError | Changed | NoRanges):
                job.result()

    def _bring_island(self, span: ByteRange) -> None:
        """A range behind a gap, over a connection of its own."""
        self._go_on()
        wire = self._connect()
        with self._lock:
            self._others.append(wire)
        # Who ended the others before did not know this one.
        self._go_on()
        with disk(self._part):
            island = GrowingIsland(
                self._part, span.start, record=self._records.island, monotonic=self._monotonic
            )

        def going() -> None:
            self._go_on()
            with disk(self._part):
                island.rest()

        try:
            block = page_block(_ISLAND_BLOCK)
            inflow = Inflow(self._ask(wire, span), self._flow)
            while island.at < span.end and not self._ending.is_set():
                room = min(room_at(island.at, size=_ISLAND_BLOCK), span.end - island.at)
                count = inflow.readinto(block[:room], going=going)
                if not count:
                    raise cut(self._target.name)
                with disk(self._part):
                    island.write(block[:count])
                self._count(count)
                inflow.settle(going=going)
        finally:
            wire.close()
            with disk(self._part):
                island.close()

    def _go_on(self) -> None:
        if self._ending.is_set():
            raise cut(self._target.name)

    def _ask(self, wire: Wire, span: ByteRange) -> Incoming:
        headers, etag = {"Accept": "*/*", "Accept-Encoding": "identity"}, self._records.etag
        if span.length != self._wanted.size:
            last = "" if span.end == self._wanted.size else str(span.end - 1)
            headers["Range"] = f"bytes={span.start}-{last}"
            if is_strong(etag):
                headers["If-Range"] = etag
        incoming = wire.fetch(self._wanted.url, headers=headers)
        if incoming.status not in (200, 206, 416):
            body = incoming.whole()
            incoming.leave()
            raise self._refused(incoming.status, incoming.headers, body)
        try:
            check_answer(
                incoming.status,
                incoming.headers,
                start=span.start,
                end=span.end,
                size=self._wanted.size,
                etag=etag,
                judged=bool(self._wanted.sha256),
            )
            self._records.agree(etag_of(incoming.headers))
        except BaseException:
            wire.close()
            raise
        return incoming

    def _there(self) -> int:
        return self._wanted.size - sum(gap.length for gap in gaps_of(self._proven, size=self._wanted.size))

    def _end(self) -> None:
        """Have the other connections end now."""
        self._records.hold()
        self._ending.set()
        with self._lock:
            for wire in self._others:
                wire.abandon()

    def _count(self, count: int) -> None:
        with self._lock:
            self._received += count
            self._done += count

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._done, self._wanted.size)
