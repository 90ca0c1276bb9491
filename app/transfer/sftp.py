"""SFTP to any usual server: a temporary name, proven resume, rename, and a ``.sha256`` companion."""

from __future__ import annotations

import hashlib
import hmac
import logging
import posixpath
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from paramiko import SFTPClient, SFTPFile
from paramiko.ssh_exception import SSHException

from app.domain.errors import InputError, PeerError, RefusedError, UnreachableError, WorldError
from app.transfer import failures
from app.transfer.destination import Beat, Features, Level, Opened, Shipment
from app.transfer.login import HostKey, SftpLogin
from app.transfer.parts import LARGEST_PART, PART_SIZE, SMALLEST_PART, ByteRange, Part
from app.transfer.pipeline import WRITE_SIZE, Pipeline
from app.transfer.session import Session, open_session, translated
from app.transfer.wire import Patience

_log = logging.getLogger(__name__)

_BEAT_EVERY = 8 * WRITE_SIZE
_CONFIRM_EVERY = (0.2, 2.0)
_CONFIRM_FOR = 900.0


class ReadBack(StrEnum):
    """How much of the file is read back from the server to prove it, before resuming and at the end."""

    LAST_PART = "last part"
    WHOLE = "whole"


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
        read_back: ReadBack = ReadBack.LAST_PART,
        confirm: Callable[[Shipment], str | None] | None = None,
        same_content_once: bool = False,
        part_size: int = PART_SIZE,
        patience: Patience | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            host: name or address.
            port: of the SSH server.
            login: user with password or key.
            host_key: the server's public key line; exactly this one is trusted.
            folder: on the server; empty for where the sign-in leads.
            read_back: how much is read back; *whole* costs a download of the file.
            confirm: asks the receiver by another way for the SHA-256 of what it stored; None while it has
                none. With it a transfer reaches level A.
            same_content_once: the receiver keeps one file when the same arrives twice (our portal does). A
                complete file that it took away before we could see so is then sent again; else that is an
                error for a person.
            part_size: bytes between two acknowledgements.
            patience: time-outs.

        Raises:
            InputError: the host key cannot be read (CF-1134).
        """
        self._host, self._port = host, port
        self._login = login
        self._host_key = HostKey.parse(host_key)
        self._folder = folder
        self._read_back = read_back
        self._confirm = confirm
        self._same_content_once = same_content_once
        self._part_size = part_size
        self._patience = patience or Patience()
        self._session: Session | None = None
        self._file: SFTPFile | None = None
        self._temporary = ""
        self._last: Part | None = None
        self._closed_there = False
        self._companion = False

    @property
    def identity(self) -> str:
        """``sftp://host:port/folder``, without the user: temporary accounts come and go."""
        return f"sftp://{self._peer}/{self._folder.strip('/')}"

    @property
    def features(self) -> Features:
        """`Destination.features`: one stream."""
        size = self._part_size
        return Features(
            smallest_part=min(size, SMALLEST_PART),
            preferred_part=size,
            largest_part=max(size, LARGEST_PART),
        )

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        """`Destination.open_or_resume`: goes on only behind what was read back and is ours."""
        _check_name(shipment.name)
        self.close()
        self._closed_there = False
        self._last = None
        if remote and self._confirm is not None and self._confirm(shipment) == shipment.sha256:
            self._closed_there = True
            return _opened(remote, shipment.size, size=shipment.size, finished=True)
        self._connect()
        self._temporary = remote or self._path(_temporary_name(shipment))
        with self._guarded():
            present = self._size_of(self._temporary)
            if present is None:
                complete = bool(acked) and acked[-1].end == shipment.size
                return self._open_new(shipment, complete=complete, beat=beat)
            offset = self._proven_offset(acked, present=present, beat=beat)
            if present > offset and not self._truncated(offset):
                self._client.remove(self._temporary)
                return self._open_new(shipment, complete=False, beat=beat)
            self._file = self._client.open(self._temporary, "r+b")
            return _opened(self._temporary, offset, size=shipment.size)

    def lane(self) -> SftpDestination:
        """`Destination.lane`: the one stream is this object's own."""
        return self

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """`Lane.put`: writes under way side by side; returns once each has its status."""
        if self._file is None:
            raise RuntimeError("put before open_or_resume")
        with self._guarded(writing=True):
            pipeline = Pipeline(self._client, self._file)
            told = 0
            for start in range(0, len(data), WRITE_SIZE):
                piece = bytes(data[start : start + WRITE_SIZE])
                pipeline.write(part.offset + start, piece)
                reached = start + len(piece)
                if reached - told >= _BEAT_EVERY or reached == len(data):
                    beat.moved(reached - told)
                    told = reached
            pipeline.drain()
        self._last = part
        return part.end

    def finish(self, shipment: Shipment, *, beat: Beat) -> None:
        """`Destination.finish`: size, read-back, companion, rename: who sees the file sees its digest."""
        if self._session is None:
            # The receiver has confirmed the whole file before anything was opened.
            return
        with self._guarded(writing=True):
            if self._closed_there:
                self._companion = self._leave_companion(shipment)
                return
            self._close_file()
            self._check_before_rename(shipment, beat=beat)
            self._companion = self._leave_companion(shipment)
            self._rename(shipment, beat=beat)
            self._closed_there = True

    def verify(self, shipment: Shipment, *, beat: Beat) -> Level:
        """`Destination.verify`: A when the receiver confirms, C with a companion, else D."""
        if self._confirm is not None:
            self._await_confirmation(shipment, beat=beat)
            return Level.SERVER_SHA256
        return Level.COMPANION if self._companion else Level.SIZE_ONLY

    def abort(self, remote: str) -> None:
        """`Destination.abort`."""
        self._connect()
        with self._guarded():
            self._close_file()
            if self._size_of(remote) is not None:
                self._client.remove(remote)

    def close(self) -> None:
        """`Destination.close`."""
        self._file = None
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def _peer(self) -> str:
        return f"{self._host}:{self._port}"

    @property
    def _client(self) -> SFTPClient:
        return self._open_session.client

    @property
    def _open_session(self) -> Session:
        if self._session is None:
            raise RuntimeError("no session is open")
        return self._session

    def _connect(self) -> None:
        if self._session is None:
            self._session = open_session(
                self._host,
                self._port,
                login=self._login,
                host_key=self._host_key,
                connect=self._patience.connect,
                silence=self._patience.block,
            )

    def _path(self, name: str) -> str:
        return posixpath.join(self._folder, name) if self._folder else name

    def _open_new(self, shipment: Shipment, *, complete: bool, beat: Beat) -> Opened:
        final = self._path(shipment.name)
        if self._size_of(final) is not None:
            self._must_be_ours(final, shipment, beat=beat)
            self._closed_there = True
            return _opened(self._temporary, shipment.size, size=shipment.size, finished=True)
        if complete and not self._same_content_once:
            raise _taken_away(self._peer)
        self._file = self._client.open(self._temporary, "w+bx")
        return _opened(self._temporary, 0, size=shipment.size)

    def _proven_offset(self, acked: Sequence[Part], *, present: int, beat: Beat) -> int:
        """Behind the last acknowledged part that the server has whole, when what is read back is ours."""
        candidates = [part for part in acked if part.end <= present and part.sha256]
        if not candidates:
            return 0
        checked = candidates if self._read_back is ReadBack.WHOLE else candidates[-1:]
        with self._client.open(self._temporary, "rb") as file:
            for part in checked:
                digest = self._digest(file, part.offset, part.length, beat=beat)
                if not hmac.compare_digest(digest, part.sha256):
                    _log.info("the server's part at %d is not ours: from the start again", part.offset)
                    return 0
        return candidates[-1].end

    def _truncated(self, offset: int) -> bool:
        try:
            self._client.truncate(self._temporary, offset)
        except OSError:
            if not self._open_session.transport.is_active():
                raise
            return False
        return True

    def _check_before_rename(self, shipment: Shipment, *, beat: Beat) -> None:
        size = self._size_of(self._temporary)
        if size != shipment.size:
            raise UnreachableError(
                "The server lost a part of the file",
                happened=f"{self._peer} has {size or 0} of {shipment.size} acknowledged bytes.",
                todo="It is sent again by itself.",
                code="CF-1521",
            )
        with self._client.open(self._temporary, "rb") as file:
            if self._read_back is ReadBack.WHOLE:
                ours = shipment.sha256
                digest = self._digest(file, 0, shipment.size, beat=beat)
            elif self._last is not None:
                ours = self._last.sha256
                digest = self._digest(file, self._last.offset, self._last.length, beat=beat)
            else:
                # Every part was acknowledged earlier; the last one was read back when it was opened again.
                return
        if not hmac.compare_digest(digest, ours):
            raise failures.stored_differs(self._peer, note="what was read back is not what was sent")

    def _rename(self, shipment: Shipment, *, beat: Beat) -> None:
        final = self._path(shipment.name)
        if self._size_of(final) is not None:
            self._must_be_ours(final, shipment, beat=beat)
            self._client.remove(self._temporary)
            return
        try:
            self._client.posix_rename(self._temporary, final)
        except OSError:
            if not self._open_session.transport.is_active():
                raise
            self._client.rename(self._temporary, final)

    def _must_be_ours(self, final: str, shipment: Shipment, *, beat: Beat) -> None:
        if self._size_of(final) == shipment.size:
            with self._client.open(final, "rb") as file:
                if hmac.compare_digest(self._digest(file, 0, shipment.size, beat=beat), shipment.sha256):
                    return
        raise RefusedError(
            "A file of this name is there already",
            happened=f"{self._peer} has another file under the bundle's name; it was not touched.",
            todo="Send it under another name, or have the other file removed.",
            code="CF-1212",
        )

    def _leave_companion(self, shipment: Shipment) -> bool:
        line = f"{shipment.sha256}  {shipment.name}\n".encode()
        try:
            with self._client.open(self._path(f"{shipment.name}.sha256"), "wb") as file:
                file.write(line)
        except OSError:
            if not self._open_session.transport.is_active():
                raise
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

    def _digest(self, file: SFTPFile, offset: int, length: int, *, beat: Beat) -> str:
        digest = hashlib.sha256()
        for number, block in enumerate(Pipeline(self._client, file).read(offset, length)):
            digest.update(block)
            if number % 32 == 0:
                beat.rest(0.0)
        return digest.hexdigest()

    def _size_of(self, path: str) -> int | None:
        try:
            size: int | None = self._client.stat(path).st_size
        except FileNotFoundError:
            return None
        if size is None:
            raise failures.garbage(self._peer, "a file without a size")
        return size

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @contextmanager
    def _guarded(self, *, writing: bool = False) -> Iterator[None]:
        """The server's statuses and the connection's end, in our families."""
        try:
            yield
        except WorldError:
            raise
        except FileNotFoundError as error:
            raise PeerError(
                "The folder on the server is not there",
                happened=f"{self._peer} has no such file or folder.",
                todo="Check the folder in the settings; a temporary account may have been removed.",
                code="CF-1618",
            ) from error
        except PermissionError as error:
            raise RefusedError(
                "The server does not allow it",
                happened=f"{self._peer} denies the right to write here.",
                todo="Check the folder in the settings and the account's rights.",
                code="CF-1213",
            ) from error
        except (OSError, EOFError, SSHException) as error:
            alive = self._session is not None and self._session.transport.is_active()
            status = alive and type(error) is OSError and error.errno is None
            if status and writing:
                raise failures.storage_full(self._peer) from error
            if status or (alive and isinstance(error, EOFError)):
                raise _failed(self._peer) from error
            raise translated(self._peer, error) from error


def _opened(remote: str, offset: int, *, size: int, finished: bool = False) -> Opened:
    have = (ByteRange(0, offset),) if offset else ()
    return Opened(remote=remote, have=have, finished=finished, runs=(ByteRange(0, size),))


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


def _taken_away(peer: str) -> PeerError:
    return PeerError(
        "It is not known whether the file arrived",
        happened=f"{peer} had all of it, and now has it neither unfinished nor under its name.",
        todo="Look whether the receiver has taken it; if not, send it as a new transfer.",
        code="CF-1632",
    )


def _failed(peer: str) -> PeerError:
    return PeerError(
        "The server failed to do it",
        happened=f"{peer} answered with a failure and gave no reason.",
        todo="Look into the server's log; try again later.",
        code="CF-1619",
        retryable=True,
    )
