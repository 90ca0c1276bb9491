"""One holder of a name at a time, over threads and processes; nobody waits, a killed one holds nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # Some shares know no locks: there one holds as ever, and nobody is kept out.
            return error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
        return True


_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Taken(Exception):
    """Somebody else holds it now."""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold `path`, a file that is made for that and removed behind it, while the block runs.

    Raises:
        Taken: another thread or process holds it.
        OSError: it cannot be made.
    """
    descriptor = _held(path)
    try:
        yield
    finally:
        # Removed while it is held: who had opened it before finds that it is no longer the one of this name.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)
        if os.name == "nt":
            with contextlib.suppress(OSError):
                path.unlink()


def _held(path: Path) -> int:
    while True:
        descriptor = os.open(path, _FLAGS, 0o600)
        taken = _take(descriptor)
        if taken and _has_the_name(descriptor, path):
            return descriptor
        os.close(descriptor)
        if not taken:
            raise Taken(path.name)


def _has_the_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False
