"""Writing past the system's cache, where the system can.

What arrives must be durable in a moment. A copy in memory first gains nothing then, and making it and writing
it back costs more than all of the encryption.

A direct write needs a place in the file, a length and memory at borders of pages. Whatever is otherwise, and
every file system that refuses, is written in the usual way; both may take turns in one file.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from collections.abc import Sequence

PAGE = 4096
"""Bytes; a multiple of the block size of every disk that is in use."""

_REFUSED = frozenset({errno.EINVAL, errno.ENOTSUP})


def page_block(size: int) -> memoryview:
    """Memory at the border of a page, fit for direct writes; freed with its last view."""
    return memoryview(mmap.mmap(-1, size))


def in_pages(views: Sequence[memoryview]) -> list[memoryview]:
    """What of these views can be written at once past the cache: whole pages, from the first view on."""
    found: list[memoryview] = []
    for view in views:
        whole = len(view) // PAGE * PAGE
        if not whole or not isinstance(view.obj, mmap.mmap):
            break
        found.append(view[:whole])
        if whole < len(view):
            break
    return found


if sys.platform == "linux":
    import fcntl

    class DirectWrites:
        """Writes to one open file, and knows which way its descriptor writes now. For one thread."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self._flags = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_DIRECT
            self._on = False
            self._able = True

        def write(self, views: Sequence[memoryview], *, position: int) -> int:
            """Write some of the views, most of them as a rule.

            Args:
                views: in order, none of them empty; those of `page_block` may go past the cache.
                position: where the descriptor stands.

            Returns:
                How many bytes.

            Raises:
                OSError: no space left, the disk fails.
            """
            pages = in_pages(views) if position % PAGE == 0 else []
            if pages and self._able and self._turn(on=True):
                try:
                    return os.writev(self._descriptor, pages)
                except OSError as error:
                    if error.errno not in _REFUSED:
                        raise
                    self._able = False
            self._turn(on=False)
            return os.writev(self._descriptor, views)

        def _turn(self, *, on: bool) -> bool:
            """Whether the descriptor writes so now."""
            if self._on is not on:
                try:
                    fcntl.fcntl(self._descriptor, fcntl.F_SETFL, self._flags | (os.O_DIRECT if on else 0))
                    self._on = on
                except OSError:
                    self._able = False
            return self._on is on

else:

    class DirectWrites:
        """The usual way everywhere else."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor

        def write(self, views: Sequence[memoryview], *, position: int) -> int:  # noqa: ARG002
            """Write some of the views."""
            return os.write(self._descriptor, views[0])
