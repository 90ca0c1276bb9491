"""`fetch_over_sftp`: a file from an SFTP server to this disk, whole and proven, over several connections."""

from __future__ import annotations

import hmac
import logging
import os
import posixpath
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from app.domain.errors import CredentialsError, PeerError, UnreachableError
from app.transfer import failures
from app.transfer.bandwidth import Flow, unlimited
from app.transfer.destination import Level
from app.transfer.downloads.answers import Changed
from app.transfer.downloads.fetching import Fetched, Progress
from app.transfer.downloads.landing import Landing, disk
from app.transfer.downloads.ledger import Ledger
from app.transfer.downloads.spans import gaps_of
from app.transfer.downloads.writing import PartFile, open_part
from app.transfer.ranges import ByteRange
from app.transfer.session import Session
from app.transfer.sftp_arrived import Arrived
from app.transfer.sftp_failures import guarded, no_such_file
from app.transfer.sftp_proof import companion_digest, said_by_server
from app.transfer.ssh import Attributes, Code, Mode, StatusError

MOST_CONNECTIONS = 16
PART_SIZE = 8 << 20
"""Bytes that one connection fetches at a time."""

_SMALLEST_PART = 256 << 10
_PARTS_EACH = 4
_NEAR, _FAR, _VERY_FAR = 0.003, 0.020, 0.080
_WRITTEN_AT_ONCE, _MOST_PIECES = 256 << 10, 64
_LOOK_EVERY = 0.2
_MOST_RESTARTS = 3
_OPENING_AT_ONCE = 8
"""Connections that have not signed in yet: of more, sshd refuses some by chance (``MaxStartups``)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What is to be fetched.

    Attributes:
        peer: ``host:port``.
        path: on the server.
        sha256: lower-case hex, as somebody says who is trusted; empty: the companion's, if there is one.
    """

    peer: str
    path: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class FetchedOverSftp(Fetched):
    """What lies on this disk, and what it was compared with.

    Attributes:
        level: A: with `RemoteFile.sha256`, or with what the server itself computed; C: with the companion;
            D: with nothing but its size, as nobody says a digest.
    """

    level: Level


