"""Hints on Linux: watchdog's inotify reader, with watches of our own choice.

The library's observer is not used: it walks the tree by itself, hides that watches have run out, answers an
overflow by walking again, and passes every event through two queues. Here the scan says which directories
there are, each gets its watch, and what the kernel refuses is counted.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyEvent, Mask

from agent.watch.folding import FoldingReader
from agent.watch.hints import OnHint

# Neither opened nor closed: looking at a directory would be news of it, without an end.
_MASK = Mask(
    InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_MOVED_FROM
    | InotifyConstants.IN_MOVED_TO
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_DELETE_SELF
    | InotifyConstants.IN_MOVE_SELF
    | InotifyConstants.IN_ONLYDIR
)
_ENDED = InotifyConstants.IN_DELETE_SELF | InotifyConstants.IN_MOVE_SELF | InotifyConstants.IN_UNMOUNT
_LIMIT_AGAIN = 60.0
"""Seconds until watches are asked for again after they had run out."""
_LIMIT_FILE = Path("/proc/sys/fs/inotify/max_user_watches")


@dataclass(slots=True)
class _Armed:
    """One directory with its watch; the library calls it with what happens there."""

    hints: InotifyHints
    folder: Path
    relative: str
    identity: tuple[int, int]
    callback: CallbackId
    descriptor: int = -1

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{self.folder}/{self.relative}" if self.relative else str(self.folder)

    def on_event(self, event: InotifyEvent) -> None:
        """Something happened in the directory, or to it."""
        if not event.mask & _ENDED or (event.is_move_self and self._is_there()):
            self.hints.heard(self.folder, self.relative)
        else:
            self.hints.ended(self)

    def on_watch_deleted(self, _wd: int) -> None:
        """The kernel has taken the watch away."""
        self.hints.ended(self)

    def on_queue_overflow(self) -> None:
        """Events were lost."""
        self.hints.overflowed(self.folder)

    def _is_there(self) -> bool:
        """Whether the directory has this name: one that is renamed may be listed before that is told."""
        try:
            seen = os.stat(self.path)  # noqa: PTH116 - as it was listed
        except OSError:
            return False
        return (seen.st_dev, seen.st_ino) == self.identity


class InotifyHints:
    """A `HintSource`. One watch for every directory, as long as the system has some."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is asked of the system yet.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._reader: FoldingReader | None = None
        self._on_hint: OnHint = lambda _folder, _relative: None
        self._armed: dict[tuple[Path, str], _Armed] = {}
        self._refused: dict[tuple[Path, str], str] = {}
        self._limit_until = 0.0
        self._trouble = ""
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def reason(self) -> str:
        """Why hints do not come for all directories; empty while they do."""
        if self._trouble:
            return self._trouble
        reader = self._reader
        if reader is not None and not reader.is_alive():
            return "The file events ended with an error."
        with self._lock:
            refused = dict(self._refused)
        if not refused:
            return ""
        return f"No file events for {len(refused)} folders: {next(iter(refused.values()))}"

    def start(self, on_hint: OnHint) -> None:
        """Ask the system for a queue of events."""
        self._on_hint = on_hint
        try:
            reader = FoldingReader(clock=self._clock)
            reader.start()
        except (OSError, RuntimeError) as error:
            told = "the limit of instances is reached" if _is(error, errno.EMFILE) else type(error).__name__
            self._trouble = f"File events cannot be had: {told}."
            return
        self._reader = reader

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        """Watch this directory, unless it is watched."""
        reader = self._reader
        if reader is None:
            return
        place = (folder, relative)
        with self._lock:
            before = self._armed.get(place)
            if before is not None and before.identity == identity:
                return
            if place in self._refused and self._clock() < self._limit_until:
                return
        if before is not None:
            self._drop(before)
        armed = _Armed(self, folder, relative, identity, CallbackId(next(self._ids)))
        # The watched folder itself may be a link; what is below it was listed, and was none.
        mask = Mask(_MASK | InotifyConstants.IN_DONT_FOLLOW) if relative else _MASK
        try:
            armed.descriptor = reader.add_callback(os.fsencode(armed.path), mask, armed, armed.callback)
        except OSError as error:
            self._refuse(place, error)
            return
        if armed.descriptor == -1:
            self._refuse(place, PermissionError(errno.EACCES, "the agent may not watch it"))
            return
        with self._lock:
            self._armed[place] = armed
            self._refused.pop(place, None)

    def disarm(self, folder: Path) -> None:
        """Give up the watches of a folder."""
        with self._lock:
            armed = [watch for (root, _), watch in self._armed.items() if root == folder]
            self._refused = {place: why for place, why in self._refused.items() if place[0] != folder}
        for watch in armed:
            self._drop(watch)

    def check(self) -> None:
        """`reason` says all that is known; `agent.watch.proving.CheckedHints` tries it out."""

    def stop(self) -> None:
        """End the reader's thread."""
        self._on_hint = lambda _folder, _relative: None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.stop()
            reader.join(5)
        with self._lock:
            self._armed.clear()

    def heard(self, folder: Path, relative: str | None) -> None:
        """Pass a hint on."""
        self._on_hint(folder, relative)

    def ended(self, armed: _Armed) -> None:
        """A directory was deleted, renamed or unmounted: its watch says nothing of its path any more."""
        place = (armed.folder, armed.relative)
        with self._lock:
            known = self._armed.get(place) is armed
            if known:
                del self._armed[place]
            below = (
                [
                    watch
                    for (root, relative), watch in self._armed.items()
                    if root == armed.folder and relative.startswith(f"{armed.relative}/")
                ]
                if known and armed.relative
                else []
            )
        if known:
            self._release(armed)
        for watch in below:
            self._drop(watch)
        self._on_hint(armed.folder, armed.relative.rpartition("/")[0] if armed.relative else None)

    def overflowed(self, folder: Path) -> None:
        """The queue was full; the library tells every watch of it, the folder is told once."""
        self._on_hint(folder, None)

    def _drop(self, armed: _Armed) -> None:
        with self._lock:
            if self._armed.get((armed.folder, armed.relative)) is armed:
                del self._armed[(armed.folder, armed.relative)]
        self._release(armed)

    def _release(self, armed: _Armed) -> None:
        reader = self._reader
        if reader is not None and armed.descriptor != -1:
            with contextlib.suppress(OSError):  # the watch may have gone with its directory
                reader.remove_callbacks([(armed.descriptor, armed.callback)])  # type: ignore[list-item]  # of watchdog

    def _refuse(self, place: tuple[Path, str], error: OSError) -> None:
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return  # gone since it was listed; the next look knows
        if error.errno == errno.ENOSPC:
            why = f"the system allows {_limit()} watches (fs.inotify.max_user_watches)."
            self._limit_until = self._clock() + _LIMIT_AGAIN
        else:
            why = f"{error.strerror or type(error).__name__}."
        with self._lock:
            self._refused[place] = why


def _is(error: Exception, number: int) -> bool:
    return isinstance(error, OSError) and error.errno == number


def _limit() -> str:
    try:
        return _LIMIT_FILE.read_text(encoding="ascii").strip()
    except OSError:
        return "no more"
