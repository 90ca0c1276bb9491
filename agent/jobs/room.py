"""How much of the spool files are going to need, before they are masked. An estimate, and pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.jobs.rows import FileRow, FileState
from agent.watch.rotation import PACKED

_COPY = 0.25
"""Of a log's size, what its packed masked copy takes: a tenth to a fifth."""
_COPY_OF_ARCHIVE = 1.0
"""The masked copy of an archive is an archive again."""
_BUNDLE = 0.25
"""Of a file's size, what it takes in the bundle."""
_PER_BUNDLE = 100_000
"""Bytes of a bundle that no file accounts for."""


def room_for(files: Iterable[FileRow], *, copied: Callable[[FileRow], bool] = lambda _file: False) -> int:
    """Bytes for the masked copies of these files, and for the bundle with them.

    Args:
        files: that were collected.
        copied: whether the copy of a file lies in the spool already.
    """
    return (
        int(sum(file.raw_size * (_BUNDLE + _copy(file) * (not copied(file))) for file in files)) + _PER_BUNDLE
    )


def own_room(files: Iterable[FileRow], lying: Callable[[FileRow], int]) -> int:
    """Bytes of copies of these files that do not count against them: no job waits for what it made itself.

    A copy that is made again takes the place of the one that lies there, and one that is larger than it was
    thought to be was let in as that.

    Args:
        files: that are masked together.
        lying: bytes of the copy of a file that lies in the spool.
    """
    return sum(
        lying(file)
        if file.state is FileState.WAITING
        else max(0, lying(file) - int(file.raw_size * _copy(file)))
        for file in files
    )


def _copy(file: FileRow) -> float:
    inside = file.mark is not None and (file.mark.inside or file.mark.kept)
    return _COPY_OF_ARCHIVE if not inside and file.path.name.lower().endswith(PACKED) else _COPY
