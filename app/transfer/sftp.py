"""SFTP to any usual server: several connections, a temporary name, proven resume, rename, and a companion."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    PeerError,
    UnreachableError,
    WorldError,
)
from app.transfer.destination import Beat, Features, Level, Opened, Shipment
from app.transfer.growth import first_connections
from app.transfer.login import HostKey, SftpLogin
from app.transfer.network import DIRECT, Network, Opening
from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, Part
from app.transfer.ranges import ByteRange, RangeSet
from app.transfer.session import Session, SftpServer
from app.transfer.sftp_ahead import Ahead, Gate
from app.transfer.sftp_closing import Closing, await_confirmation, temporary_name
from app.transfer.sftp_drop_box import NotReadable, is_denied, open_to_write
from app.transfer.sftp_failures import another_file, guarded, no_more_connections, taken_away
from app.transfer.sftp_lane import SftpLane
from app.transfer.sftp_proof import ReadBack, ShellDigest, differing, last_of_runs, slice_of
from app.transfer.ssh import Code, Mode, StatusError
from app.transfer.wire import Patience

__all__ = ["MOST_CONNECTIONS", "ReadBack", "SftpDestination"]

MOST_CONNECTIONS = 16

LONGEST_NAME = 240
"""Bytes of a bundle's name: its temporary one is longer, and servers take 255."""

_OPENING_AT_ONCE = 8
"""Connections that have not signed in yet: of more, sshd refuses some by chance (``MaxStartups``)."""

_FAR = 0.020
"""Seconds of a round trip that make it worth while to open connections before they are asked for."""

_LONGEST_SIGN_IN = 60.0
"""Seconds that the others wait for the first one's."""

_log = logging.getLogger(__name__)


