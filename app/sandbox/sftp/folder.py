"""The one flat folder of a case that an SFTP session sees, and no way out of it.

It shows what clients have put there and the portal has not taken yet, and, read-only, what has become a file
of the case over SFTP (with its companion, when it is verified), so that a client finds what it sent.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import InputError
from app.domain.files import FileCheck
from app.portal.contract import CaseFile
from app.sandbox.files import make_case_folder, stored_path
from app.sandbox.sftp.companions import companion_of
from app.sandbox.site import Site
from app.sandbox.store.files import files_of
from app.sandbox.store.times import stamp
from app.sandbox.uploads import safe_file_name


class OutsideFolder(Exception):
    """The path names nothing that can be in the folder."""


def name_in_folder(path: str) -> str:
    """The file name that a client's path means; empty for the folder itself.

    ``..`` at the top stays at the top, as in every root folder; any further folder does not exist.

    Raises:
        OutsideFolder: the path has a folder in it, or a name that no case accepts.
    """
    inside = posixpath.normpath("/" + path).lstrip("/")
    if not inside or inside == ".":
        return ""
    if "/" in inside:
        raise OutsideFolder("there are no folders here")
    try:
        return safe_file_name(inside)
    except InputError as error:
        raise OutsideFolder(error.happened) from error


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the listing.

    Attributes:
        modified: seconds since 1970.
        taken: whether the portal has it already, as a file of the case.
    """

    name: str
    size: int
    modified: int
    taken: bool = False


class CaseFolder:
    """The SFTP folder of one case."""

    def __init__(self, site: Site, case: str) -> None:
        self._site = site
        self.case = case
        self._root = make_case_folder(site, case, "sftp")

    def path(self, name: str) -> Path:
        """Where a file lies that the portal has not taken; `name` comes from `name_in_folder`."""
        return self._root / name

    def waiting(self, name: str) -> Entry | None:
        """A file the portal has not taken; None for links, folders and nothing."""
        try:
            found = self.path(name).stat(follow_symlinks=False)
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return Entry(name=name, size=found.st_size, modified=int(found.st_mtime))

    def taken(self, name: str) -> CaseFile | None:
        """The newest file of the case with this name that came over SFTP and is not put aside."""
        return next((file for file in self._taken() if file.name == name), None)

    def companion_text(self, name: str) -> bytes | None:
        """The text of a companion whose file is verified in the case."""
        for file in self._taken():
            if companion_of(file.name) == name and file.check is FileCheck.VERIFIED:
                return _companion_text(file)
        return None

    def stored(self, file: CaseFile) -> Path:
        """Where a file of the case lies."""
        return stored_path(self._site, file)

    def entry(self, name: str) -> Entry | None:
        """What stands under this name."""
        waiting = self.waiting(name)
        if waiting is not None:
            return waiting
        return next((entry for entry in self._taken_entries() if entry.name == name), None)

    def entries(self) -> list[Entry]:
        """The whole listing, by name."""
        found = {entry.name: entry for entry in self._taken_entries()}
        for path in self._root.iterdir():
            entry = self.waiting(path.name)
            if entry is not None:
                found[entry.name] = entry
        return [found[name] for name in sorted(found)]

    def fetch_back(self, file: CaseFile) -> None:
        """Copy a file of the case into the folder, so that a client can go on with it.

        Raises:
            OSError: no room, or the bytes are gone.
        """
        target = self.path(file.name)
        part = target.with_name(f".{file.id}.copy")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as copy, self.stored(file).open("rb") as source:
                shutil.copyfileobj(source, copy, 1 << 20)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _taken(self) -> Iterator[CaseFile]:
        return (
            file
            for file in files_of(self._site.database, self.case)
            if file.via == "sftp" and file.check is not FileCheck.DIFFERS
        )

    def _taken_entries(self) -> Iterator[Entry]:
        seen: set[str] = set()
        for file in self._taken():
            if file.name in seen:
                continue
            seen.add(file.name)
            modified = stamp(file.sent) // 1_000_000
            yield Entry(name=file.name, size=file.size, modified=modified, taken=True)
            if file.check is FileCheck.VERIFIED:
                size = len(_companion_text(file))
                yield Entry(name=companion_of(file.name), size=size, modified=modified, taken=True)


def _companion_text(file: CaseFile) -> bytes:
    return f"{file.sha256}  {file.name}\n".encode()
