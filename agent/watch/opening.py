"""Opening a log for reading without standing in its writer's way."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path, PureWindowsPath
from typing import BinaryIO, Protocol

_GENERIC_READ = 0x80000000
_FILE_SHARE_READ, _FILE_SHARE_WRITE, _FILE_SHARE_DELETE = 0x1, 0x2, 0x4
_OPEN_EXISTING = 3
_SEQUENTIAL, _OPEN_REPARSE_POINT = 0x08000000, 0x00200000
_IS_REPARSE_POINT = 0x400
_STANDS_FOR_ANOTHER = 0x20000000
"""The bit of a reparse tag that names another place: of symbolic links and junctions, not of packed files."""
_LONGEST_PLAIN = 240
"""Characters of a path that every call of Windows takes as it is."""


class WindowsFiles(Protocol):
    """The calls of the system that opening takes."""

    def create_file(
        self, path: str, access: int, share: int, security: None, how: int, flags: int, template: None, /
    ) -> int | None:
        """``CreateFileW``; None when it refuses."""

    def reparse_tag(self, handle: int, /) -> int:
        """What kind of reparse point is open; 0 for a plain file."""

    def close(self, handle: int, /) -> None:
        """``CloseHandle``."""


def sharing_handle(path: str, files: WindowsFiles) -> int:
    """A Windows handle for reading that lets others read, write, rename and delete the file meanwhile.

    Without the last, a reader blocks the writer's rotation. A link is not followed; a file that the system
    keeps packed is a reparse point, too, and is read as what it is.

    Args:
        path: of the file.
        files: the system's calls.

    Raises:
        OSError: the system refuses, or it is a link.
    """
    handle = _handle(path, files, _SEQUENTIAL | _OPEN_REPARSE_POINT)
    tag = files.reparse_tag(handle)
    if not tag:
        return handle
    files.close(handle)
    if tag & _STANDS_FOR_ANOTHER:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return _handle(path, files, _SEQUENTIAL)


def _handle(path: str, files: WindowsFiles, flags: int) -> int:
    share = _FILE_SHARE_READ | _FILE_SHARE_WRITE | _FILE_SHARE_DELETE
    handle = files.create_file(extended(path), _GENERIC_READ, share, None, _OPEN_EXISTING, flags, None)
    if handle is None:
        raise OSError(f"{path} cannot be opened")
    return handle


def extended(path: str) -> str:
    """A path of Windows so that every call takes it, however long it is; a short one stays."""
    if len(path) <= _LONGEST_PLAIN or path.startswith("\\\\?\\"):
        return path
    plain = PureWindowsPath(path)
    if not plain.is_absolute():
        return path
    whole = str(plain)
    return f"\\\\?\\UNC{whole[1:]}" if whole.startswith("\\\\") else f"\\\\?\\{whole}"


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

    _TAG_INFO = 9

    class _TagInfo(ctypes.Structure):
        _fields_ = (("attributes", wintypes.DWORD), ("tag", wintypes.DWORD))

    _ask = ctypes.WinDLL("kernel32", use_last_error=True).GetFileInformationByHandleEx
    _ask.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
    _close = ctypes.WinDLL("kernel32", use_last_error=True).CloseHandle
    _close.argtypes = (wintypes.HANDLE,)

    class _Kernel:
        def create_file(self, *words: object) -> int:
            handle = _kernel(*words)
            if handle == _INVALID:
                raise ctypes.WinError(ctypes.get_last_error())
            return int(handle)

        def reparse_tag(self, handle: int) -> int:
            found = _TagInfo()
            if not _ask(handle, _TAG_INFO, ctypes.byref(found), ctypes.sizeof(found)):
                return 0  # a file system that knows no reparse points
            return int(found.tag) if found.attributes & _IS_REPARSE_POINT else 0

        def close(self, handle: int) -> None:
            _close(handle)

    _FILES = _Kernel()

    def _descriptor(path: Path) -> int:
        return msvcrt.open_osfhandle(sharing_handle(str(path), _FILES), os.O_RDONLY | os.O_BINARY)

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
