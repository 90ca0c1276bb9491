"""Open files of an SFTP session."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from paramiko import SFTPAttributes, SFTPHandle
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_PERMISSION_DENIED

from app.domain.disks import Refusal, refusal_of
from app.sandbox.sftp.folder import Entry

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LONGEST_READ = 255 * 1024


class Status(int):
    """An SFTP status code with a text of its own for the client."""

    text: str

    def __new__(cls, code: int, text: str) -> Status:
        """The code, and what a person reads beside it."""
        made = super().__new__(cls, code)
        made.text = text
        return made


def failure_of(error: OSError) -> Status:
    """What a client is told of an error of the disk; version 3 of SFTP knows few codes."""
    refusal = refusal_of(error)
    if refusal is Refusal.TOO_LARGE:
        # Of a plain failure clients think that it passes.
        return Status(
            SFTP_PERMISSION_DENIED, "The portal's disk takes no file so large; what was sent is kept"
        )
    if refusal is Refusal.FULL:
        return Status(SFTP_FAILURE, "The portal's disk is full; what was sent is kept, try again later")
    return Status(SFTP_FAILURE, "The portal's disk refused")


def attributes_of(entry: Entry) -> SFTPAttributes:
    """A listing's line in the form of SFTP."""
    attributes = SFTPAttributes()
    attributes.filename = entry.name
    attributes.st_size = entry.size
    attributes.st_uid = attributes.st_gid = 0
    attributes.st_mode = stat.S_IFREG | (0o400 if entry.taken else 0o600)
    attributes.st_atime = attributes.st_mtime = entry.modified
    return attributes


class OpenFile(SFTPHandle):
    """A file of the folder, for reading, writing or both.

    Args:
        descriptor: of the open file; the handle closes it.
        name: for `stat`.
        writes, appends: what it was opened for.
        clock: monotonic seconds.
        may_go_on: whether the session's account is still alive.
        on_close: told whether the client closed it (else the connection was lost).
    """

    def __init__(
        self,
        descriptor: int,
        *,
        name: str,
        writes: bool,
        appends: bool,
        clock: Callable[[], float],
        may_go_on: Callable[[], bool],
        on_close: Callable[[OpenFile, bool], None],
    ) -> None:
        super().__init__(0)
        self._descriptor: int | None = descriptor
        self._name = name
        self._writes = writes
        self._appends = appends
        self._clock = clock
        self._may_go_on = may_go_on
        self._on_close = on_close
        self._lock = threading.Lock()
        self._revoked = False
        self.abandoned = False
        self.last_write = clock()

    def revoke(self) -> None:
        """Refuse every later write: the file has been taken, or replaced."""
        with self._lock:
            self._revoked = True

    def read(self, offset: int, length: int) -> bytes | int:
        """At most 255 KiB; empty at the end."""
        with self._lock:
            if self._descriptor is None or not self._may_go_on():
                return _ended()
            try:
                os.lseek(self._descriptor, offset, os.SEEK_SET)
                return os.read(self._descriptor, min(length, LONGEST_READ))
            except OSError as error:
                return failure_of(error)

    def write(self, offset: int, data: ReadableBuffer) -> int:
        """All of the data, or an error."""
        with self._lock:
            refused = self._refusal()
            if refused is not None or self._descriptor is None:
                return refused if refused is not None else _ended()
            try:
                os.lseek(
                    self._descriptor,
                    0 if self._appends else offset,
                    os.SEEK_END if self._appends else os.SEEK_SET,
                )
                view = memoryview(data)
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                return failure_of(error)
            self.last_write = self._clock()
            return SFTP_OK

    def stat(self) -> SFTPAttributes | int:
        """Size and time as they are now."""
        with self._lock:
            if self._descriptor is None:
                return _ended()
            found = os.fstat(self._descriptor)
        return attributes_of(
            Entry(name=self._name, size=found.st_size, modified=int(found.st_mtime), taken=not self._writes)
        )

    def chattr(self, attr: SFTPAttributes) -> int:
        """Cuts to a size; modes, owners and times are taken and ignored."""
        if attr.st_size is None:
            return SFTP_OK
        with self._lock:
            refused = self._refusal()
            if refused is not None or self._descriptor is None:
                return refused if refused is not None else _ended()
            try:
                os.ftruncate(self._descriptor, attr.st_size)
            except OSError as error:
                return failure_of(error)
            return SFTP_OK

    def sync(self) -> int:
        """``fsync@openssh.com``."""
        with self._lock:
            if self._descriptor is None:
                return _ended()
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                return failure_of(error)
            return SFTP_OK

    def close(self) -> None:
        """Close; `finish` is what a client's own close calls."""
        self.finish()

    def finish(self) -> int:
        """Make what was written durable and close; only then the portal takes the file for complete."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                return SFTP_OK
            status: int = SFTP_OK
            try:
                if self._writes and not self.abandoned:
                    os.fsync(descriptor)
            except OSError as error:
                status = failure_of(error)
            finally:
                os.close(descriptor)
            complete = status == SFTP_OK and not self.abandoned and not self._revoked
        self._on_close(self, complete)
        return status

    def _refusal(self) -> Status | None:
        if self._revoked or not self._writes:
            return Status(SFTP_PERMISSION_DENIED, "This file cannot be written any more")
        return None if self._may_go_on() else _ended()


class OpenText(SFTPHandle):
    """A small text that lies in no file."""

    def __init__(self, entry: Entry, text: bytes) -> None:
        super().__init__(0)
        self._entry = entry
        self._text = text

    def read(self, offset: int, length: int) -> bytes | int:
        """A piece of it."""
        return self._text[offset : offset + length]

    def stat(self) -> SFTPAttributes | int:
        """Its size."""
        return attributes_of(self._entry)


def _ended() -> Status:
    return Status(
        SFTP_PERMISSION_DENIED, "This temporary account has ended, or its case is closed (R-FILE-1)"
    )
