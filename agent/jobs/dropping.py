"""What a person may drop on a case, and that what is sent is what was dropped.

The files are looked at when they are chosen, and read later: masked, shown, read once more. Every look and
every reading enters each part of the path from the one before it, so that no link leads elsewhere, and a
file that came into the place of the chosen one is not taken for it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agent.watch import look_straight, open_straight, scan_folder
from app.domain.errors import InputError, RefusedError, WorldError

_MOST_DROPPED = 2000
_OF_THE_SYSTEM = () if sys.platform == "win32" else (Path("/proc"), Path("/sys"), Path("/dev"))
_DEVICES = ("\\\\.\\", "\\\\?\\GLOBALROOT")
"""How paths of devices begin on Windows."""


class Replaced(OSError):
    """Something else lies under the path of a dropped file by now."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was chosen.

    Attributes:
        name: relative, with the folder that was chosen.
        size: in bytes, when it was chosen.
        identity: which file it is, for `open_dropped`.
    """

    name: str
    path: Path
    size: int
    identity: str


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What belongs to the agent itself and is dropped on no case, whoever asks.

    Attributes:
        data: the data folder: keys, tokens, vault, state, spool.
        secrets: files with keys and passwords that the configuration names.
        pinned: begins the names of folders in `data` in which other people's files are linked.
    """

    data: Path
    secrets: Sequence[Path] = ()
    pinned: str = "evidence"

    def holds(self, path: Path, found: os.stat_result) -> bool:
        """Whether a file is one of them, also under another name."""
        data = self.data.resolve()
        if path.is_relative_to(data):
            return True
        if any(_is_same(secret, path, found) for secret in self.secrets):
            return True
        if not self._entries(data).isdisjoint(_identities(path, *path.parents)):
            return True
        return found.st_nlink > 1 and any(
            _is_same(own, path, found) for own in self._own(data) if own.is_file()
        )

    def _entries(self, data: Path) -> set[tuple[int, int]]:
        """Which files and folders the data folder is and has: another mount of it shows the same ones."""
        try:
            return _identities(data, *(each for each in data.iterdir() if self._is_own(each.name)))
        except FileNotFoundError:
            return set()

    def _is_own(self, name: str) -> bool:
        return not name.startswith(self.pinned)

    def _own(self, data: Path) -> Iterator[Path]:
        for folder, folders, names in os.walk(data):
            if Path(folder) == data:
                folders[:] = [each for each in folders if self._is_own(each)]
            yield from (Path(folder) / name for name in names)


def dropped_files(
    paths: Sequence[str], *, folders: Sequence[Path], within: Sequence[Path] | None, own: OwnFiles
) -> list[Dropped]:
    """Every file that was chosen; a folder brings its files under its own name.

    Links in the paths as they are given are followed once; after that, none is.

    Args:
        paths: as the caller gave them.
        folders: of the configuration; the files must lie in one of these, anywhere when empty.
        within: the same for this caller; anywhere when None.
        own: is never among them.

    Raises:
        InputError: a path is missing, no file, not absolute, or there are too many (CF-1197).
        RefusedError: a file lies outside of what is allowed (CF-1290), belongs to the agent itself (CF-1298),
            or is a device, a pipe or a file of the system's kernel (CF-1299).
    """
    allowed: list[Callable[[Path], bool]] = [_lies_in(folders)] if folders else []
    if within is not None:
        allowed.append(_lies_in(within))
    found: list[Dropped] = []
    for number, text in enumerate(paths, start=1):
        path = Path(text)
        if "\0" in text or not path.is_absolute():
            raise not_droppable(f"Path {number} is not absolute.", "Give whole paths.")
        if text.startswith(_DEVICES):
            raise _no_plain_file(number)
        try:
            place = path.resolve()
        except (OSError, RuntimeError) as error:
            raise _not_seen(number) from error
        if not all(allows(place) for allows in allowed):
            raise RefusedError(
                "This file may not be sent by the agent",
                happened=f"Path {number} lies outside of the folders from which this caller may drop files.",
                todo="Choose another file, or ask the administrator of this server.",
                code="CF-1290",
            )
        found += _chosen(place, number, own)
        if len(found) > _MOST_DROPPED:
            raise not_droppable(
                f"There are more than {_MOST_DROPPED} files in it.", "Send them in several parts."
            )
    if not found:
        raise not_droppable("There is no file in it.", "Choose at least one file.")
    return found


