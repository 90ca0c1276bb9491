"""Whether the configuration, or a file that it names, has changed, and whoever writes it has finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

_MISSED_FOR = 10
"""Looks after which a file that is away is not being replaced, but gone."""
Mark = tuple[int, int, int] | None
Marks = tuple[Mark, ...]


def mark_of(path: Path) -> Mark:
    """What changes with the content: time of change, size and file id; None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def marks_of(paths: Sequence[Path]) -> Marks:
    """The marks of several files."""
    return tuple(mark_of(path) for path in paths)


class ConfigWatch:
    """Asked every second or so; says once that a change is there, when it stayed for one more look.

    An editor that writes in several steps is waited for; a file that is missing for a moment is no change.
    One that stays away is: people are told, and another one that the configuration names by now is read.
    """

    def __init__(self, marks: Callable[[], Marks]) -> None:
        """Take the present state for known.

        Args:
            marks: of the configuration file, and of those that it names.
        """
        self._marks = marks
        self._taken = self._last = marks()
        self._stayed = 0

    def changed(self) -> bool:
        """Whether the file should be read now."""
        now, before = self._marks(), self._last
        self._last = now
        self._stayed = self._stayed + 1 if now == before else 0
        patience = _MISSED_FOR if now.count(None) > self._taken.count(None) else 1
        if now == self._taken or self._stayed < patience:
            return False
        self._taken = now
        return True
