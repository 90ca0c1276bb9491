"""SFTP to any usual server: several connections, a temporary name, proven resume, rename, and a companion."""

from __future__ import annotations

import hashlib
import hmac
import logging
import posixpath
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from app.domain.errors import CredentialsError, InputError, PeerError, UnreachableError, WorldError
from app.transfer import failures
from app.transfer.destination import Beat, Features, Level, Opened, Shipment
from app.transfer.login import HostKey, SftpLogin
from app.transfer.network import DIRECT, Network
from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, Part
from app.transfer.ranges import ByteRange, RangeSet
from app.transfer.session import Session, open_session
from app.transfer.sftp_failures import another_file, guarded, lost_a_part, no_more_connections, taken_away
from app.transfer.sftp_lane import SftpLane
from app.transfer.sftp_proof import (
    ReadBack,
    checked_by_server,
    chosen,
    differing,
    last_of_runs,
    printed_by_shell,
    read_back,
)
from app.transfer.ssh import Mode, SftpClient, StatusError
from app.transfer.wire import Patience

__all__ = ["MOST_CONNECTIONS", "ReadBack", "SftpDestination"]

MOST_CONNECTIONS = 16

_log = logging.getLogger(__name__)

_CONFIRM_EVERY = (0.2, 2.0)
_CONFIRM_FOR = 900.0


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
                none. With it a transfer reaches level A.
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
        self._host, self._port = host, port
        self._login = login
        self._host_key = HostKey.parse(host_key)
        self._folder = folder
        self._policy = read_back
        self._ask_shell = ask_shell
        self._confirm = confirm
        self._same_content_once = same_content_once
        self._connections = min(max(1, connections), MOST_CONNECTIONS)
        self._part_size = part_size
        self._patience = patience or Patience()
        self._network = network
        self._dice = dice or random.SystemRandom()
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._spare: list[tuple[Session, bytes]] = []
        self._lanes: set[SftpLane] = set()
        self._parts: dict[int, Part] = {}
        self._temporary = ""
        self._closed_there = False
        self._level = Level.SIZE_ONLY

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
        )

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`: has what is acknowledged, and is ours by its digest.

        The last part of every run without a gap is looked at; when one of them is another, all parts are.
        """
        _check_name(shipment.name)
        self.close()
        self._closed_there, self._level, self._parts = False, Level.SIZE_ONLY, {}
        whole = (ByteRange(0, shipment.size),)
        if remote and self._confirm is not None and self._confirm(shipment) == shipment.sha256:
            self._closed_there = True
            return Opened(remote, whole, finished=True)
        self._temporary = remote or self._path(_temporary_name(shipment))
        with self._guarded() as session:
            present = self._size_of(self._temporary)
            if present is None:
                complete = RangeSet(ByteRange(part.offset, part.end) for part in acked)
                arrived = complete.covers(0, shipment.size) and shipment.size > 0
                if self._is_there(shipment, arrived=arrived, beat=beat):
                    return Opened(self._temporary, whole, finished=True)
                handle = session.client.open(
                    self._temporary, Mode.READ | Mode.WRITE | Mode.CREATE | Mode.EXCLUSIVE
                )
                self._spare.append((session, handle))
                return Opened(self._temporary)
            handle = session.client.open(self._temporary, Mode.READ | Mode.WRITE)
            proven = self._proven(session, handle, acked, present=present, beat=beat)
            if present > shipment.size and not self._cut(session, handle, shipment.size):
                session.client.close(handle)
                session.client.remove(self._temporary)
                handle = session.client.open(
                    self._temporary, Mode.READ | Mode.WRITE | Mode.CREATE | Mode.EXCLUSIVE
                )
                proven = []
            self._spare.append((session, handle))
            self._parts = {part.offset: part for part in proven}
            return Opened(self._temporary, tuple(RangeSet(ByteRange(p.offset, p.end) for p in proven)))

    def lane(self) -> SftpLane:
        """`Destination.lane`: one that is left over, or a new one; only one is being opened at a time."""
        with self._lock:
            session, handle = self._spare.pop() if self._spare else (None, b"")
        if session is None:
            with self._connecting:
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
        with self._guarded(writing=True):
            if not self._closed_there:
                self._close_handles()
                level = self._check(shipment, beat=beat)
                companion = self._leave_companion(shipment)
                self._rename(shipment, beat=beat)
                self._closed_there = True
            else:
                level, _doubted = self._check_by_server(shipment, self._path(shipment.name), beat=beat)
                companion = self._leave_companion(shipment)
            self._level = level or (Level.COMPANION if companion else Level.SIZE_ONLY)

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`: A when receiver or server say the digest, C with a companion, else D."""
        if self._confirm is not None:
            self._await_confirmation(shipment, beat=beat)
            return Level.SERVER_SHA256
        return self._level

    def abort(self, remote: str) -> None:
        """`Destination.abort`."""
        self._recall_lanes()
        with self._guarded():
            self._close_handles()
            if self._size_of(remote) is not None:
                self._client.remove(remote)

    def close(self) -> None:
        """`Destination.close`."""
        self._recall_lanes()
        with self._lock:
            spare, self._spare = self._spare, []
            session, self._session = self._session, None
        for each, _handle in spare:
            each.close()
        if session is not None:
            session.close()

    @property
    def _peer(self) -> str:
        return f"{self._host}:{self._port}"

    @property
    def _client(self) -> SftpClient:
        return self._connected().client

    def _connected(self) -> Session:
        """The session for everything but parts; opened again when it ended."""
        if self._session is None or not self._session.alive:
            with self._lock:
                self._spare = [each for each in self._spare if each[0].alive]
                spare = self._spare[0][0] if self._spare else None
            self._session = spare or self._open_session()
        return self._session

    def _open_session(self) -> Session:
        return open_session(
            self._host,
            self._port,
            login=self._login,
            host_key=self._host_key,
            connect=self._patience.connect,
            silence=self._patience.block,
            network=self._network,
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
            self.close()
            raise

    def _another(self) -> tuple[Session, bytes]:
        """One more connection. That the same sign-in is refused now means that there are enough."""
        try:
            session = self._open_session()
        except (CredentialsError, PeerError, UnreachableError) as error:
            _log.info("no further connection: %s", error.code)
            raise no_more_connections(self._peer) from error
        try:
            with guarded(self._peer, alive=lambda: session.alive):
                return session, session.client.open(self._temporary, Mode.READ | Mode.WRITE)
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

    def _acknowledged(self, part: Part) -> None:
        with self._lock:
            self._parts[part.offset] = part

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name) if self._folder else name

    def _is_there(self, shipment: Shipment, *, arrived: bool, beat: Beat) -> bool:
        """Whether the closed file is there; there is no unfinished one.

        Raises:
            RefusedError: another one of the name is there (CF-1212).
            PeerError: all of it had arrived, and nothing is there (CF-1632).
        """
        final = self._path(shipment.name)
        if self._size_of(final) is not None:
            self._must_be_ours(final, shipment, beat=beat)
            self._closed_there = True
            return True
        if arrived and not self._same_content_once:
            raise taken_away(self._peer)
        return False

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

    def _cut(self, session: Session, handle: bytes, size: int) -> bool:
        try:
            session.client.truncate(handle, size)
        except StatusError:
            return False
        return True

    def _close_handles(self) -> None:
        """Close what the lanes left open, and have the server write it to its disk; one session stays."""
        with self._lock:
            spare, self._spare = self._spare, []
        for number, (session, handle) in enumerate(spare):
            if not number:
                session.client.sync(handle)
            session.client.close(handle)
            if session is not self._session:
                session.close()

    def _check(self, shipment: Shipment, *, beat: Beat) -> Level | None:
        """Size and digest before the rename; the level that this alone reaches.

        Raises:
            IntegrityError: what is there is not what was sent (CF-1721).
            UnreachableError: bytes are missing (CF-1521).
        """
        size = self._size_of(self._temporary)
        if size != shipment.size:
            raise lost_a_part(self._peer, there=size or 0, size=shipment.size)
        level, doubted = self._check_by_server(shipment, self._temporary, beat=beat)
        if level is not None:
            return level
        session = self._connected()
        parts = sorted(self._parts.values(), key=lambda part: part.offset)
        if self._policy is ReadBack.WHOLE or doubted:
            parts = [Part(0, shipment.size, shipment.sha256)] if shipment.size else []
        elif self._confirm is not None:
            # The receiver will say the digest of all of it.
            parts = parts[-1:]
        else:
            parts = chosen(parts, policy=self._policy, dice=self._dice)
        handle = session.client.open(self._temporary, Mode.READ)
        wrong = differing(session, handle, parts, beat=beat)
        session.client.close(handle)
        if wrong:
            raise failures.stored_differs(self._peer, note="what was read back is not what was sent")
        return None

    def _check_by_server(self, shipment: Shipment, path: str, *, beat: Beat) -> tuple[Level | None, bool]:
        """Level A when the server itself says the right digest of the whole; and whether it says a wrong one.

        A wrong one may be of another file, or of another range: reading back decides.
        """
        if not shipment.size or self._confirm is not None:
            return None, False
        session = self._connected()
        handle = session.client.open(path, Mode.READ)
        theirs = checked_by_server(session, handle, offset=0, length=shipment.size)
        session.client.close(handle)
        if theirs is None and self._ask_shell:
            theirs = printed_by_shell(session, path, size=shipment.size, beat=beat)
        if theirs is None:
            return None, False
        equal = hmac.compare_digest(theirs, shipment.sha256)
        return (Level.SERVER_SHA256 if equal else None), not equal

    def _rename(self, shipment: Shipment, *, beat: Beat) -> None:
        client = self._client
        final = self._path(shipment.name)
        if self._size_of(final) is not None:
            self._must_be_ours(final, shipment, beat=beat)
            client.remove(self._temporary)
            return
        try:
            client.posix_rename(self._temporary, final)
        except StatusError:
            client.rename(self._temporary, final)

    def _must_be_ours(self, final: str, shipment: Shipment, *, beat: Beat) -> None:
        session = self._connected()
        handle = session.client.open(final, Mode.READ)
        ours = session.client.fstat(handle).size == shipment.size
        if ours:
            theirs = read_back(session, handle, offset=0, length=shipment.size, beat=beat)
            ours = theirs is not None and hmac.compare_digest(theirs, shipment.sha256)
        session.client.close(handle)
        if not ours:
            raise another_file(self._peer)

    def _leave_companion(self, shipment: Shipment) -> bool:
        client = self._client
        line = f"{shipment.sha256}  {shipment.name}\n".encode()
        path = self._path(f"{shipment.name}.sha256")
        try:
            handle = client.open(path, Mode.WRITE | Mode.CREATE | Mode.TRUNCATE)
            for _sent in client.write(handle, 0, memoryview(line)):
                pass
            client.close(handle)
        except StatusError:
            _log.info("the server takes no companion beside the file")
            return False
        return True

    def _await_confirmation(self, shipment: Shipment, *, beat: Beat) -> None:
        if self._confirm is None:
            return
        pause, longest = _CONFIRM_EVERY
        waited = 0.0
        while waited < _CONFIRM_FOR:
            stored = self._confirm(shipment)
            if stored:
                if stored != shipment.sha256:
                    raise failures.stored_differs(self._peer)
                return
            beat.rest(pause)
            waited += pause
            pause = min(longest, pause * 1.5)
        raise UnreachableError(
            "The receiver has not confirmed the file yet",
            happened=f"No digest of it was named within {_CONFIRM_FOR:.0f} s.",
            todo="It is asked again by itself; the file arrived whole.",
            code="CF-1520",
        )

    def _size_of(self, path: str) -> int | None:
        found = self._client.stat(path)
        if found is None:
            return None
        if found.size is None:
            raise failures.garbage(self._peer, "a file without a size")
        return found.size


def _check_name(name: str) -> None:
    if not name or "/" in name or "\\" in name or "\0" in name or name in (".", ".."):
        raise InputError(
            "The bundle's name cannot be used",
            happened="It is empty or has a folder in it.",
            todo="Give the bundle a plain file name.",
            code="CF-1135",
        )


def _temporary_name(shipment: Shipment) -> str:
    """Hidden, and another one for every key, so that two transfers of one name do not meet."""
    return f".{shipment.name}.{hashlib.sha256(shipment.key.encode()).hexdigest()[:8]}.part"