def open_dropped(path: Path, identity: str) -> BinaryIO:
    """The file that was chosen, and no other.

    It is the same when device and inode are, or, where these change by themselves (network shares), size and
    time of change.

    Raises:
        Replaced: something else lies there, or a link.
        OSError: it is gone, or may not be read.
    """
    try:
        stream = open_straight(path)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError as error:
        raise Replaced(error.errno, "Something else lies there") from error
    opened, chosen = _identity(os.fstat(stream.fileno())).split(":"), identity.split(":")
    if opened[:2] == chosen[:2] or opened[2:] == chosen[2:]:
        return stream
    stream.close()
    raise Replaced(0, "Something else lies there")


def not_droppable(happened: str, todo: str) -> InputError:
    """These files cannot be taken (CF-1197)."""
    return InputError("These files cannot be taken", happened=happened, todo=todo, code="CF-1197")


def _chosen(place: Path, number: int, own: OwnFiles) -> Iterable[Dropped]:
    """The file, or the files of the folder, at a path without links."""
    if any(place == each or place.is_relative_to(each) for each in _OF_THE_SYSTEM):
        raise _no_plain_file(number)
    state = _look(place, number)
    if not stat.S_ISDIR(state.st_mode):
        return [_judged(place.name, place, state, number, own)]
    scan = scan_folder(place, logs_only=False)
    if scan.unknown:
        raise not_droppable(f"A part of path {number} cannot be read. {scan.problem}", "Check its rights.")
    names = sorted(file.path for file in scan.files)
    if len(names) > _MOST_DROPPED:
        raise not_droppable(
            f"There are more than {_MOST_DROPPED} files in it.", "Send them in several parts."
        )
    return [
        _judged(f"{place.name}/{name}", place / name, _look(place / name, number), number, own)
        for name in names
    ]


def _look(path: Path, number: int) -> os.stat_result:
    try:
        return look_straight(path)
    except OSError as error:
        raise _not_seen(number) from error


def _judged(name: str, path: Path, state: os.stat_result, number: int, own: OwnFiles) -> Dropped:
    if not stat.S_ISREG(state.st_mode) or _of_the_kernel(state):
        raise _no_plain_file(number)
    if own.holds(path, state):
        raise RefusedError(
            "The agent's own files are not sent",
            happened=f"Path {number} leads to a file of the agent's data folder, or to one of its secrets.",
            todo="Choose another file. For support of the agent itself, use caseferry-agent doctor.",
            code="CF-1298",
        )
    return Dropped(name, path, state.st_size, _identity(state))


def _of_the_kernel(state: os.stat_result) -> bool:
    """Whether it lies on a file system of the kernel, wherever that is mounted."""
    return any(
        each.is_dir() and each.stat().st_dev == state.st_dev for each in _OF_THE_SYSTEM if each.name != "dev"
    )


def _identity(state: os.stat_result) -> str:
    return f"{state.st_dev}:{state.st_ino}:{state.st_size}:{state.st_mtime_ns}"


def _identities(*paths: Path) -> set[tuple[int, int]]:
    """Device and inode of each that is there, and has them."""
    found = set()
    for path in paths:
        with contextlib.suppress(OSError):
            state = path.lstat()
            if state.st_ino:
                found.add((state.st_dev, state.st_ino))
    return found


def _is_same(one: Path, path: Path, found: os.stat_result) -> bool:
    if one.resolve() == path:
        return True
    try:
        known = one.stat()
    except OSError:
        return False
    return (known.st_dev, known.st_ino) == (found.st_dev, found.st_ino)


def _lies_in(folders: Sequence[Path]) -> Callable[[Path], bool]:
    places = [folder.resolve() for folder in folders]
    return lambda path: any(path.is_relative_to(place) for place in places)


def _not_seen(number: int) -> WorldError:
    return not_droppable(f"Path {number} is not a file or folder that the agent can see.", "Choose it again.")


def _no_plain_file(number: int) -> RefusedError:
    return RefusedError(
        "This is no plain file",
        happened=f"Path {number} leads to a device, a pipe, a socket or a file of the system's kernel.",
        todo="Choose a log, or a folder of logs.",
        code="CF-1299",
    )
