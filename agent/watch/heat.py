"""Files that were written a short while ago: known one by one, so that they can be asked for often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.watch.listing import Entry
from agent.watch.opening import size_and_time

HOT_FOR = 600.0
"""Seconds without change after which a file is hot no longer."""
MOST_HOT = 2000


@dataclass(slots=True)
class _Hot:
    modified_ns: int
    size: int
    until: float


class Heat:
    """The hot files of one watched folder. Used by one thread."""

    def __init__(self, *, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        """None is hot yet.

        Args:
            clock: monotonic seconds.
            wall: seconds since 1970.
        """
        self._clock = clock
        self._wall = wall
        self._hot: dict[str, dict[str, _Hot]] = {}

    def __len__(self) -> int:
        """How many files are hot."""
        return sum(map(len, self._hot.values()))

    def warm(self, directory: str, files: Iterable[Entry], *, since_ns: int | None) -> None:
        """Take in which files of a directory that has changed are hot.

        Args:
            directory: relative.
            files: all that are in it now.
            since_ns: what was written after this time (nanoseconds since 1970) is hot; None where the
                directory was never looked at: what was written within `HOT_FOR`.
        """
        now = self._clock()
        if since_ns is None:
            since_ns = int((self._wall() - HOT_FOR) * 1e9)
        before = self._hot.get(directory, {})
        hot: dict[str, _Hot] = {}
        for name, _device, _inode, size, modified_ns, _changed_ns in files:
            known = before.get(name)
            if known is not None and (known.size, known.modified_ns) == (size, modified_ns):
                hot[name] = known
            elif known is not None or modified_ns > since_ns:
                hot[name] = _Hot(modified_ns=modified_ns, size=size, until=now + HOT_FOR)
        if hot:
            self._hot[directory] = hot
            self._cool()
        else:
            self._hot.pop(directory, None)

    def drop(self, directory: str) -> None:
        """The directory is not there any more."""
        self._hot.pop(directory, None)

    def changed(self, path_of: Callable[[str], str]) -> set[str]:
        """Directories in which a hot file has another size or time of change, or is not there.

        Args:
            path_of: the path of a file by its relative one.
        """
        now = self._clock()
        changed: set[str] = set()
        for directory in list(self._hot):
            files = self._hot[directory]
            for name in [name for name, file in files.items() if file.until < now]:
                del files[name]
            if not files:
                del self._hot[directory]
            elif any(
                _differs(path_of(f"{directory}/{name}" if directory else name), file)
                for name, file in files.items()
            ):
                changed.add(directory)
        return changed

    def _cool(self) -> None:
        """Keep the number of hot files in its bounds; those written last stay."""
        count = len(self)
        if count <= MOST_HOT:
            return
        oldest = sorted(
            (file.until, directory, name)
            for directory, files in self._hot.items()
            for name, file in files.items()
        )
        for _until, directory, name in oldest[: count - MOST_HOT * 3 // 4]:
            files = self._hot[directory]
            del files[name]
            if not files:
                del self._hot[directory]


def _differs(path: str, file: _Hot) -> bool:
    try:
        return size_and_time(path) != (file.size, file.modified_ns)
    except OSError:
        return True
