"""Writing through the system's cache, of which nothing stays there.

The system sends what was written to the disk at once, in sizes that suit the disk, while the next is written:
a disk that answers late is kept busy, which one direct write after the other does not do. Linux drops each
page from its cache once the disk has it, so that what others read there stays.

Where the system cannot (Linux before 6.14, some file systems), `DirectWrites` does it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from app.storage.direct import PAGE, DirectWrites

if sys.platform == "linux":
    _DROPPED_ONCE_WRITTEN = 0x80
    """The kernel's ``RWF_DONTCACHE``."""

    _REFUSED = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})

    class PassingWrites:
        """Writes to one open file. For one thread."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self._direct: DirectWrites | None = None

        def write(self, views: Sequence[memoryview], *, position: int) -> int:
            """Write some of the views, most of them as a rule.

            Args:
                views: in order, none of them empty.
                position: where in the file.

            Returns:
                How many bytes.

            Raises:
                OSError: no space left, the disk fails.
            """
            if self._direct is not None:
                return self._direct.write(views, position=position)
            if (position + sum(len(view) for view in views)) % PAGE:
                # The last page is written to again soon; dropped, it would have to be read first.
                return os.pwritev(self._descriptor, views, position)
            try:
                return os.pwritev(self._descriptor, views, position, _DROPPED_ONCE_WRITTEN)
            except NotImplementedError:
                pass  # this Python was built against a C library that knows no flags of a write
            except OSError as error:
                if error.errno not in _REFUSED:
                    raise
            os.lseek(self._descriptor, position, os.SEEK_SET)
            self._direct = DirectWrites(self._descriptor)
            return self._direct.write(views, position=position)

else:

    class PassingWrites(DirectWrites):
        """The usual way everywhere else."""
