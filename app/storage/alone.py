"""One holder of a name at a time, over threads and processes; nobody waits, a killed one holds nothing."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.storage.locking import try_lock

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})
"""Some shares know no locks: there one holds as ever, and nobody is kept out."""

_GONE = frozenset({errno.ENOENT, errno.ESTALE})
_MOST_ROUNDS = 100
"""How often a name may be another file's before it counts as somebody else's."""

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
    for _round in range(_MOST_ROUNDS):
        descriptor = os.open(path, _FLAGS, 0o600)
        try:
            taken = _take(descriptor)
            if taken and _has_the_name(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not taken:
            break
    raise Taken(path.name)


def _take(descriptor: int) -> bool:
    try:
        return try_lock(descriptor)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return True
        raise


def _has_the_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except OSError as error:
        if error.errno in _GONE:
            return False
        raise
