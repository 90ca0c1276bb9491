"""What an SFTP client may ask for inside the folder of its case."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import cast

from paramiko import ServerInterface, SFTPAttributes, SFTPHandle, SFTPServerInterface
from paramiko.sftp import (
    SFTP_FAILURE,
    SFTP_NO_SUCH_FILE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from app.sandbox.sftp.accounts import Gate
from app.sandbox.sftp.arrivals import Arrivals
from app.sandbox.sftp.companions import is_temporary
from app.sandbox.sftp.folder import CaseFolder, Entry, OutsideFolder, name_in_folder
from app.sandbox.sftp.handles import OpenFile, OpenText, Status, attributes_of, failure_of
from app.sandbox.sftp.writers import Writers
from app.sandbox.site import Site

MOST_HANDLES = 64
"""Open files of one session."""

_WRITES = os.O_WRONLY | os.O_RDWR
_SAFE = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_ASKED = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_EXCL


@dataclass(frozen=True, slots=True)
class Place:
    """What a session works with: the gate, its case's folder, and what it shares with other sessions."""

    site: Site
    gate: Gate
    folder: CaseFolder
    writers: Writers
    arrivals: Arrivals


class CaseSession(SFTPServerInterface):
    """One SFTP session; all its calls come from one thread.

    Args:
        server: of the connection; not used.
        place: where the session works.
    """

    def __init__(self, server: ServerInterface, place: Place) -> None:
        super().__init__(server)
        self._place = place
        self._files: set[OpenFile] = set()

    def abandon(self) -> None:
        """The connection was lost: what is open is not complete."""
        for handle in list(self._files):
            handle.abandoned = True

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> SFTPHandle | int:  # noqa: ARG002
        """Open for reading, or for writing in this folder."""
        return self._open(path, flags, sends=True)

    def _open(self, path: str, flags: int, *, sends: bool) -> SFTPHandle | int:
        name = self._name(path)
        if not isinstance(name, str):
            return name
        if not name:
            return Status(SFTP_FAILURE, "This is the folder, not a file")
        if len(self._files) >= MOST_HANDLES:
            return Status(SFTP_FAILURE, f"More than {MOST_HANDLES} files are open; close some")
        try:
            return (
                self._open_to_write(name, flags, sends=sends) if flags & _WRITES else self._open_to_read(name)
            )
        except FileNotFoundError:
            return SFTP_NO_SUCH_FILE
        except FileExistsError:
            return Status(SFTP_FAILURE, "There is a file of this name")
        except OSError as error:
            return failure_of(error)

    def list_folder(self, path: str) -> list[SFTPAttributes] | int:
        """The one folder."""
        name = self._name(path)
        if not isinstance(name, str):
            return name
        if name:
            return SFTP_NO_SUCH_FILE
        return [attributes_of(entry) for entry in self._place.folder.entries()]

    def stat(self, path: str) -> SFTPAttributes | int:
        """A file, or the folder."""
        name = self._name(path)
        if not isinstance(name, str):
            return name
        if not name:
            return _folder_attributes(modified=self._now())
        entry = self._place.folder.entry(name) or self._companion(name)
        return SFTP_NO_SUCH_FILE if entry is None else attributes_of(entry)

    def lstat(self, path: str) -> SFTPAttributes | int:
        """As `stat`: there are no links."""
        return self.stat(path)

    def remove(self, path: str) -> int:
        """Remove a file that the portal has not taken."""
        name = self._name(path)
        if not isinstance(name, str):
            return name
        place = (self._place.folder.case, name)
        if self._place.folder.waiting(name) is None:
            if name and self._place.folder.entry(name) is not None:
                return Status(SFTP_PERMISSION_DENIED, "The file belongs to the case now")
            return SFTP_NO_SUCH_FILE
        if not self._place.writers.claim(place):
            return Status(SFTP_FAILURE, "The file is in use")
        try:
            self._place.arrivals.forget(place)
            self._place.folder.path(name).unlink()
            self._place.writers.take_resumed(place)  # they are none of a later file of this name
        except OSError as error:
            return failure_of(error)
        finally:
            self._place.writers.release(place)
        return SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename inside the folder; never replaces a file that waits there."""
        return self._rename(oldpath, newpath, replace=False)

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Rename inside the folder, replacing (``posix-rename@openssh.com``)."""
        return self._rename(oldpath, newpath, replace=True)

    def mkdir(self, path: str, attr: SFTPAttributes) -> int:  # noqa: ARG002
        """There are no folders in a case."""
        return Status(SFTP_PERMISSION_DENIED, "The case has one flat folder; no folders can be made")

    def rmdir(self, path: str) -> int:  # noqa: ARG002
        """There are none to remove."""
        return Status(SFTP_PERMISSION_DENIED, "The case has one flat folder; it cannot be removed")

    def chattr(self, path: str, attr: SFTPAttributes) -> int:
        """Cuts a waiting file to a size; modes, owners and times are taken and ignored."""
        name = self._name(path)
        if not isinstance(name, str):
            return name
        if attr.st_size is None or not name:
            return SFTP_OK
        handle = self._open(path, os.O_WRONLY, sends=False)
        if not isinstance(handle, OpenFile):
            return cast("int", handle)
        handle.abandoned = True
        try:
            return handle.chattr(attr)
        finally:
            handle.close()

    def canonicalize(self, path: str) -> str:
        """The absolute path; what cannot exist stays what it is, below the top."""
        try:
            return "/" + name_in_folder(path)
        except OutsideFolder:
            return os.path.normpath("/" + path).replace("\\", "/") if "\0" not in path else "/"

    def readlink(self, path: str) -> str | int:  # noqa: ARG002
        """There are no links."""
        return SFTP_OP_UNSUPPORTED

    def symlink(self, target_path: str, path: str) -> int:  # noqa: ARG002
        """There are no links."""
        return Status(SFTP_PERMISSION_DENIED, "Links are not possible here")

    def session_ended(self) -> None:
        """The handles are closed by the subsystem."""

    def _name(self, path: str) -> str | int:
        if not self._place.gate.is_open():
            return Status(
                SFTP_PERMISSION_DENIED, "This temporary account has ended, or its case is closed (R-FILE-1)"
            )
        try:
            return name_in_folder(path)
        except OutsideFolder as error:
            return Status(SFTP_NO_SUCH_FILE, str(error))

    def _companion(self, name: str) -> Entry | None:
        text = self._place.folder.companion_text(name)
        return None if text is None else Entry(name=name, size=len(text), modified=self._now(), taken=True)

    def _now(self) -> int:
        return int(self._place.site.clock().timestamp())

    def _open_to_read(self, name: str) -> SFTPHandle | int:
        folder = self._place.folder
        if folder.waiting(name) is not None:
            return self._file(folder.path(name), os.O_RDONLY, name=name)
        taken = folder.taken(name)
        if taken is not None:
            return self._file(folder.stored(taken), os.O_RDONLY, name=name)
        text = folder.companion_text(name)
        entry = self._companion(name)
        return SFTP_NO_SUCH_FILE if text is None or entry is None else OpenText(entry, text)

    def _open_to_write(self, name: str, flags: int, *, sends: bool) -> SFTPHandle | int:
        folder = self._place.folder
        place = (folder.case, name)
        if not self._place.writers.may_move(place):
            return Status(SFTP_FAILURE, "The file is just being checked; try again")
        waiting = folder.waiting(name)
        if waiting is None and not flags & (os.O_TRUNC | os.O_EXCL):
            taken = folder.taken(name)
            if taken is not None:
                folder.fetch_back(taken)
                waiting = folder.waiting(name)
        handle = self._file(folder.path(name), flags, name=name)
        goes_on = sends and waiting is not None and waiting.size > 0 and not flags & os.O_TRUNC
        if not self._place.writers.add(place, handle, goes_on=goes_on):
            handle.abandoned = True
            handle.close()
            return Status(SFTP_FAILURE, "The file is just being checked; try again")
        return handle

    def _file(self, path: os.PathLike[str], flags: int, *, name: str) -> OpenFile:
        descriptor = os.open(path, flags & _ASKED | _SAFE, 0o600)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError
        handle = OpenFile(
            descriptor,
            name=name,
            writes=bool(flags & _WRITES),
            appends=bool(flags & os.O_APPEND),
            clock=self._place.site.monotonic,
            may_go_on=self._place.gate.is_open,
            on_close=self._closed,
        )
        self._files.add(handle)
        return handle

    def _closed(self, handle: OpenFile, complete: bool) -> None:
        self._files.discard(handle)
        place = self._place.writers.remove(handle)
        if place is not None and complete and not is_temporary(place[1]):
            self._place.arrivals.note(place, user=self._place.gate.account.user)

    def _rename(self, oldpath: str, newpath: str, *, replace: bool) -> int:
        old, new = self._name(oldpath), self._name(newpath)
        if not isinstance(old, str):
            return old
        if not isinstance(new, str):
            return Status(SFTP_PERMISSION_DENIED, "The new name cannot be used here")
        folder = self._place.folder
        if not old or not new or folder.waiting(old) is None:
            taken = bool(old) and folder.entry(old) is not None
            return (
                Status(SFTP_PERMISSION_DENIED, "The file belongs to the case now")
                if taken
                else SFTP_NO_SUCH_FILE
            )
        if not replace and old != new and folder.waiting(new) is not None:
            return Status(SFTP_FAILURE, "There is a file of this name")
        places = (folder.case, old), (folder.case, new)
        if not self._place.writers.may_move(*places):
            return Status(SFTP_FAILURE, "The file is just being checked; try again")
        try:
            folder.path(old).replace(folder.path(new))
        except OSError as error:
            return failure_of(error)
        self._place.writers.moved(*places)
        self._place.arrivals.forget(places[0])
        if not is_temporary(new):
            self._place.arrivals.note(places[1], user=self._place.gate.account.user)
        return SFTP_OK


def _folder_attributes(*, modified: int) -> SFTPAttributes:
    attributes = SFTPAttributes()
    attributes.st_mode = stat.S_IFDIR | 0o700
    attributes.st_size = 0
    attributes.st_uid = attributes.st_gid = 0
    attributes.st_atime = attributes.st_mtime = modified
    return attributes
