"""Opening a log for reading without standing in its writer's way."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_GENERIC_READ = 0x80000000
_FILE_SHARE_READ, _FILE_SHARE_WRITE, _FILE_SHARE_DELETE = 0x1, 0x2, 0x4
_OPEN_EXISTING = 3
_SEQUENTIAL = 0x08000000

CreateFile = Callable[[str, int, int, None, int, int, None], int | None]
"""Windows' ``CreateFileW``; None when it refuses."""


def sharing_handle(path: str, create_file: CreateFile) -> int:
    """A Windows handle for reading that lets others read, write, rename and delete the file meanwhile.

    Without the last, a reader blocks the writer's rotation.

    Args:
        path: of the file.
        create_file: the system's call.

    Raises:
        OSError: the system refuses.
    """
    handle = create_file(
        path,
        _GENERIC_READ,
        _FILE_SHARE_READ | _FILE_SHARE_WRITE | _FILE_SHARE_DELETE,
        None,
        _OPEN_EXISTING,
        _SEQUENTIAL,
        None,
    )
    if handle is None:
        raise OSError(f"{path} cannot be opened")
    return handle


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _INVALID = ctypes.c_void_p(-1).value
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
    _kernel.restype = ctypes.c_void_p
    _kernel.argtypes = (
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        ctypes.c_void_p,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.HANDLE,
    )

    def _create_file(*words: object) -> int:
        handle = _kernel(*words)
        if handle == _INVALID:
            raise ctypes.WinError(ctypes.get_last_error())
        return int(handle)

    def _descriptor(path: Path) -> int:
        return msvcrt.open_osfhandle(sharing_handle(str(path), _create_file), os.O_RDONLY | os.O_BINARY)

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
