"""One directory, listed once: its files with what identity needs, its subfolders, what could not be seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from agent.watch.names import is_archive_name, is_log_name
from agent.watch.opening import extended

_MOUNT_POINT = 0xA0000003
"""The tag of Windows for what junctions are."""
_FORMAT, _REGULAR = 0o170000, 0o100000
_TRUE_LISTING = sys.platform != "win32"
"""Whether entries of a listing are true: one of Windows has neither file id nor the size of an open file."""
_BY_DESCRIPTOR = os.scandir in os.supports_fd
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

Entry = tuple[str, int, int, int, int, int]
"""Name, device, inode (on Windows volume serial and file id), size, time of change of the content and of the
entry (nanoseconds since 1970)."""


@dataclass(slots=True)
class Listing:
    """What one directory holds.

    Attributes:
        identity: device and inode of the directory itself.
        modified_ns: its own time of change, taken before it was listed: names that come or go later move it.
        files: regular files.
        folders: names of subfolders; links are no subfolders.
        unknown: names that were listed and could not be looked at.
        moved: names that were there when it was listed, and were not any more a moment later.
        problem: of the first of the unknown, for people.
        archives: packed files that are not opened.
        empty: there is nothing in it at all, not even what is no log.
    """

    identity: tuple[int, int] = (0, 0)
    modified_ns: int = 0
    files: list[Entry] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    problem: str = ""
    archives: int = 0
    empty: bool = True


def list_directory(path: str, *, logs_only: bool = True) -> Listing:
    """List one directory; symbolic links and junctions in it are passed over.

    Raises:
        OSError: the directory itself cannot be listed. Nothing is known about its content then.
    """
    if not _BY_DESCRIPTOR:
        path = extended(path)
        return _listed(path, os.stat(path), logs_only=logs_only)  # noqa: PTH116 - ten thousand of them a minute
    # The way to the directory is walked once, and not again for each of its files.
    descriptor = os.open(path, _DIRECTORY)
    try:
        return _listed(descriptor, os.fstat(descriptor), logs_only=logs_only)
    finally:
        os.close(descriptor)


@contextmanager
def standing_in(folder: str) -> Iterator[int | None]:
    """A folder, open, so that the way to it is walked once for all below it; None where that cannot be."""
    descriptor = None
    if os.stat in os.supports_dir_fd:
        with suppress(OSError):  # what is below is told as it is, then
            descriptor = os.open(folder, _DIRECTORY)
    try:
        yield descriptor
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _listed(place: str | int, own: os.stat_result, *, logs_only: bool) -> Listing:
    found = Listing(identity=(own.st_dev, own.st_ino), modified_ns=own.st_mtime_ns)
    add, is_empty = found.files.append, True
    with os.scandir(place) as entries:
        for entry in entries:
            name, is_empty = entry.name, False
            try:
                if entry.is_file(follow_symlinks=False):
                    if logs_only and not is_log_name(name):
                        found.archives += is_archive_name(name)
                        continue
                    seen = entry.stat(follow_symlinks=False) if _TRUE_LISTING else _stat(entry.path)
                    if seen.st_mode & _FORMAT == _REGULAR and (name.isascii() or _sayable(name, found)):
                        add(
                            (
                                name,
                                seen.st_dev,
                                seen.st_ino,
                                seen.st_size,
                                seen.st_mtime_ns,
                                seen.st_ctime_ns,
                            )
                        )
                elif entry.is_dir(follow_symlinks=False):
                    if not _is_junction(entry) and _sayable(name, found):
                        found.folders.append(name)
                elif not entry.is_symlink():
                    # A listing without kinds says of what has gone meanwhile that it is neither.
                    entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                found.moved.append(name)
            except OSError as error:
                found.unknown.append(name)
                found.problem = found.problem or reason_of(error)
    found.empty = is_empty
    return found


def _stat(path: str) -> os.stat_result:
    return os.stat(path, follow_symlinks=False)  # noqa: PTH116 - as above


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """A junction is a link of Windows that `is_symlink` does not count; Python tells from 3.12 on."""
    ask = getattr(entry, "is_junction", None)
    if ask is not None:
        return bool(ask())
    return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT


def _sayable(name: str, found: Listing) -> bool:
    """A name that is no text in the system's encoding can be neither recorded nor shown; people are told."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        found.problem = found.problem or "The name of a file in it is not valid text."
        return False
    return True


def reason_of(error: OSError) -> str:
    """Why a folder or file could not be looked at, for people."""
    if isinstance(error, FileNotFoundError):
        return "The folder is not there."
    if isinstance(error, PermissionError):
        return "The agent may not read it."
    if isinstance(error, NotADirectoryError):
        return "It is not a folder."
    return f"{error.strerror or type(error).__name__}."
