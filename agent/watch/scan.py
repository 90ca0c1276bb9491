"""The truth about a folder: what is in it now, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.watch.listing import Entry, list_directory, reason_of

DEEPEST = 12
"""Levels of subfolders that are looked into."""


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
    """One pass over a folder, or over some of its directories.

    Attributes:
        readable: whether the folder itself could be listed; if not, nothing is known about what is in it.
        problem: why not, or why a part of it could not, for people.
        unknown: relative paths of subfolders (``""`` is the folder) that could not be listed. A file under
            one of them is *unknown*, never *deleted*.
        archives: how many packed files that are not opened were passed over, in the whole folder.
        looked: relative paths of the directories that this pass is about: their files are listed wholly, and
            nothing is said about any other directory. None when it is about all of them.
    """

    folder: Path
    readable: bool
    files: tuple[SeenFile, ...] = ()
    problem: str = ""
    unknown: tuple[str, ...] = ()
    archives: int = 0
    looked: frozenset[str] | None = None

    def covers(self, path: str) -> bool:
        """Whether this pass would have seen a file of that relative path, were it there."""
        if not self.concerns(path):
            return False
        return not any(part in ("", path) or path.startswith(f"{part}/") for part in self.unknown)

    def concerns(self, path: str) -> bool:
        """Whether this pass is about the directory in which a file of that relative path lies."""
        return self.looked is None or path.rpartition("/")[0] in self.looked


def seen_file(directory: str, entry: Entry) -> SeenFile:
    """The file of a listing's entry, in this relative directory."""
    name, device, inode, size, modified_ns, _ = entry
    path = f"{directory}/{name}" if directory else name
    return SeenFile(path=path, device=device, inode=inode, size=size, modified_ns=modified_ns)


def scan_folder(folder: Path, *, logs_only: bool = True) -> FolderScan:
    """List a folder and its subfolders once; symbolic links inside it are not followed.

    Never raises for what the disk does: an error makes a part *unknown*.

    Args:
        folder: where to look.
        logs_only: leave out files whose name says that they are no text logs.
    """
    files: list[SeenFile] = []
    unknown: list[str] = []
    problem = ""
    archives = 0
    left = [""]
    while left:
        relative = left.pop()
        try:
            found = list_directory(str(folder / relative), logs_only=logs_only)
        except OSError as error:
            unknown.append(relative)
            problem = problem or reason_of(error)
            continue
        files += (seen_file(relative, entry) for entry in found.files)
        prefix = f"{relative}/" if relative else ""
        unknown += (prefix + name for name in (*found.unknown, *found.moved))
        problem = problem or found.problem
        archives += found.archives
        if relative.count("/") < DEEPEST - 1:
            left += (prefix + name for name in reversed(found.folders))
    readable = "" not in unknown
    return FolderScan(
        folder=folder,
        readable=readable,
        files=tuple(files) if readable else (),
        problem=problem,
        unknown=tuple(unknown),
        archives=archives,
    )
