"""Looking at, and opening, a file without following any link on the way to it.

Whoever may write into one folder of a path can put a link into its place between two looks. Here every part
is entered from the one before it, so that a link anywhere ends the way.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from agent.watch.opening import open_shared


def look_straight(path: Path) -> os.stat_result:
    """What lies at the end of a path without links; it is not opened.

    Args:
        path: absolute, without ``..``.

    Raises:
        OSError: it is not there, or a part of the path is a link or cannot be passed.
    """
    with _last_step(path) as (name, folder):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        raise _link()
    return found


def open_straight(path: Path) -> BinaryIO:
    """Open a regular file for reading; its writer may go on, rename or delete it meanwhile.

    A device, a pipe or a socket is not opened: for some that alone would do something.

    Raises:
        OSError: as `look_straight`, or it is no regular file, or may not be read.
    """
    with _last_step(path) as (name, folder):
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            raise _link() if stat.S_ISLNK(found.st_mode) else _no_file()
        stream = _opened(name, folder)
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and _is_still_straight(path):
        return stream
    stream.close()
    raise _no_file()


if sys.platform == "win32":

    @contextmanager
    def _last_step(path: Path) -> Iterator[tuple[str, None]]:
        if not _is_still_straight(path):
            raise _link()
        yield str(path), None

    def _opened(name: str, _folder: None) -> BinaryIO:
        return open_shared(Path(name))

    def _is_still_straight(path: Path) -> bool:
        return os.path.normcase(os.path.realpath(path)) == os.path.normcase(path)

else:
    # Passing through a folder needs no right to list it, where the system can tell the two apart.
    _PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
    _READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

    @contextmanager
    def _last_step(path: Path) -> Iterator[tuple[str, int]]:
        """The last name of a path, and its folder, into which every step went from the one before."""
        root, *between, name = path.parts
        if not path.is_absolute() or ".." in between or name == "..":
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        folder = os.open(root, _PASS)
        try:
            for part in between:
                below = os.open(part, _PASS, dir_fd=folder)
                os.close(folder)
                folder = below
            yield name, folder
        finally:
            os.close(folder)

    def _is_still_straight(_path: Path) -> bool:
        return True  # no step of the way could leave it

    def _opened(name: str, folder: int) -> BinaryIO:
        return os.fdopen(os.open(name, _READ, dir_fd=folder), "rb")


def _link() -> OSError:
    return OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _no_file() -> OSError:
    return OSError(errno.EINVAL, "Not a regular file")