def fetch_over_sftp(
    wanted: RemoteFile,
    *,
    target: Path,
    connect: Callable[[], Session],
    connections: int | None = None,
    on_progress: Progress | None = None,
    flow: Flow | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> FetchedOverSftp:
    """Bring it to `target`, by way of ``<target>.part`` and its ledger; both are for their owner only.

    What an earlier call left is gone on with, as far as its digests prove it and the server's file has the
    same size and time; where no digest is known, only while the server tells a time. Where neither `wanted`
    nor a companion has a digest, the server is asked for its own.

    Args:
        wanted: the file.
        target: where it goes; its name is the caller's. A file there is replaced by a proven one only.
        connect: opens a session (`SftpServer.open`); called for each connection, in several threads.
        connections: at once, 1 to `MOST_CONNECTIONS`; None: one to eight, as the server is near or far.
            Fewer when the server refuses.
        on_progress: called from this thread with bytes so far and in all; what it raises ends the call.
        flow: the share of a limiter of bytes per second, for the sum of all connections; None without limit.
        monotonic: seconds that never step; every few of them what arrived is made durable and recorded.

    Raises:
        IntegrityError: it is not what its digest says, and lies in ``<target>.quarantine`` (CF-1771).
        LocalError: there is no room (CF-1861), another call fetches to `target` (CF-1862), or the disk
            refuses (CF-1873).
        PeerError: no such file (CF-1633), or another one each time (CF-1642).
        UnreachableError: it was cut; what arrived is kept for the next call.
    """
    call = _Call(
        wanted,
        target=target,
        connect=connect,
        connections=connections,
        on_progress=on_progress,
        flow=flow or unlimited(),
        monotonic=monotonic,
    )
    with call.landing.held():
        for _restart in range(_MOST_RESTARTS):
            try:
                return call.run()
            except Changed:
                _log.info("the file changed at the server: from the start again")
                call.landing.throw_away()
    raise PeerError(
        "The file changes while it is fetched",
        happened=f"{target.name} was another one each time a part of it was asked for.",
        todo="Try again later.",
        code="CF-1642",
    )


class _Call:
    """One call of `fetch_over_sftp`."""

    def __init__(
        self,
        wanted: RemoteFile,
        *,
        target: Path,
        connect: Callable[[], Session],
        connections: int | None,
        on_progress: Progress | None,
        flow: Flow,
        monotonic: Callable[[], float],
    ) -> None:
        self._wanted = wanted
        self._monotonic = monotonic
        self._connect = connect
        self._connections = connections
        self._on_progress = on_progress
        self._flow = flow
        self.landing = Landing(target)
        self._received = 0

    def run(self) -> FetchedOverSftp:
        """Once through; again when what lay here turns out to belong to other content."""
        session = self._connect()
        try:
            with self._guarded(session):
                found = self._found(session)
                size = found.size or 0
                known = self._wanted.sha256 or companion_digest(session, self._wanted.path) or ""
            time_there = "" if found.modified is None else str(found.modified)
            ledger = Ledger(f"sftp://{self._wanted.peer}/{self._wanted.path}", size, known, etag=time_there)
            begun, digest = self._bring(session, ledger)
            if begun and known and not _same(digest, known):
                self.landing.throw_away()
                begun, digest = self._bring(session, ledger)
            if not session.alive:
                session = self._connect()
            with self._guarded(session):
                level = self._level(session, digest, known=bool(known), size=size)
                if self._found(session) != found:
                    raise Changed
        finally:
            session.close()
        if known and not _same(digest, known):
            raise self.landing.put_aside()
        self.landing.land()
        return FetchedOverSftp(sha256=digest, resumed=begun, received=self._received, level=level)

    def _level(self, session: Session, digest: str, *, known: bool, size: int) -> Level:
        """What the digest, when it is the known one, reaches; the server is asked when none is known."""
        if known:
            return Level.SERVER_SHA256 if self._wanted.sha256 else Level.COMPANION

        def rest(seconds: float) -> None:
            if self._on_progress is not None:
                self._on_progress(size, size)
            time.sleep(seconds)

        said = said_by_server(session, self._wanted.path, size=size, rest=rest)
        return Level.SERVER_SHA256 if said is not None and _same(digest, said) else Level.SIZE_ONLY

    def _guarded(self, session: Session) -> AbstractContextManager[None]:
        return guarded(self._wanted.peer, alive=lambda: session.alive)

    def _found(self, session: Session) -> Attributes:
        found = session.client.stat(self._wanted.path)
        if found is None or found.size is None or (found.mode is not None and not S_ISREG(found.mode)):
            raise no_such_file(self._wanted.peer, posixpath.basename(self._wanted.path))
        return found

    def _bring(self, session: Session, ledger: Ledger) -> tuple[bool, str]:
        """Fetch what is missing: whether something was there before, and the digest of everything."""
        # Without a digest, and a time that the server tells now as well, it may be another file.
        ledger, proven = self.landing.begin(ledger, goes_on=ledger.goes_on)
        gaps = gaps_of(proven, size=ledger.size)
        missing = sum(gap.length for gap in gaps)
        self.landing.demand_room(missing)
        if gaps:
            wanted = self._connections or _usual(session.client.round_trip or 0.0)
            wanted = max(1, min(wanted, MOST_CONNECTIONS, missing // _SMALLEST_PART))
            crew = _Crew(
                self._wanted,
                session,
                part=self.landing.part,
                size=ledger.size,
                arrived=Arrived(self.landing, ledger, proven, monotonic=self._monotonic),
                parts=_cut(gaps, missing=missing, connections=wanted),
                connect=self._connect,
                on_progress=self._on_progress,
                flow=self._flow,
            )
            try:
                crew.work(wanted)
            finally:
                self._received += crew.received
        return missing < ledger.size, self.landing.digest(proven, size=ledger.size)


class _Crew:
    """The connections of one call; the thread of the call hashes, records and tells."""

    def __init__(
        self,
        wanted: RemoteFile,
        session: Session,
        *,
        part: Path,
        size: int,
        arrived: Arrived,
        parts: deque[ByteRange],
        connect: Callable[[], Session],
        on_progress: Progress | None,
        flow: Flow,
    ) -> None:
        self._flow = flow
        self._wanted = wanted
        self._first: Session | None = session
        self._part = part
        self._size = size
        self._arrived = arrived
        self._parts = parts
        self._connect = connect
        self._on_progress = on_progress
        self._connecting = threading.Semaphore(_OPENING_AT_ONCE)
        self._news = threading.Condition()
        self._there = self._arrived.total
        self._sessions: list[Session] = []
        self._working = 0
        self._error: Exception | None = None
        self._ending = False
        self.received = 0

    def work(self, connections: int) -> None:
        """Until everything has arrived and is hashed; what arrived is recorded, whatever happens."""
        threads = [
            threading.Thread(target=self._run, name=f"download-{number}", daemon=True)
            for number in range(connections)
        ]
        self._working = len(threads)
        with disk(self._part):
            descriptor = open_part(self._part)
        brought = False
        try:
            for thread in threads:
                thread.start()
            self._follow(descriptor)
            brought = True
        finally:
            with self._news:
                self._ending = True
            complete = self._arrived.complete
            for session in [] if complete else list(self._sessions):
                session.close()
            for thread in threads:
                thread.join()
            for session in self._sessions[1:]:
                session.close()
            with disk(self._part):
                try:
                    self._arrived.record(descriptor)
                finally:
                    os.close(descriptor)
                # Who is ended goes on later with what is recorded.
                self._arrived.settle(all_there=brought)

    def _follow(self, descriptor: int) -> None:
        """Hash the whole parts behind one another as they come."""
        while not self._arrived.hashed:
            with self._news:
                upto = self._arrived.next_to_hash()
                if upto is None:
                    if not self._working:
                        raise self._error or failures.cut(self._wanted.peer)
                    self._news.wait(_LOOK_EVERY)
            with disk(self._part):
                if upto is not None:
                    self._arrived.hash(descriptor, upto, tell=self._tell)
                self._arrived.record_in_turn(descriptor)
            self._tell()

    def _tell(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._there, self._size)

    def _run(self) -> None:
        """A connection's thread."""
        try:
            self._fetch_parts()
        except (CredentialsError, UnreachableError, PeerError) as error:
            # Others may still be at work: the last one's error is the call's.
            _log.info("a connection of a download is lost: %s", error.code)
            self._note(error, fatal=False)
        except Exception as error:  # noqa: BLE001 - the thread of the call raises it
            self._note(error, fatal=True)
        finally:
            with self._news:
                self._working -= 1
                self._news.notify()

    def _note(self, error: Exception, *, fatal: bool) -> None:
        with self._news:
            if self._error is None or fatal:
                self._error = error
            if fatal:
                self._parts.clear()

    def _fetch_parts(self) -> None:
        with self._connecting:
            with self._news:
                if self._ending or not self._parts:
                    return
                session, self._first = self._first, None
            session = session or self._connect()
            with self._news:
                self._sessions.append(session)
        with guarded(self._wanted.peer, alive=lambda: session.alive):
            handle = session.client.open(self._wanted.path, Mode.READ)
            with disk(self._part):
                part = PartFile(self._part)
            try:
                self._fetch(session, handle, part)
            finally:
                part.close()
            # Nothing hangs on what the server says to it: a silent one holds nobody who has everything.
            session.client.begin_close(handle)

    def _fetch(self, session: Session, handle: bytes, part: PartFile) -> None:
        """Parts one behind the other, the next one asked for while the last one comes."""
        claimed: deque[_Claim] = deque()
        gathered: list[memoryview] = []

        def write() -> None:
            pieces, length = tuple(gathered), sum(map(len, gathered))
            gathered.clear()
            with disk(self._part):
                part.write_at(claimed[0].at, *pieces)
            claimed[0].at += length
            with self._news:
                self._there += length
                self.received += length
                if claimed[0].at == claimed[0].part.end:
                    self._settle(claimed.popleft())

        try:
            ranges = self._claims(claimed)
            pieces = session.client.read_in_order(
                handle, ranges, asking=self._asking, most=lambda: self._flow.stride
            )
            length = 0
            for _at, piece in pieces:
                gathered.append(piece)
                length += len(piece)
                ends = claimed[0].at + length == claimed[0].part.end
                few = length < _WRITTEN_AT_ONCE and len(gathered) < _MOST_PIECES
                if few and not ends and session.client.stream.ready():
                    continue
                write()
                length = 0
        except StatusError as error:
            if error.code == Code.EOF:
                raise Changed from error
            raise
        finally:
            try:
                if gathered:
                    write()
            finally:
                with self._news:
                    while claimed:
                        self._settle(claimed.pop())

    def _asking(self, count: int) -> None:
        self._flow.take(count, going=self._go_on)

    def _go_on(self) -> None:
        if self._ending:
            raise failures.cut(self._wanted.peer)

    def _claims(self, claimed: deque[_Claim]) -> Iterator[tuple[int, int]]:
        while True:
            with self._news:
                if self._ending or not self._parts:
                    return
                part = self._parts.popleft()
            claimed.append(_Claim(part))
            yield part.start, part.end

    def _settle(self, claim: _Claim) -> None:
        """Note what of a part has arrived, and leave the rest to others. You hold the lock."""
        part = claim.part
        if claim.at > part.start:
            self._arrived.add(part.start, claim.at)
        if claim.at < part.end:
            self._parts.appendleft(ByteRange(claim.at, part.end))
        self._news.notify()


class _Claim:
    """A part that a connection fetches; `at` is the first byte that has not arrived."""

    def __init__(self, part: ByteRange) -> None:
        self.part = part
        self.at = part.start


def _same(digest: str, known: str) -> bool:
    return hmac.compare_digest(digest.encode(), known.lower().encode())


def _usual(round_trip: float) -> int:
    """The window of SSH holds one connection back in proportion to the way.

    Near by, the processor is what holds it back, and a second one only takes turns with the first.
    """
    if round_trip > _VERY_FAR:
        return 8
    if round_trip > _FAR:
        return 6
    return 2 if round_trip > _NEAR else 1


def _cut(gaps: list[ByteRange], *, missing: int, connections: int) -> deque[ByteRange]:
    """The gaps in parts, small enough that every connection gets some."""
    length = max(_SMALLEST_PART, min(PART_SIZE, missing // (connections * _PARTS_EACH)))
    return deque(
        ByteRange(start, min(start + length, gap.end))
        for gap in gaps
        for start in range(gap.start, gap.end, length)
    )
