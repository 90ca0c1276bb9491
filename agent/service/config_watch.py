"""Whether the configuration file has changed, and whoever writes it has finished."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Mark = tuple[int, int, int] | None


def mark_of(path: Path) -> Mark:
    """What changes with the content: time of change, size and file id; None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class ConfigWatch:
    """Asked every second or so; says once that a change is there, when it stayed for one more look.

    An editor that writes in several steps is waited for; a file that is missing for a moment is no change.
    """

    def __init__(self, path: Path, *, mark: Callable[[Path], Mark] = mark_of) -> None:
        self._path = path
        self._mark = mark
        self._taken = self._last = mark(path)

    def changed(self) -> bool:
        """Whether the file should be read now."""
        now, before = self._mark(self._path), self._last
        self._last = now
        if now is None or now == self._taken or now != before:
            return False
        self._taken = now
        return True
