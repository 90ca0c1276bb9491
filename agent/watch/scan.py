"""The truth about a folder: what is in it now, and what could not be looked at."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from agent.watch.rotation import PACKED, rotated_name, unpacked_name
from app.logs import application_of

_DEEPEST = 12
_ARCHIVES = (".7z", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".tar.gz")
_LEFTOVERS = (".qsp", ".swp", ".tmp", ".lck", ".pid")


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A regular file as one scan saw it.

    Attributes:
        path: relative to the folder, ``/`` between parts.
        device, inode: identity on this machine; on Windows volume serial and file id.
        modified_ns: time of the last change, nanoseconds since 1970.
    """

    path: str
    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class FolderScan:
    """One pass over a folder.

    Attributes:
        readable: whether the folder itself could be listed; if not, nothing is known about what is in it.
        problem: why not, or why a part of it could not, for people.
        unknown: relative paths of subfolders (``""`` is the folder) that could not be listed. A file under
            one of them is *unknown*, never *deleted*.
        archives: how many packed files that are not opened were passed over, by their names.
    """

    folder: Path
    readable: bool
    files: tuple[SeenFile, ...] = ()
    problem: str = ""
    unknown: tuple[str, ...] = ()
    archives: int = 0

    def covers(self, path: str) -> bool:
        """Whether this pass would have seen a file of that relative path, were it there."""
        return not any(part in ("", path) or path.startswith(f"{part}/") for part in self.unknown)


@dataclass(slots=True)
class _Walk:
    logs_only: bool
    files: list[SeenFile] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problem: str = ""
    archives: int = 0

    def lost(self, path: str, error: OSError) -> None:
        self.unknown.append(path)
        self.problem = self.problem or _reason(error)


def scan_folder(folder: Path, *, logs_only: bool = True) -> FolderScan:
    """List a folder and its subfolders; symbolic links inside it are not followed.

    Never raises for what the disk does: an error makes a part *unknown*.

    Args:
        folder: where to look.
        logs_only: leave out files whose name says that they are no text logs.
    """
    walk = _Walk(logs_only=logs_only)
    _list(folder, "", walk, depth=0)
    readable = "" not in walk.unknown
    return FolderScan(
        folder=folder,
        readable=readable,
        files=tuple(walk.files) if readable else (),
        problem=walk.problem,
        unknown=tuple(walk.unknown),
        archives=walk.archives,
    )


def is_log_name(name: str) -> bool:
    """Whether a file of this name can be a log, as text or as a packed segment of one.

    Other archives, spools and leftovers are none; nor is a packed file that is not named as a segment is.
    """
    if name.startswith(".") or name.lower().endswith(_ARCHIVES + _LEFTOVERS):
        return False
    before = unpacked_name(name)
    return before == name or (is_log_name(before) and _named_as_segment(before))


def is_archive_name(name: str) -> bool:
    """Whether a file of this name is packed and no segment: it is not read, which people must be told."""
    if name.startswith(".") or is_log_name(name):
        return False
    return name.lower().endswith(_ARCHIVES + PACKED)


def _named_as_segment(name: str) -> bool:
    rotated = rotated_name(name)
    return rotated.renamed or bool(rotated.stamp) or bool(application_of(name))


def _list(folder: Path, relative: str, walk: _Walk, *, depth: int) -> None:
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError as error:
        walk.lost(relative, error)
        return
    for entry in found:
        path = f"{relative}/{entry.name}" if relative else entry.name
        try:
            if entry.is_symlink() or _is_junction(entry):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    _list(folder / entry.name, path, walk, depth=depth + 1)
                continue
            if walk.logs_only and not is_log_name(entry.name):
                walk.archives += is_archive_name(entry.name)
                continue
            # not entry.stat(): a Windows listing has neither file id nor the size of a file held open
            seen = os.stat(folder / entry.name, follow_symlinks=False)  # noqa: PTH116
        except FileNotFoundError:
            walk.unknown.append(path)  # renamed or deleted since the listing: the next pass knows
            continue
        except OSError as error:
            walk.lost(path, error)
            continue
        if stat.S_ISREG(seen.st_mode):
            walk.files.append(
                SeenFile(
                    path=path,
                    device=seen.st_dev,
                    inode=seen.st_ino,
                    size=seen.st_size,
                    modified_ns=seen.st_mtime_ns,
                )
            )


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """A junction is a link of Windows that `is_symlink` does not count; Python 3.12 can tell."""
    ask = getattr(entry, "is_junction", None)
    return bool(ask is not None and ask())


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "The folder is not there."
    if isinstance(error, PermissionError):
        return "The agent may not read it."
    if isinstance(error, NotADirectoryError):
        return "It is not a folder."
    return f"{error.strerror or type(error).__name__}."