class SftpDestination:
    """A folder on an SFTP server."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        login: SftpLogin,
        host_key: str,
        folder: str = "",
        read_back: ReadBack = ReadBack.SAMPLE,
        ask_shell: bool = True,
        confirm: Callable[[Shipment], str | None] | None = None,
        same_content_once: bool = False,
        connections: int = MOST_CONNECTIONS,
        part_size: int = PART_SIZE,
        patience: Patience | None = None,
        network: Network = DIRECT,
        dice: random.Random | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            host: name or address.
            port: of the SSH server.
            login: user with password or key.
            host_key: the server's public key line; exactly this one is trusted.
            folder: on the server; empty for where the sign-in leads.
            read_back: how much is read back where the server cannot say a digest; *whole* costs a download of
                the file.
            ask_shell: whether ``sha256sum`` may be run on the server, if its account has a shell.
            confirm: asks the receiver by another way for the SHA-256 of what it stored; None while it has
                none. It is called before the first byte, too. With it a transfer reaches level A.
            same_content_once: the receiver keeps one file when the same arrives twice (our portal does). A
                complete file that it took away before we could see so is then sent again; else that is an
                error for a person.
            connections: at once, 1 to 16. They are opened one after another, as far as the server lets them.
            part_size: bytes between two acknowledgements, on a usual network.
            patience: time-outs.
            network: the way out.
            dice: choose what is read back; None for unforeseeable ones.

        Raises:
            InputError: the host key cannot be read (CF-1134).
        """
        self._server = SftpServer(
            host,
            port,
            login=login,
            host_key=HostKey.parse(host_key),
            patience=patience or Patience(),
            network=network,
        )
        self._folder = folder
        self._policy = read_back
        self._closing = Closing(
            peer=self._peer,
            folder=folder,
            policy=read_back,
            ask_shell=ask_shell,
            confirmed_later=confirm is not None,
            dice=dice or random.SystemRandom(),
        )
        self._confirm = confirm
        self._same_content_once = same_content_once
        self._connections = min(max(1, connections), MOST_CONNECTIONS)
        self._part_size = part_size
        self._gate = Gate()
        self._opening = Opening()
        self._opening_lanes = Opening()
        self._ahead = Ahead(self._open_behind, at_once=_OPENING_AT_ONCE)
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._spare: list[tuple[Session, bytes]] = []
        self._lanes: set[SftpLane] = set()
        self._parts: dict[int, Part] = {}
        self._size = self._worth = 0
        self._temporary = self._shell_path = ""
        self._closed_there = False
        self._level, self._doubt = Level.SIZE_ONLY, ""

    @property
    def identity(self) -> str:
        """``sftp://host:port/folder``, without the user: temporary accounts come and go."""
        return f"sftp://{self._peer}/{self._folder.strip('/')}"

    @property
    def features(self) -> Features:
        """`Destination.features`: parts in any order over several connections."""
        size = self._part_size
        return Features(
            most_connections=self._connections,
            smallest_part=min(size, SMALLEST_PART),
            preferred_part=size,
            largest_part=max(size, LARGEST_PART),
            round_trip=None if self._session is None else self._session.client.round_trip,
            part_digests=False,
            resume_digests=True,
            parts_each=2,
            unfinished_apart=True,
        )

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`: has what is acknowledged, and is ours by its digest.

        The last part of every run without a gap is looked at; when one of them is another, all parts are.
        """
        _check_name(shipment.name)
        self._drop()
        self._opening_lanes = Opening()
        self._closed_there, self._level, self._doubt = False, Level.SIZE_ONLY, ""
        self._parts, self._size = {}, shipment.size
        self._worth = min(self._connections, shipment.size // SMALLEST_PART)
        whole = (ByteRange(0, shipment.size),)
        # Also when nothing of it can be there: whoever confirms has then seen what was there before.
        arrived = self._confirm is not None and self._confirm(shipment) == shipment.sha256
        if remote and arrived:
            self._closed_there = True
            return Opened(remote, whole, finished=True)
        self._temporary = remote or self._closing.path(temporary_name(shipment))
        with self._guarded() as session:
            place = session.client.begin_real_path(self._folder or ".")
            complete = RangeSet(ByteRange(part.offset, part.end) for part in acked)
            arrived = complete.covers(0, shipment.size) and shipment.size > 0
            seen = self._closing.seen(session, self._temporary, self._closing.path(shipment.name))
            self._shell_path = self._closing.absolute(session, place, self._temporary)
            if seen is None:
                return self._opened_unseen(session, arrived=arrived)
            present, closed = seen.unfinished, seen.closed
            if closed is not None:
                with self._comparing(same=arrived and present is None and closed == shipment.size):
                    self._closing.must_be_ours(session, shipment, beat=beat)
                if present is not None:
                    session.client.remove(self._temporary)
                self._closed_there = True
                return Opened(self._temporary, whole, finished=True)
            if present is None:
                return self._begun(session, arrived=arrived)
            handle = open_to_write(session, self._temporary)
            try:
                proven = self._proven(session, handle, acked, present=present, beat=beat)
            except StatusError as error:
                if not is_denied(error):
                    raise
                # Nothing of it can be proven, and answers to reads may be under way: all is sent again.
                return self.open_or_resume(shipment, remote=self._temporary, acked=(), beat=beat)
            if present > shipment.size and not self._cut(session, handle, shipment.size):
                session.client.close(handle)
                session.client.remove(self._temporary)
                handle = open_to_write(session, self._temporary, Mode.CREATE | Mode.EXCLUSIVE)
                proven = []
            self._spare.append((session, handle))
            self._parts = {part.offset: part for part in proven}
            return Opened(self._temporary, tuple(RangeSet(ByteRange(p.offset, p.end) for p in proven)))

    def lane(self) -> SftpLane:
        """`Destination.lane`: one that is left over, or a new one; few are being opened at a time."""
        with self._lock:
            session, handle = self._spare.pop() if self._spare else (None, b"")
        if session is None:
            session, handle = self._another()
        lane = SftpLane(self._peer, session, handle, put_back=self._put_back, acknowledged=self._acknowledged)
        with self._lock:
            self._lanes.add(lane)
        return lane

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """`Destination.finish`: size, digest, companion, rename: who sees the file sees its digest."""
        if self._closed_there and self._level is Level.SERVER_SHA256:
            return
        if self._closed_there and self._session is None:
            # The receiver has confirmed the whole file before anything was opened.
            return
        self._recall_lanes()
        self._ahead.close()
        try:
            self._close_there(shipment, beat=beat)
        except NotReadable:
            with self._guarded(writing=True) as session:
                self._doubt = self._closing.close_unread(session, shipment, unfinished=self._temporary)
                self._closed_there = True
        except IntegrityError:
            # What is wrong may lie where going on does not look: nothing of it is gone on with.
            self._empty()
            raise

    def _empty(self) -> None:
        """Have nothing left of the unfinished file, also at servers that cannot truncate what is open."""
        with suppress(WorldError), self._guarded(writing=True) as session:
            handle = open_to_write(session, self._temporary, Mode.CREATE | Mode.TRUNCATE)
            session.client.close(handle)

    def _close_there(self, shipment: Shipment, *, beat: Beat) -> None:
        with self._guarded(writing=True) as session:
            if self._closed_there:
                with suppress(NotReadable):
                    self._level = self._closing.prove_closed(session, shipment, beat=beat)
                return
            with self._asking_shell(session, shipment) as shell, self._closing_handles(beat.rest) as closing:
                parts = sorted(self._parts.values(), key=lambda part: part.offset)
                self._level = self._closing.close(
                    session,
                    shipment,
                    unfinished=self._temporary,
                    parts=parts,
                    others=[each for each, _number in closing if each is not session],
                    shell=shell,
                    settled=lambda: _end_closing(closing),
                    beat=beat,
                )
            self._closed_there = True

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`: A when receiver or server say the digest, C with a companion, else D."""
        if self._confirm is not None:
            await_confirmation(self._confirm, shipment, peer=self._peer, beat=beat)
            return Level.SERVER_SHA256
        return self._level

    @property
    def doubt(self) -> str:
        """`Doubtful.doubt`."""
        return "" if self._confirm is not None else self._doubt

    def abort(self, remote: str, *, sha256: str = "") -> None:
        """`Destination.abort`."""
        # What was under way leaves no session in a known state.
        self.close()
        with self._guarded() as session:
            self._closing.throw_away(session, remote, sha256=sha256)

    def close(self) -> None:
        """`Destination.close`."""
        self._drop()
        self._opening = Opening()

    def break_off(self) -> None:
        """`Breakable.break_off`."""
        self._opening.end()
        session = self._session
        if session is not None:
            session.break_off()

    def no_more_lanes(self) -> None:
        """`Breakable.no_more_lanes`."""
        self._opening_lanes.end()

    def _drop(self) -> None:
        """As `close`, but what was broken off stays so."""
        self._opening_lanes.end()
        self._recall_lanes()
        self._ahead.close()
        with self._lock:
            spare, self._spare = self._spare, []
            session, self._session = self._session, None
        for each, _handle in spare:
            each.close()
        if session is not None:
            session.close()

    @property
    def _peer(self) -> str:
        return self._server.peer

    def _connected(self) -> Session:
        """The session for everything but parts; opened again when it ended."""
        if self._session is None or not self._session.alive:
            with self._lock:
                self._spare = [each for each in self._spare if each[0].alive]
                spare = self._spare[0][0] if self._spare else None
            self._session = spare or self._open_first()
            if self._opening.ended:  # `break_off` found none
                self._session.break_off()
        return self._session

    def _open_first(self) -> Session:
        gate = self._gate = Gate()

        def signed_in(round_trip: float) -> None:
            self._look_ahead(round_trip)
            gate.decide(opens=True)

        try:
            return self._server.open(opening=self._opening, reached=self._look_ahead, signed_in=signed_in)
        finally:
            gate.decide(opens=False)

    def _look_ahead(self, round_trip: float) -> None:
        """Far away, more connections are made ready together with the first one."""
        if round_trip > _FAR and self._worth:
            worth, self._worth = self._worth, 0
            self._ahead.begin(first_connections(most=worth, round_trip=round_trip) - 1)

    def _open_behind(self) -> Session:
        """One more; it signs in only once the first one has."""
        gate = self._gate if self._session is None else None
        return self._server.open(
            opening=self._opening_lanes,
            before_sign_in=None if gate is None else partial(gate.wait, _LONGEST_SIGN_IN),
        )

    @contextmanager
    def _guarded(self, *, writing: bool = False) -> Iterator[Session]:
        """A session; the server's statuses and the connection's end in our families. An error ends it."""
        session = self._connected()
        try:
            with guarded(self._peer, alive=lambda: session.alive, writing=writing):
                yield session
        except BaseException:
            # Answers may be under way that nobody waits for any more.
            self._drop()
            raise

    def _another(self) -> tuple[Session, bytes]:
        """One more connection. That the same sign-in is refused now means that there are enough."""
        try:
            session = self._ahead.take()
        except (CredentialsError, PeerError, UnreachableError) as error:
            _log.info("no further connection: %s", error.code)
            raise no_more_connections(self._peer) from error
        try:
            with guarded(self._peer, alive=lambda: session.alive):
                return session, open_to_write(session, self._temporary)
        except WorldError as error:
            session.close()
            raise no_more_connections(self._peer) from error

    def _recall_lanes(self) -> None:
        """Lanes that the engine left open end; what they were putting is lost."""
        with self._lock:
            lanes, self._lanes = self._lanes, set()
        for lane in lanes:
            lane.close()

    def _put_back(self, session: Session, handle: bytes) -> None:
        with self._lock:
            self._spare.append((session, handle))

    def _acknowledged(self, part: Part, data: memoryview) -> None:
        known = slice_of(part, data, size=self._size, dice=self._closing.dice)
        with self._lock:
            self._parts[part.offset] = known

    def _proven(
        self, session: Session, handle: bytes, acked: Sequence[Part], *, present: int, beat: Beat
    ) -> list[Part]:
        """The acknowledged parts that the server has, and that are ours by their digests."""
        there = [part for part in acked if part.end <= present and part.sha256]
        looked = there if self._policy is ReadBack.WHOLE else last_of_runs(there)
        wrong = {part.offset for part in differing(session, handle, looked, beat=beat)}
        if wrong and len(looked) < len(there):
            seen = {part.offset for part in looked}
            others = [part for part in there if part.offset not in seen]
            wrong |= {part.offset for part in differing(session, handle, others, beat=beat)}
        if wrong:
            _log.info("%d of %d acknowledged parts are not ours at the server", len(wrong), len(there))
        return [part for part in there if part.offset not in wrong]

    def _begun(self, session: Session, *, arrived: bool) -> Opened:
        """A file of which nothing is there; `arrived`: all of it was, once."""
        if arrived and not self._same_content_once:
            raise taken_away(self._peer)
        handle = open_to_write(session, self._temporary, Mode.CREATE | Mode.EXCLUSIVE)
        self._spare.append((session, handle))
        return Opened(self._temporary)

    def _opened_unseen(self, session: Session, *, arrived: bool) -> Opened:
        """Where no sizes can be seen: whether it can be written says whether it is there."""
        try:
            handle = open_to_write(session, self._temporary)
        except StatusError as error:
            if error.code != Code.NO_SUCH_FILE:
                raise
            return self._begun(session, arrived=arrived)
        self._spare.append((session, handle))
        return Opened(self._temporary)

    @contextmanager
    def _comparing(self, *, same: bool) -> Iterator[None]:
        """What lies under the name; when it cannot be read, `same`: all that we know of it is right."""
        try:
            yield
        except StatusError as error:
            if not is_denied(error):
                raise
            if not same:
                raise another_file(self._peer) from error
            # Answers to reads may be under way.
            self._drop()

    def _cut(self, session: Session, handle: bytes, size: int) -> bool:
        try:
            session.client.truncate(handle, size)
        except StatusError:
            return False
        return True

    @contextmanager
    def _asking_shell(self, session: Session, shipment: Shipment) -> Iterator[ShellDigest | None]:
        """A shell that may know the digest is asked now: every byte is there, and closing takes a while."""
        if not self._shell_path or not self._closing.asks_shell_of(session) or not shipment.size:
            yield None
            return
        asked = ShellDigest(session, self._shell_path, size=shipment.size)
        try:
            yield asked
        finally:
            asked.close()

    @contextmanager
    def _closing_handles(self, rest: Callable[[float], None]) -> Iterator[list[tuple[Session, int]]]:
        """Have the server write the file to its disk, and begin to close what the lanes left open.

        Gives sessions with the numbers of their requests. Those beside the one for everything end with it.
        """
        with self._lock:
            spare, self._spare = self._spare, []
        try:
            if spare:
                session, handle = spare[0]
                session.sync(handle, rest=rest)
            yield [(session, session.client.begin_close(handle)) for session, handle in spare]
        finally:
            for session, _handle in spare:
                if session is not self._session:
                    session.close()


def _end_closing(closing: Sequence[tuple[Session, int]]) -> None:
    for session, number in closing:
        session.client.end_close(number)


def _check_name(name: str) -> None:
    plain = bool(name) and not any(each in name for each in "/\\\0") and name not in (".", "..")
    if not plain or len(name.encode()) > LONGEST_NAME:
        raise InputError(
            "The bundle's name cannot be used",
            happened=f"It is empty, has a folder in it, or more than {LONGEST_NAME} bytes.",
            todo="Give the bundle a plain, shorter file name.",
            code="CF-1135",
        )
