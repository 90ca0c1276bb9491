"""Opening a log for reading without standing in its writer's way."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _GENERIC_READ = 0x80000000
    _SHARE_ALL = 0x00000001 | 0x00000002 | 0x00000004
    _OPEN_EXISTING = 3
    _SEQUENTIAL = 0x08000000
    _INVALID = ctypes.c_void_p(-1).value

    _create_file = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
    _create_file.restype = ctypes.c_void_p
    _create_file.argtypes = (
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.c_void_p,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.HANDLE,
    )

    def _descriptor(path: Path) -> int:
        """Share reading, writing and deleting: without the last, a reader blocks the writer's rotation."""
        handle = _create_file(str(path), _GENERIC_READ, _SHARE_ALL, None, _OPEN_EXISTING, _SEQUENTIAL, None)
        if handle == _INVALID:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY)

else:

    def _descriptor(path: Path) -> int:
        """Never follow a link in the last part, never wait for a pipe's other end."""
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def open_shared(path: Path) -> BinaryIO:
    """Open for reading; the writer may go on writing, rename or delete the file meanwhile.

    Raises:
        OSError: it cannot be opened, or is a symbolic link.
    """
    return os.fdopen(_descriptor(path), "rb")


def size_and_time(path: str) -> tuple[int, int]:
    """Size and time of change (nanoseconds since 1970) of a file that may be open elsewhere, as they are now.

    Raises:
        OSError: it is not there, or cannot be asked.
    """
    if sys.platform == "win32":
        # By a handle: a folder's own listing is not brought up to date while the writer holds the file open.
        # Closed at once: a deleted file whose handle is held keeps its name, and no other can be made.
        with open_shared(Path(path)) as stream:
            found = os.fstat(stream.fileno())
    else:
        found = os.stat(path, follow_symlinks=False)  # noqa: PTH116 - two thousand of them a second
    return found.st_size, found.st_mtime_ns
