"""The operating system's lock on an open file: it ends with its holder, however that ends."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import errno
    import msvcrt

    _HELD = frozenset({errno.EACCES, errno.EDEADLK})

    def try_lock(descriptor: int) -> bool:
        """Take it, without waiting; false when another holds it.

        Raises:
            OSError: there are no locks here.
        """
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _HELD:
                return False
            raise
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Take it, without waiting; false when another holds it.

        Raises:
            OSError: there are no locks here.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
